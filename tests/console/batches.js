/** Batches: from a file of a spreadsheet to messages on phones, and the pages that show how far they are. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { goTo, inaccessible, live, openConsole, see } from './browser.js';
import { readCsv } from '../../console/lib/csv.js';
import { until } from './stack.js';

/** @typedef {import('playwright-core').Page} Page */

/** Chooses a file of these lines. @param {Page} page @param {string} name @param {string | Buffer} text */
export const chooseFile = (page, name, text) => page.locator('input[type=file]').setInputFiles({ name, mimeType: 'text/csv', buffer: Buffer.from(text) });

/** How many messages of a number each phone has got. @param {any} stack @param {string} [numberId] @returns {Promise<Map<string, any[]>>} */
export async function arrived(stack, numberId = stack.phoneNumberId) {
  const { taken } = await (await fetch(`${stack.simulatorUrl}/ledger`)).json();
  const phones = new Map();
  for (const { message } of taken.filter((/** @type {any} */ one) => one.numberId === numberId)) {
    const phone = message.to.replace('+', '');
    phones.set(phone, [...(phones.get(phone) ?? []), message]);
  }
  return phones;
}

/** What is wrong with each row, as the page says. @param {Page} page */
const problems = (page) => page.locator('.problems tbody tr').evaluateAll((rows) => rows.map((row) => [...row.querySelectorAll('td')].map((cell) => cell.textContent).join(' | ')));

/** @param {import('node:test').TestContext} t @param {any} world */
export async function batchTests(t, { browser, stack, client }) {
  await t.test('a file becomes a batch: columns, a preview, errors by row, and each person gets the right message', async () => {
    await client.simulator('POST', '/v25.0/102290129340398/message_templates', { name: 'order_sent', language: 'pt_BR', category: 'MARKETING', components: [{ type: 'BODY', text: 'Olá, {{1}}! O pedido *{{2}}* saiu.' }] });
    await client.text('5511955501003', 'Hello');
    await client.simulator('PUT', '/people/5511955501003/preferences', { to: stack.phoneNumberId, marketing: 'stop' });
    await until(async () => (await client.call('GET', `/v1/chats?instanceId=${stack.instanceId}`)).data.some((/** @type {any} */ chat) => chat.optedOut));
    const { page, close } = await openConsole(browser, stack, { view: 'batches', isLive: true });
    await live(page);
    await page.getByRole('link', { name: 'New batch' }).click();
    const text = '\ufeffNome;Celular;Pedido;Obs\r\n"Ana ""Aninha"" Souza";+55 (11) 95550-1001;A-1;"x;y"\r\nBruno;005511955501002;A-2;\r\nCarla;5511955501003;A-3;\r\nDora;;A-4;\r\nEva;911;A-5;\r\n;5511955501006;A-6;\r\nGil;5511955501001;A-7;\r\nHugo;5,51E+12;A-8;\r\n\r\nIvo;abc;A-9;\r\n';
    const dropped = await page.evaluateHandle((/** @type {string} */ content) => {
      const data = new DataTransfer();
      data.items.add(new File([content], 'pedidos.csv', { type: 'text/csv' }));
      return data;
    }, text);
    await page.locator('.drop').dispatchEvent('drop', { dataTransfer: dropped });
    await see(page, '9 rows, 4 columns');
    await page.getByLabel('Template', { exact: true }).selectOption('order_sent pt_BR');
    const chosen = async (/** @type {string} */ label) => page.getByLabel(label, { exact: true }).evaluate((select) => /** @type {HTMLSelectElement} */ (select).selectedOptions[0].textContent);
    assert.equal(await chosen('Number or user id'), 'Celular');
    await page.getByLabel('Text: {{1}}').selectOption('Nome');
    await page.getByLabel('Text: {{2}}').selectOption('Pedido');
    await page.getByLabel('Reference').selectOption('Pedido');
    const preview = page.getByRole('group', { name: 'Preview' });
    await preview.getByText('Olá, Ana "Aninha" Souza! O pedido A-1 saiu.').waitFor();
    assert.equal(await preview.count(), 3);
    assert.deepEqual(await problems(page), [
      '5 | – | The number is missing.', '6 | +911 | A number has 7 to 15 digits, country code first; this has 3.', '7 | +5511955501006 | “Text: {{1}}” is missing.',
      '8 | +5511955501001 | Row 2 has the same recipient.', '9 | 5,51E+12 | A spreadsheet has shortened the number: format its column as text.', '11 | abc | This is neither a phone number nor a user id.',
    ]);
    assert.deepEqual(await inaccessible(page), []);

    await page.getByRole('button', { name: 'Send', exact: true }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('Rows with errors are left out: 6.').waitFor();
    await dialog.getByRole('button', { name: 'Send now' }).click();
    await see(page, '3 of 3 recipients sent');
    assert.deepEqual((await problems(page)).map((row) => row.replace(/`to` .* opted out .*\./, 'opted out')), ['4 | +5511955501003 | opted out recipient_opted_out']);
    const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Download as CSV' }).click()]);
    assert.equal(file.suggestedFilename(), 'pedidos-errors.csv');
    const [names, row] = readCsv(readFileSync(/** @type {string} */ (await file.path()), 'utf8').slice(1)).rows;
    assert.deepEqual(names.cells, ['Nome', 'Celular', 'Pedido', 'Obs', 'Row', 'Code', 'Problem']);
    assert.deepEqual(row.cells.slice(0, 6), ['Carla', '5511955501003', 'A-3', '', '4', 'recipient_opted_out']);

    await page.getByRole('link', { name: 'Part 1' }).click();
    await see(page, '2 of 2 have left (100%)');
    await page.locator('.counts div', { hasText: 'read' }).getByText('2', { exact: true }).waitFor(); // by events alone
    const phones = await arrived(stack);
    const said = (/** @type {string} */ person) => phones.get(person)?.map(({ template }) => template.components[0].parameters.map((/** @type {any} */ one) => one.text).join());
    assert.deepEqual([said('5511955501001'), said('5511955501002'), said('5511955501003')], [['Ana "Aninha" Souza,A-1'], ['Bruno,A-2'], undefined]);
    await page.getByRole('link', { name: 'Its messages' }).click();
    await page.waitForFunction(() => document.querySelectorAll('.rows tbody tr').length === 2);
    await page.getByRole('row', { name: /Bruno|5511955501002|A-2/ }).getByRole('link').click();
    await page.locator('.fact', { hasText: 'Batch' }).getByRole('link').click();
    await page.getByRole('heading', { name: /^Batch of/ }).waitFor();
    await goTo(page, 'batches/new');
    await page.getByRole('button', { name: 'Done' }).click();
    await page.locator('.rows tbody tr').first().waitFor();
    assert.equal(await page.locator('.hint').count(), 0);
    await close();
  });

  await t.test('a text is scheduled, stays typed over a reload, and is canceled after one question', async () => {
    const before = (await client.call('GET', '/v1/account')).data.credits;
    const { page, close } = await openConsole(browser, stack, { view: 'batches/new' });
    await chooseFile(page, 'people.csv', 'phone,text\n5511955502001,First\n5511955502002,Second');
    await page.getByRole('button', { name: 'Text', exact: true }).click();
    await page.getByRole('group', { name: 'Preview' }).getByText('First').waitFor();
    await page.getByLabel('Text', { exact: true }).selectOption('The same for everybody');
    await page.getByLabel('Text, for everybody').fill('A *careful* text');
    const local = (/** @type {number} */ hours) => page.evaluate((ahead) => {
      const at = new Date(Date.now() + ahead * 3_600_000);
      return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
    }, hours);
    await page.getByLabel('Send at').fill(await local(-1));
    await see(page, 'The time is past.');
    assert.equal(await page.getByRole('button', { name: 'Schedule' }).isDisabled(), true);
    await page.getByLabel('Send at').fill(await local(2));
    await page.getByLabel('Give up after').selectOption('1 hour');
    await page.reload();
    await page.locator('nav').waitFor();
    assert.equal(await page.getByLabel('Text, for everybody').inputValue(), 'A *careful* text');
    await page.getByRole('group', { name: 'Preview' }).locator('strong', { hasText: 'careful' }).first().waitFor();
    await page.getByRole('button', { name: 'Schedule' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Schedule' }).click();
    await page.getByRole('link', { name: 'Part 1' }).click();
    await page.locator('.fact', { hasText: 'Status' }).getByText('scheduled').waitFor();
    await see(page, 'Scheduled for');
    assert.equal((await client.call('GET', '/v1/account')).data.credits, before - 2);
    const cancel = () => page.getByRole('button', { name: 'Cancel the batch' });
    await cancel().click();
    await page.getByRole('dialog').getByText('2 messages that still wait are not sent').waitFor();
    await page.keyboard.press('Escape');
    await cancel().click();
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel the batch' }).click();
    await page.locator('.fact', { hasText: 'Status' }).getByText('canceled').waitFor();
    await page.locator('.counts div', { hasText: 'failed' }).getByText('2', { exact: true }).waitFor();
    assert.equal(await cancel().count(), 0);
    await until(async () => (await client.call('GET', '/v1/account')).data.credits === before);
    await goTo(page, 'batches');
    await page.getByRole('table', { name: 'Batches' }).locator('tbody tr').first().getByText('canceled').waitFor();
    await see(page, 'people.csv is sent: 2 recipients.');
    const { data } = await client.call('GET', `/v1/batches?instanceId=${stack.instanceId}&limit=1`);
    const { data: messages } = await client.call('GET', `/v1/messages?batchId=${data[0].batchId}`);
    assert.deepEqual(messages.map((/** @type {any} */ one) => [one.content, one.expiresIn]), [['A *careful* text', 3600], ['A *careful* text', 3600]]);
    await close();
  });

  await t.test('files that are no table of recipients are refused with a reason', async () => {
    const { page, close } = await openConsole(browser, stack, { view: 'batches/new', phone: true });
    for (const [name, text, reason] of /** @type {[string, string | Buffer, RegExp][]} */ ([
      ['table.xlsx', Buffer.from([0x50, 0x4b, 3, 4, 0, 0, 8]), /no CSV file/], ['empty.csv', '\n\n', /The file is empty/], ['open.csv', 'to\n"5511955503001\n', /Row 2 has a quote/],
      ['many.csv', `to\n${'5511955503001\n'.repeat(100_001)}`, /100,002 rows; a batch has at most 100,000/],
    ])) {
      await chooseFile(page, name, text);
      await see(page, reason);
    }
    await chooseFile(page, 'numbers.csv', '5511955503001;Ana\n5511955503002;Bruno\n');
    await see(page, '2 rows, 2 columns');
    assert.equal(await page.getByLabel('The first row has names').isChecked(), false);
    assert.deepEqual(await inaccessible(page), []);
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
    await page.getByRole('button', { name: 'Start again' }).click();
    await see(page, 'A table with one recipient a row');
    await close();
  });

  await t.test('numbers that a program wrote as decimals or with a national 0 are refused', async () => {
    const { page, close } = await openConsole(browser, stack, { view: 'batches/new' });
    await chooseFile(page, 'pandas.csv', 'phone;text\n5511955506001.0;a\n5511955506002,00;b\n+5511955506003.0;c\n+49 (0)151 23456789;d\n+55 (11) 95550-6004;e\n5511.95550.6005;f');
    await page.getByRole('button', { name: 'Text', exact: true }).click();
    await see(page, '2 messages, 4 rows left out');
    const decimals = 'The number has decimal places: format its column as text.';
    assert.deepEqual(await problems(page), [
      `2 | 5511955506001.0 | ${decimals}`, `3 | 5511955506002,00 | ${decimals}`, `4 | +5511955506003.0 | ${decimals}`,
      '5 | +49 (0)151 23456789 | Leave out the (0): it is not part of an international number.',
    ]);
    await close();
  });

  await t.test('a batch is made with the keyboard alone', async () => {
    const { page, close } = await openConsole(browser, stack, { view: 'batches', locale: 'pt-BR' });
    // Long before the key is pressed: the browser takes choosers over only after it was told to.
    const chosen = page.waitForEvent('filechooser', { timeout: 60_000 });
    const tabTo = async (/** @type {string} */ selector) => {
      for (let steps = 0; steps < 60; steps += 1) {
        await page.keyboard.press('Tab');
        if (await page.evaluate((wanted) => document.activeElement?.matches(wanted), selector)) return;
      }
      throw new Error(`${selector} cannot be reached by Tab`);
    };
    await tabTo('a[href="#/batches/new"].primary');
    await page.keyboard.press('Enter');
    await page.locator('.drop').waitFor();
    await tabTo('.drop input');
    await page.keyboard.press('Enter');
    await (await chosen).setFiles({ name: 'pessoas.csv', mimeType: 'text/csv', buffer: Buffer.from('telefone;nome;nota\n5511955505001;Ana;a\n5511955505002;Bia;b\n123;Caio;c') });
    await page.locator('.sides').waitFor();
    await tabTo('.choice button[aria-pressed=false]');
    await page.keyboard.press('Enter');
    await tabTo('.cards select');
    await tabTo('.cards select');
    await page.keyboard.type('nota');
    await page.getByRole('group', { name: 'Prévia' }).getByText('b', { exact: true }).waitFor();
    await tabTo('.problems-list');
    await tabTo('main .primary');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    await tabTo('dialog .primary');
    await page.keyboard.press('Enter');
    await see(page, '2 de 2 destinatários enviados');
    await close();
  });

  await t.test('who may not send sees batches without buttons, and the operator as well', async () => {
    for (const key of [(await client.key(['messages:read', 'instances:read'])).key, stack.adminKey]) {
      const { page, close } = await openConsole(browser, stack, { key, view: 'batches' });
      if (key === stack.adminKey) {
        await goTo(page, `operator/accounts/${stack.accountId}`);
        await page.getByRole('button', { name: 'Look at what it has' }).click();
        await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
        await goTo(page, 'batches');
      }
      await page.locator('.rows tbody tr').first().waitFor();
      assert.equal(await page.getByRole('link', { name: 'New batch' }).count(), 0);
      await page.locator('.rows a').first().click();
      await page.getByRole('heading', { name: /^Batch of/ }).waitFor();
      assert.equal(await page.getByRole('button', { name: 'Cancel the batch' }).count(), 0);
      await goTo(page, 'batches/new');
      await page.locator('.rows').waitFor();
      assert.equal(await page.locator('[role=alert]').count(), 0);
      await close();
    }
  });
}
