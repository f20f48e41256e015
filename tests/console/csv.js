/** The console's reading and writing of CSV, without a browser. */
import assert from 'node:assert/strict';
import { readCsv, textOf, writeCsv } from '../../console/lib/csv.js';

/** @param {string} text */
const cells = (text) => readCsv(text).rows.map((row) => row.cells);

/** @param {import('node:test').TestContext} t */
export async function csvTests(t) {
  await t.test('files of spreadsheets are read with their separators, quotes, marks and encodings', () => {
    const table = [['number', 'name, "quoted"'], ['5511', 'two\nlines; here'], ['5512', '']];
    for (const separator of [',', ';', '\t']) {
      for (const end of ['\r\n', '\n', '\r']) {
        const text = table.map((row) => row.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(separator)).join(end);
        assert.deepEqual([cells(text), cells(text + end)], [table, table], JSON.stringify(text));
      }
    }
    assert.deepEqual(cells('a;b,c;d\n1;2,3;'), [['a', 'b,c', 'd'], ['1', '2,3', '']]);
    assert.deepEqual(readCsv('a,b\n\n , \n1,2').rows.map(({ number }) => number), [1, 4]);
    assert.deepEqual([readCsv('a\n"b\nc').unclosed, readCsv('a\n"b"\n').unclosed, readCsv('').rows], [2, undefined, []]);
    const bytes = (/** @type {Buffer} */ buffer) => Uint8Array.from(buffer).buffer;
    for (const [buffer, name] of /** @type {[Buffer, string][]} */ ([
      [Buffer.from('\ufeffJoão'), 'UTF-8 with its mark'], [Buffer.from('João'), 'UTF-8'], [Buffer.from('João', 'latin1'), 'Windows'], [Buffer.from('\ufeffJoão', 'utf16le'), 'UTF-16'],
    ])) assert.equal(textOf(bytes(buffer)), 'João', name);
  });

  await t.test('what is written is no formula in a spreadsheet, and is read as it was', () => {
    const hostile = ['=1+1', '+5511999999999', '-2', '@SUM(A1)', '\tx', '  =1', '＝1', 'a"b', 'c,d;e\nf'];
    const text = writeCsv([hostile]);
    assert.deepEqual(cells(text.slice(1)), [hostile]);
    const shown = [...text.matchAll(/"((?:[^"]|"")*)"/g)].map(([, cell]) => cell);
    assert.deepEqual(shown.filter((cell) => /^\s*[=+\-@＝]/.test(cell) || /^[\t\r\n]/.test(cell)), []);
  });
}
