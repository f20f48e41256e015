/** A template's parameters as fields, its preview, and the `components` that send it. */
import { get } from './api.js';
import { t } from './i18n.js';
import { session } from './session.js';

/**
 * @typedef {object} Parameter
 * @property {string} id
 * @property {'header' | 'body' | 'button'} part
 * @property {string} kind `text`, a button's `url` or `copy_code`, or the kind of a header's file
 * @property {string} name what stands between the braces, or the button's text
 * @property {number} [index] of a button
 */

const HOLE = /\{\{\s*([^{}\s]+)\s*\}\}/g;

/** @param {string | undefined} text */
const holes = (text) => [...new Set([...(text ?? '').matchAll(HOLE)].map(([, name]) => name))];

/** @param {any} template @param {string} type */
export const componentOf = (template, type) => (template.components ?? []).find((/** @type {any} */ one) => one.type?.toUpperCase() === type);

/** The templates of the instance that may be sent: the first hundred. @param {AbortSignal} signal @returns {Promise<any[]>} */
export const approvedTemplates = async (signal) => (await get('/v1/templates', { instanceId: session.get()?.instanceId, status: 'APPROVED', limit: 100 }, signal)).data;

/** @param {any} template */
export const templateId = (template) => `${template.name} ${template.language}`;

/** @param {any[]} templates @returns {[string, string][]} */
export const templateOptions = (templates) => templates.map((one) => [templateId(one), `${one.name} · ${one.language}`]);

/** @param {Parameter} parameter */
export function parameterLabel({ part, kind, name }) {
  if (part === 'button') return t('Parameter of the button {name}', { name });
  if (kind !== 'text') return t('URL of the {kind} in the header', { kind: t(kind) });
  return part === 'header' ? t('Header: {name}', { name: `{{${name}}}` }) : t('Text: {name}', { name: `{{${name}}}` });
}

/** @param {any} template @returns {Parameter[]} */
export function parametersOf(template) {
  const header = componentOf(template, 'HEADER');
  const format = header?.format?.toLowerCase() ?? 'text';
  const buttons = componentOf(template, 'BUTTONS')?.buttons ?? [];
  return [
    ...(header && format !== 'text' ? [parameter('header', format, format)] : holes(header?.text).map((name) => parameter('header', 'text', name))),
    ...holes(componentOf(template, 'BODY')?.text).map((name) => parameter('body', 'text', name)),
    ...buttons.flatMap((/** @type {any} */ button, /** @type {number} */ index) => {
      if (button.type === 'COPY_CODE') return [parameter('button', 'copy_code', button.text ?? 'COPY_CODE', index)];
      return button.type === 'URL' && holes(button.url).length ? [parameter('button', 'url', button.text, index)] : [];
    }),
  ];
}

/** @param {'header' | 'body' | 'button'} part @param {string} kind @param {string} name @param {number} [index] @returns {Parameter} */
const parameter = (part, kind, name, index) => ({ id: `${part}.${index ?? name}`, part, kind, name, index });

/** The request's `template`. @param {any} template @param {Record<string, string>} values */
export function templateBody(template, values) {
  const all = parametersOf(template);
  const isNamed = template.parameterFormat === 'NAMED';
  const text = (/** @type {Parameter} */ { id, name }) => ({ type: 'text', text: values[id] ?? '', ...(isNamed && { parameter_name: name }) });
  const components = [];
  const header = all.filter(({ part }) => part === 'header');
  if (header.length) {
    const value = (/** @type {Parameter} */ one) => (one.kind === 'text' ? text(one) : { type: one.kind, [one.kind]: { link: values[one.id] ?? '' } });
    components.push({ type: 'header', parameters: header.map(value) });
  }
  const body = all.filter(({ part }) => part === 'body');
  if (body.length) components.push({ type: 'body', parameters: body.map(text) });
  for (const { id, kind, index } of all.filter(({ part }) => part === 'button')) {
    const own = kind === 'url' ? { type: 'text', text: values[id] ?? '' } : { type: 'coupon_code', coupon_code: values[id] ?? '' };
    components.push({ type: 'button', sub_type: kind, index: String(index), parameters: [own] });
  }
  return { name: template.name, language: template.language, components };
}

/** A text with the values in place of its holes; a hole without a value stays. @param {string} text @param {string} part @param {Record<string, string>} values */
export const filled = (text, part, values) => text.replace(HOLE, (hole, name) => values[`${part}.${name}`] || hole);
