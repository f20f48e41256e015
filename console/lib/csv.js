/** CSV as spreadsheets write it: read with their separators and encodings, and written so that no cell becomes a formula. */

const SEPARATORS = [',', ';', '\t'];
/** What spreadsheets take for a formula, also after spaces and in its full width. */
const FORMULA = /^\s*[=+\-@＝＋－＠]|^[\t\r\n]/;

/** @typedef {{ number: number, cells: string[] }} CsvRow `number` is that of the spreadsheet, from 1 */

/** The text of a file: UTF-8 or UTF-16 by its mark, else what Excel writes in western Europe and America. @param {ArrayBuffer} bytes */
export function textOf(bytes) {
  const [first, second] = new Uint8Array(bytes);
  if (first === 0xff && second === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('windows-1252').decode(bytes);
  }
}

/** The rows that are not empty. `unclosed` is the row with a quote that nothing closes.
 * @param {string} text @returns {{ rows: CsvRow[], unclosed?: number }} */
export function readCsv(text) {
  const separator = separatorOf(text);
  const plain = new RegExp(`[^${separator}\\r\\n]*`, 'y');
  /** @type {CsvRow[]} */
  const rows = [];
  let [at, number, cells, unclosed] = [0, 1, /** @type {string[]} */ ([]), /** @type {number | undefined} */ (undefined)];
  while (at < text.length) {
    const quoted = text[at] === '"' ? readQuoted(text, at) : { value: '', end: at };
    if (quoted.end > text.length) unclosed ??= number;
    plain.lastIndex = quoted.end;
    cells.push(unguarded(quoted.value + (plain.exec(text)?.[0] ?? '')));
    at = Math.max(plain.lastIndex, quoted.end);
    if (text[at] === separator) {
      at += 1;
      if (at < text.length) continue;
      cells.push('');
    }
    if (cells.some((cell) => cell.trim())) rows.push({ number, cells });
    at += text.startsWith('\r\n', at) ? 2 : 1;
    [number, cells] = [number + 1, []];
  }
  return { rows, unclosed };
}

/** A cell from its quote on, and what follows it: beyond the text if nothing closes it. @param {string} text @param {number} start */
function readQuoted(text, start) {
  let value = '';
  for (let at = start; ; ) {
    const end = text.indexOf('"', at + 1);
    if (end < 0) return { value: value + text.slice(at + 1), end: text.length + 1 };
    value += text.slice(at + 1, end);
    if (text[end + 1] !== '"') return { value, end: end + 1 };
    value += '"';
    at = end + 1;
  }
}

/** The one that the first row has most of, outside quotes. @param {string} text */
function separatorOf(text) {
  const [row] = text.replace(/"[^"]*"/g, '').split(/[\r\n]/, 1);
  const counts = SEPARATORS.map((one) => row.split(one).length);
  return SEPARATORS[counts.indexOf(Math.max(...counts))];
}

/** A file that spreadsheets open as text in columns. @param {string[][]} rows */
export function writeCsv(rows) {
  const cell = (/** @type {string} */ value) => `"${(FORMULA.test(value) ? `'${value}` : value).replaceAll('"', '""')}"`;
  return `\ufeff${rows.map((row) => row.map(cell).join(',')).join('\r\n')}\r\n`;
}

/** A cell without what `writeCsv` put before it. @param {string} cell */
const unguarded = (cell) => (cell.startsWith("'") && FORMULA.test(cell.slice(1)) ? cell.slice(1) : cell);

/** Saves a file of the browser's. @param {string} name @param {string[][]} rows */
export function downloadCsv(name, rows) {
  const url = URL.createObjectURL(new Blob([writeCsv(rows)], { type: 'text/csv' }));
  const link = Object.assign(document.createElement('a'), { href: url, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
