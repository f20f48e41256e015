/** Every text of the console has a Portuguese one, and none is left over. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import portuguese from '../../console/lib/pt.js';

const CONSOLE = fileURLToPath(new URL('../../console', import.meta.url));

/** @param {import('node:test').TestContext} t */
export async function translationTests(t) {
  await t.test('every text has a translation with the same parts, and every translation is used', () => {
    const files = readdirSync(CONSOLE, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.js') && !file.includes('vendor') && !file.endsWith('pt.js'));
    const sources = files.map((file) => readFileSync(`${CONSOLE}/${file}`, 'utf8')).join('\n');
    const texts = new Set([...sources.matchAll(/\bt\(\s*'([^']+)'/g)].map(([, text]) => text));
    assert.ok(texts.size > 200);
    assert.deepEqual([...texts].filter((text) => !(text in portuguese)), [], 'not translated');
    const isUsed = (/** @type {string} */ text) => sources.includes(`'${text}'`) || /^\w+$/.test(text);
    assert.deepEqual(Object.keys(portuguese).filter((text) => !isUsed(text)), [], 'translated in vain');
    const parts = (/** @type {string} */ text) => [...text.matchAll(/\{\w+\}/g)].map(([part]) => part).sort().join();
    assert.deepEqual(Object.entries(portuguese).filter(([text, own]) => parts(text) !== parts(own)), [], 'other parts');
  });
}
