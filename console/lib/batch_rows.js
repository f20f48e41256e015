/** The rows of a file as recipients of a batch: which column is what, and what is wrong with each row before anything is sent. */
import { linkable } from './format.js';
import { t } from './i18n.js';
import { parameterLabel, parametersOf, templateBody } from './templates.js';

/** The most rows of a file. */
export const MOST_ROWS = 100_000;
/** The API's limits, in characters. */
const [LONGEST_TEXT, LONGEST_REFERENCE] = [4096, 64];
/** How many rows are looked at to find the column with the numbers. */
const LOOKED_AT = 20;

/** In place of a column: one value for all. */
export const SAME = 'same';

/** @typedef {{ id: string, label: string, isRequired: boolean, maySame: boolean, kind?: string }} Target what a column can be */
/** @typedef {{ columns: Record<string, string>, same: Record<string, string> }} Mapping by the target: a column's index or `SAME`, and the values of the latter */
/** @typedef {{ number: number, cells: string[], to: string, values: Record<string, string>, problem?: string }} CheckedRow */

/** What columns are chosen for. @param {any} template none for texts @returns {Target[]} */
export function targetsOf(template) {
  const parameters = template ? parametersOf(template).map((one) => ({ id: one.id, label: parameterLabel(one), isRequired: true, maySame: true, kind: one.kind })) : [];
  return [
    { id: 'to', label: t('Number or user id'), isRequired: true, maySame: false },
    ...(template ? parameters : [{ id: 'message', label: t('Text'), isRequired: true, maySame: true }]),
    { id: 'reference', label: t('Reference'), isRequired: false, maySame: false },
  ];
}

/** @type {Record<string, RegExp>} */
const NAMES = {
  to: /^(to|phone|phone ?number|telefone|celular|n[uú]mero|number|whatsapp|destinat[aá]rio|recipient)$/i,
  message: /^(message|text|mensagem|texto)$/i, reference: /^(reference|refer[eê]ncia|ref|order|pedido|id)$/i,
};

/** Whether the first row has names: none of it is a number to write to. @param {import('./csv.js').CsvRow[]} rows */
export const hasNames = (rows) => rows.length > 1 && !rows[0].cells.some((cell) => recipientOf(cell).to);

/** The columns as their names and contents suggest. @param {string[]} names @param {import('./csv.js').CsvRow[]} rows @param {Target[]} targets @returns {Record<string, string>} */
export function suggestedColumns(names, rows, targets) {
  /** @type {Record<string, string>} */
  const columns = {};
  const free = new Set(names.map((_, index) => index));
  const take = (/** @type {string} */ id, /** @type {number | undefined} */ index) => {
    if (index !== undefined && index >= 0 && free.delete(index)) columns[id] = String(index);
  };
  const named = (/** @type {(name: string) => boolean} */ fits, from = [...free]) => from.find((index) => fits(names[index].trim()));
  const numbers = (/** @type {number} */ index) => rows.slice(0, LOOKED_AT).filter(({ cells }) => recipientOf(cells[index] ?? '').to).length;
  take('to', named((name) => NAMES.to.test(name)) ?? [...free].reduce((best, index) => (numbers(index) > numbers(best) ? index : best), 0));
  const others = targets.filter(({ id, isRequired }) => isRequired && id !== 'to');
  for (const { id } of others) take(id, named((name) => NAMES[id]?.test(name) ?? name.toLowerCase() === id.split('.')[1]?.toLowerCase()));
  for (const { id } of others) if (!columns[id]) take(id, [...free][0]);
  const reference = named((name) => NAMES.reference.test(name), names.map((_, index) => index)); // a message may say it as well
  if (reference !== undefined && String(reference) !== columns.to) columns.reference = String(reference);
  return columns;
}

/** What has no column and no value. @param {Mapping} mapping @param {Target[]} targets */
export const unchosen = ({ columns, same }, targets) => targets.filter(({ id, isRequired }) => isRequired && !(columns[id] === SAME ? same[id]?.trim() : columns[id]));

/** The rows with what is wrong with them; what has no column is not their fault. @param {import('./csv.js').CsvRow[]} rows @param {Mapping} mapping @param {Target[]} targets @returns {CheckedRow[]} */
export function checkRows(rows, { columns, same }, targets) {
  /** @type {Map<string, number>} */
  const seen = new Map();
  const missing = unchosen({ columns, same }, targets);
  const chosen = targets.filter((target) => !missing.includes(target));
  return rows.map(({ number, cells }) => {
    const valueOf = (/** @type {Target} */ { id }) => ((columns[id] === SAME ? same[id] : cells[Number(columns[id] || -1)]) ?? '').trim();
    const values = Object.fromEntries(targets.map((target) => [target.id, valueOf(target)]));
    const { to, problem } = recipientOf(values.to);
    const first = to ? seen.get(to) : undefined;
    if (to && first === undefined) seen.set(to, number);
    const repeated = first === undefined ? undefined : t('Row {n} has the same recipient.', { n: first });
    return { number, cells, to: to || values.to, values, problem: problem ?? repeated ?? problemOf(values, chosen) };
  });
}

/** The recipient that a cell names, or why it names none. @param {string} cell @returns {{ to: string, problem?: string }} */
function recipientOf(cell) {
  const text = cell.trim();
  if (/^[A-Z]{2}\.(ENT\.)?[A-Za-z0-9]{1,128}$/.test(text)) return { to: text };
  const digits = text.replace(/[\s+().\-\u2010-\u2015]/g, '').replace(/^00/, '');
  const problem = (/** @type {string} */ why) => ({ to: '', problem: why });
  if (!digits) return problem(t('The number is missing.'));
  if (/^\d+([.,]\d+)?e\+?\d+$/i.test(text)) return problem(t('A spreadsheet has shortened the number: format its column as text.'));
  if (/^\+?\d+[.,]\d{1,2}$/.test(text)) return problem(t('The number has decimal places: format its column as text.'));
  if (/\(\s*0\s*\)/.test(text)) return problem(t('Leave out the (0): it is not part of an international number.'));
  if (!/^\d+$/.test(digits)) return problem(t('This is neither a phone number nor a user id.'));
  if (digits.startsWith('0')) return problem(t('A number begins with its country code, never with 0.'));
  if (digits.length < 7 || digits.length > 15) return problem(t('A number has 7 to 15 digits, country code first; this has {n}.', { n: digits.length }));
  return { to: digits };
}

/** @param {Record<string, string>} values @param {Target[]} targets */
function problemOf(values, targets) {
  for (const { id, label, isRequired, kind } of targets) {
    if (isRequired && !values[id]) return t('“{name}” is missing.', { name: label });
    if (kind && kind !== 'text' && !['url', 'copy_code'].includes(kind) && !linkable(values[id])) return t('“{name}” must be a URL.', { name: label });
    if (kind === 'text' && /[\n\r\t]| {5}/.test(values[id])) return t('“{name}” has a line break, a tab or five spaces, which WhatsApp refuses.', { name: label });
    const most = { message: LONGEST_TEXT, reference: LONGEST_REFERENCE }[id];
    if (most && [...values[id]].length > most) return t('“{name}” has more than {n} characters.', { name: label, n: most });
  }
  return undefined;
}

/** The request without its recipients, and these. What all have in common is said once.
 * @param {CheckedRow[]} rows those without problems @param {Mapping} mapping @param {any} template */
export function requestOf(rows, { columns }, template) {
  const isOwn = template ? parametersOf(template).some(({ id }) => columns[id] !== SAME) : columns.message !== SAME;
  const contentOfRow = (/** @type {Record<string, string>} */ values) => (template ? { template: templateBody(template, values) } : { message: values.message });
  const recipients = rows.map(({ to, values }) => ({ to, ...(values.reference && { reference: values.reference }), ...(isOwn && contentOfRow(values)) }));
  return { common: isOwn || !rows[0] ? {} : contentOfRow(rows[0].values), recipients };
}

/** The names of columns, and the rows below them. @param {import('./csv.js').CsvRow[]} rows @param {boolean} hasHeader */
export function tableOf(rows, hasHeader) {
  const width = Math.max(0, ...rows.slice(0, LOOKED_AT).map(({ cells }) => cells.length));
  const names = Array.from({ length: width }, (_, index) => (hasHeader && rows[0].cells[index]?.trim()) || t('Column {n}', { n: index + 1 }));
  return { names, rows: hasHeader ? rows.slice(1) : rows };
}
