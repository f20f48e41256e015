/** What strangers fill is text: names, texts, captions, file names, template names, answers of endpoints, usernames. */
import assert from 'node:assert/strict';
import { goTo, openConsole, see } from './browser.js';
import { startEndpoint, until } from './stack.js';

const ATTACK = `"><img src=x onerror="window.hacked=1"><script>window.hacked=1</script>`;
const LINK = 'javascript:window.hacked=1';

/** @param {import('node:test').TestContext} t @param {any} world */
export async function hostileTests(t, { browser, stack, client }) {
  await t.test('nothing that a stranger writes is more than text', async () => {
    const person = '5511933330001';
    await client.simulator('PUT', `/people/${person}`, { name: `Name ${ATTACK}` });
    const write = (/** @type {any} */ message) => client.write(person, message);
    await write({ type: 'text', text: { body: `Text ${ATTACK} *b${ATTACK}* ${LINK} https://example.com/"onmouseover="window.hacked=1` } });
    await write({ type: 'document', document: { mime_type: 'text/plain', data: 'YQ==', filename: `File ${ATTACK}`, caption: `Caption ${ATTACK}` } });
    await write({ type: 'location', location: { latitude: 1, longitude: 2, name: `Place ${ATTACK}`, address: `Street ${ATTACK}` } });
    await write({ type: 'contacts', contacts: [{ name: { formatted_name: `Card ${ATTACK}`, first_name: 'x' }, phones: [{ phone: `Phone ${ATTACK}` }] }] });
    await write({ type: 'text', text: { body: 'From an advertisement' }, referral: { source_url: LINK, source_type: 'ad', source_id: ATTACK, headline: `Headline ${ATTACK}`, body: `Advertisement ${ATTACK}` } });
    await write({ type: 'interactive', interactive: { type: 'button_reply', button_reply: { id: `Id ${ATTACK}`, title: `Button ${ATTACK}` } } });

    // Members by which the renderer knows its own elements, and cards that are none.
    const element = { __b: 1, constructor: null, type: 'div', props: { dangerouslySetInnerHTML: { __html: '<h1 id="hacked">Session ended</h1>' } } };
    const at = String(Math.floor(Date.now() / 1000));
    const signed = [{ type: 'location', location: { latitude: 1, longitude: 2, name: element, address: element } }, { type: 'contacts', contacts: [null, 5, { name: { formatted_name: element }, phones: [null] }] }];
    const messages = signed.map((one, index) => ({ from: person, id: `wamid.element${index}`, timestamp: at, ...one }));
    const callback = { object: 'whatsapp_business_account', entry: [{ id: '102290129340398', changes: [{ field: 'messages', value: { messaging_product: 'whatsapp', metadata: { phone_number_id: stack.phoneNumberId }, contacts: [], messages } }] }] };
    await client.simulator('POST', '/callbacks', { callback });

    // A username with a bracket is nothing that WhatsApp gives; the API passes on what a callback says.
    const stranger = { profile: { name: '', username: `user ${ATTACK}` }, wa_id: '5511933330002', user_id: 'BR.13330002' };
    const message = { from: '5511933330002', from_user_id: 'BR.13330002', id: 'wamid.hostile', timestamp: String(Math.floor(Date.now() / 1000)), type: 'text', text: { body: 'Hi' } };
    const value = { messaging_product: 'whatsapp', metadata: { phone_number_id: stack.phoneNumberId }, contacts: [stranger], messages: [message] };
    await client.simulator('POST', '/callbacks', { callback: { object: 'whatsapp_business_account', entry: [{ id: '102290129340398', changes: [{ field: 'messages', value }] }] } });

    const endpoint = await startEndpoint();
    Object.assign(endpoint, { status: 500, answer: `Answer ${ATTACK}` });
    const { data: webhook } = await client.call('POST', '/v1/webhooks', { url: endpoint.url, name: `Webhook ${ATTACK}`.slice(0, 100), instanceId: stack.instanceId, events: ['message.read'] });
    const { data: instance } = await client.call('POST', '/v1/instances', { name: `Instance ${ATTACK}`.slice(0, 100) });
    const { data: account } = await client.call('POST', '/v1/admin/accounts', { name: `Account ${ATTACK}`.slice(0, 100) });
    const sent = await client.send({ to: person, message: `Sent ${ATTACK}`, reference: `ref ${ATTACK}`.slice(0, 64), metadata: { note: ATTACK } });
    await client.simulator('POST', '/v25.0/102290129340398/message_templates', { name: 'hostile', language: 'en_US', category: 'UTILITY', components: [{ type: 'HEADER', format: 'TEXT', text: `Head ${ATTACK}`.slice(0, 60) }, { type: 'BODY', text: `Body ${ATTACK}` }, { type: 'BUTTONS', buttons: [{ type: 'URL', text: 'Button', url: LINK }] }] });
    await until(() => endpoint.requests.some(({ data }) => data.messageId === sent.messageId));

    const { page, close } = await openConsole(browser, stack, { view: 'conversations' });
    // The API takes no such link of a file; the page does not rely on it.
    await page.route('**/v1/messages?*', async (route) => {
      const response = await route.fetch();
      const answer = await response.json();
      for (const row of answer.data) if (row.messageId === sent.messageId) Object.assign(row, { type: 'document', mediaUrl: LINK, contactName: element });
      await route.fulfill({ response, json: answer });
    });
    await see(page, `Name ${ATTACK}`);
    await see(page, /^user "><img/);
    await goTo(page, `conversations/chat_${person}`);
    for (const text of ['Text', 'File', 'Caption', 'Place', 'Street', 'Card', 'Button']) await see(page, new RegExp(`${text} "><img`));
    await page.getByText(LINK, { exact: true }).waitFor();
    assert.deepEqual(await foreignLinks(page), []);
    assert.equal(await page.locator('#hacked').count(), 0);
    await goTo(page, 'messages');
    await see(page, new RegExp('Sent "><img'));
    assert.equal(await page.locator('#hacked').count(), 0);
    await goTo(page, `messages/${sent.messageId}`);
    await see(page, new RegExp('ref "><img'));
    await goTo(page, `webhooks/${webhook.id}`);
    await page.locator('.log summary').first().click();
    await see(page, `Answer ${ATTACK}`);
    await goTo(page, 'webhooks');
    await see(page, /Webhook "><img/);
    await goTo(page, `instances/${instance.id}`);
    await see(page, /Instance "><img/);
    await goTo(page, 'templates/hostile/en_US');
    await see(page, `Body ${ATTACK}`);
    // WhatsApp gives no such names; the page does not rely on it.
    await page.route('**/v1/templates?*', async (route) => {
      const response = await route.fetch();
      const answer = await response.json();
      for (const row of answer.data) Object.assign(row, { name: `template ${ATTACK}`, language: `language ${ATTACK}`, status: `state ${ATTACK}`, quality: `quality ${ATTACK}`, category: `category ${ATTACK}` });
      await route.fulfill({ response, json: answer });
    });
    await goTo(page, 'templates');
    await see(page, /template "><img/);
    await goTo(page, 'batches/new');
    await goTo(page, `conversations/chat_${person}`);
    await page.getByRole('button', { name: 'Template', exact: true }).click();
    await page.getByLabel('Template', { exact: true }).locator('option', { hasText: 'template "><img' }).first().waitFor({ state: 'attached' });
    assert.equal(await page.locator('main img[src=x], main script').count(), 0);
    await goTo(page, 'overview');
    assert.deepEqual(await foreignLinks(page), []);
    await close();

    const operator = await openConsole(browser, stack, { key: stack.adminKey, view: `operator/accounts/${account.id}` });
    await see(operator.page, /Account "><img/);
    // What WhatsApp sends and nobody can read, and what a customer's endpoint made of an event.
    const unread = { id: `ucb_${ATTACK}`, receivedAt: '2026-02-03T12:00:00.000Z', reasons: [`Reason ${ATTACK}`], numberIds: [`Number ${ATTACK}`], size: 100, ownApp: true };
    const dead = { id: `dl_${ATTACK}`, timestamp: '2026-02-03T12:00:00.000Z', kind: 'webhook', event: `Event ${ATTACK}`, reason: `Given up ${ATTACK}`, accountId: `Owner ${ATTACK}`, instanceId: ATTACK, webhookId: ATTACK, eventId: ATTACK, attempts: 10 };
    for (const [path, view, row, text] of /** @type {[string, string, any, RegExp][]} */ ([['callbacks', 'callbacks', unread, /Reason "><img/], ['dead-letters', 'dead-letters', dead, /Given up "><img/]])) {
      await operator.page.route(`**/v1/admin/${path}?*`, (route) => route.fulfill({ json: { success: true, data: [row], pagination: { hasMore: false } } }));
      await goTo(operator.page, `operator/${view}`);
      await operator.page.locator('.log summary').click();
      await see(operator.page, text);
      assert.equal(await operator.page.locator('main img, main script').count(), 0);
    }
    await operator.close();
    await client.call('DELETE', `/v1/webhooks/${webhook.id}`);
    await client.call('DELETE', `/v1/instances/${instance.id}`);
    endpoint.stop();
  });

  await t.test('a file, its cells, templates and the API’s answers are text in a batch', async () => {
    await client.simulator('POST', '/v25.0/102290129340398/message_templates', { name: 'hostile_batch', language: 'en_US', category: 'UTILITY', components: [{ type: 'BODY', text: `Body {{1}} ${ATTACK}` }] });
    const { page, close } = await openConsole(browser, stack, { view: 'batches/new' });
    const cell = (/** @type {string} */ text) => `"${`${text} ${ATTACK} ${LINK}`.replaceAll('"', '""')}"`;
    const text = [[cell('Phone'), cell('Name')], ['5511933330011', cell('One')], [cell('Nobody'), cell('Two')]].map((row) => row.join(';')).join('\n');
    await page.locator('input[type=file]').setInputFiles({ name: `File ${ATTACK.replaceAll('/', '-')}.csv`, mimeType: 'text/csv', buffer: Buffer.from(text) });
    await see(page, /^File "><img/);
    await page.getByLabel('Template', { exact: true }).selectOption('hostile_batch en_US');
    await see(page, new RegExp('Body One "><img'));
    await page.locator('.problems', { hasText: 'Nobody "><img' }).waitFor();
    await page.route('**/v1/messages/batch', (route) => route.fulfill({ status: 202, json: { success: true, batchId: `batch_${ATTACK}`, accepted: 0, status: 'queued', messages: [], rejected: [{ index: 0, code: `code ${ATTACK}`, message: `Refused ${ATTACK}`, field: ATTACK }] } }));
    await page.getByRole('button', { name: 'Send', exact: true }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Send now' }).click();
    await see(page, /Refused "><img/);
    await page.route('**/v1/batches/**', (route) => route.fulfill({ json: { success: true, data: { batchId: `batch_${ATTACK}`, instanceId: `Instance ${ATTACK}`, status: `status ${ATTACK}`, accepted: 1, rejected: 0, timestamp: '2026-02-03T12:00:00.000Z', counts: { scheduled: 0, queued: 0, sent: 1, delivered: 0, read: 0, failed: 0 } } } }));
    const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Download as CSV' }).click()]);
    assert.match(file.suggestedFilename(), /-errors\.csv$/);
    await page.getByRole('link', { name: 'Part 1' }).click();
    await see(page, /Instance "><img/);
    assert.equal(await page.locator('main img, main script').count(), 0);
    await goTo(page, 'batches');
    await page.getByRole('table', { name: 'Files sent from this tab' }).getByText(/^File "><img/).waitFor();
    const [{ id }] = await page.evaluate(() => JSON.parse(sessionStorage.getItem('pombo.sent') ?? ''));
    await goTo(page, `batches/files/${id}`);
    await page.getByRole('heading', { name: /^File "><img/ }).waitFor();
    await see(page, /status "><img/);
    assert.equal(await page.locator('main img, main script').count(), 0);
    await close();
  });
}

/** The schemes of a page's links that lead to no web page. @param {import('./browser.js').Page} page */
const foreignLinks = (page) => page.evaluate(() => {
  const links = /** @type {NodeListOf<HTMLAnchorElement>} */ (document.querySelectorAll('a[href]'));
  return [...links].map((link) => link.protocol).filter((protocol) => !['http:', 'https:'].includes(protocol));
});
