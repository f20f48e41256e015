/** Messages: search, a message's page, and what can be done about it. */
import assert from 'node:assert/strict';
import { goTo, live, openConsole, see, settled } from './browser.js';
import { until } from './stack.js';

/** @param {import('node:test').TestContext} t @param {any} world */
export async function messageTests(t, { browser, stack, client, endpoint }) {
  await t.test('a message is found by its number, user id, reference, id, status and time', async () => {
    const sent = await client.send({ to: '5511999999999', message: 'Find me', reference: 'order-77' });
    const { page, close } = await openConsole(browser, stack, { view: 'messages' });
    const rows = page.locator('.rows tbody tr');
    const search = async (/** @type {string} */ text) => {
      await page.getByLabel('Number, user id, reference or message id').fill(text);
      await page.getByRole('button', { name: 'Search' }).click();
    };
    await search('order-77');
    await page.waitForFunction(() => document.querySelectorAll('.rows tbody tr').length === 1);
    await see(page, 'Find me');
    await search('+55 (11) 99999-9999');
    await page.locator('.rows tbody tr', { hasText: 'Find me' }).waitFor();
    await page.getByLabel('Status').selectOption('failed');
    await page.waitForURL(/status=failed/);
    await see(page, 'Nothing matches this search.');
    await page.getByLabel('Status').selectOption('');
    await page.getByLabel('Until').fill('2020-01-01T00:00');
    await see(page, 'Nothing matches this search.');
    await page.getByLabel('Until').fill('');
    const { data: chats } = await client.call('GET', `/v1/chats?instanceId=${stack.instanceId}`);
    await search(chats[0].userId);
    await page.waitForURL(/search=BR/);
    await rows.first().waitFor();
    await search(sent.messageId);
    await page.waitForURL(new RegExp(sent.messageId));
    await page.locator('.timeline').getByText('delivered', { exact: true }).waitFor();
    await close();
  });

  await t.test('a number of digits is searched as a reference and as a phone number, and both are shown', async () => {
    const { page, close } = await openConsole(browser, stack, { view: 'messages' });
    const search = async (/** @type {string} */ text) => {
      await page.getByLabel('Number, user id, reference or message id').fill(text);
      await page.getByRole('button', { name: 'Search' }).click();
      await page.waitForURL(new RegExp(`search=${text}`));
      await settled(page);
    };
    const shows = (/** @type {number} */ count) => page.waitForFunction((most) => document.querySelectorAll('.rows tbody tr').length === most, count);
    // The second cannot be a phone number, which the API says.
    for (const reference of ['20261017', '00001017']) {
      await client.send({ to: '5511999999999', message: `The order ${reference}`, reference });
      await search(reference);
      await shows(1);
      await see(page, `The order ${reference}`);
    }
    const number = '5511966660001'; // of this test alone: nobody writes from it
    await client.send({ to: '5511999999999', message: 'About this number', reference: number });
    await client.send({ to: number, message: 'To this number' });
    await client.send({ to: number, message: 'To it and about it', reference: number });
    await search(number);
    for (const text of ['About this number', 'To this number', 'To it and about it']) {
      await page.locator('.rows tbody tr', { hasText: text }).waitFor();
      assert.equal(await page.locator('.rows tbody tr', { hasText: text }).count(), 1, text);
    }
    await page.getByLabel('Direction').selectOption('inbound');
    await see(page, 'Nothing matches this search.');
    await page.getByLabel('Direction').selectOption('');
    await page.locator('.rows').waitFor();
    await search('20261018');
    await see(page, 'Nothing matches this search.');
    await close();
  });

  await t.test('a search by digits goes on where each of its lists has ended', async () => {
    const { page, close } = await openConsole(browser, stack, { view: 'instances' });
    const start = Date.parse('2026-02-03T12:00:00Z');
    const row = (/** @type {string} */ of, /** @type {number} */ index) => ({ messageId: `msg_${of}_${index}`, instanceId: stack.instanceId, chatId: 'chat_1', direction: 'outbound', type: 'text', content: `${of} ${index}`, to: '5511999999999', timestamp: new Date(start - index * 1000).toISOString(), status: 'read' });
    /** @type {string[]} */
    const asked = [];
    await page.route('**/v1/messages?*', (route) => {
      const query = new URL(route.request().url()).searchParams;
      const [of, most] = query.has('phone') ? ['phone', 250] : ['reference', 120];
      const first = Number(query.get('before') ?? 0);
      asked.push(`${of} ${first}`);
      const data = Array.from({ length: Math.min(100, most - first) }, (_, index) => row(of, first + index));
      return route.fulfill({ json: { success: true, data, pagination: { hasMore: first + 100 < most, nextCursor: String(first + 100) } } });
    });
    await goTo(page, 'messages?search=5511955550002');
    assert.deepEqual(await page.locator('.rows tbody tr .wide').allInnerTexts().then((texts) => texts.slice(0, 4)), ['reference 0', 'phone 0', 'reference 1', 'phone 1']);
    await scrollUntil(page, 'phone 249');
    assert.deepEqual(asked.sort(), ['phone 0', 'phone 100', 'phone 200', 'reference 0', 'reference 100']);
    await close();
  });

  await t.test('all messages of a batch are shown, page by page', async () => {
    const recipients = Array.from({ length: 110 }, (_, index) => ({ to: String(5511956000000 + index), message: `Batched ${index}` }));
    const { batchId } = await client.call('POST', '/v1/messages/batch', { instanceId: stack.instanceId, recipients });
    const { page, close } = await openConsole(browser, stack, { view: `messages?batchId=${batchId}` });
    await page.locator('.rows tbody tr', { hasText: 'Batched 0' }).waitFor();
    await scrollUntil(page, 'Batched 109');
    assert.equal(await page.locator('[role=alert]').count(), 0);
    await close();
  });

  await t.test('a queued message is canceled after one question, and its page changes by itself', async () => {
    const sent = await client.send({ to: '15569131000', message: 'Not today' }); // WhatsApp refuses nine attempts
    const { page, close } = await openConsole(browser, stack, { view: `messages/${sent.messageId}`, isLive: true });
    await page.getByRole('button', { name: 'Cancel the message' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('its credit comes back').waitFor();
    // An attempt that is in progress at this moment cannot be canceled; the dialog says so, and the next click is after it.
    await until(async () => {
      await dialog.getByRole('button', { name: 'Cancel the message' }).click({ timeout: 1000 }).catch(() => undefined);
      return dialog.waitFor({ state: 'detached', timeout: 1000 }).then(() => true, () => false);
    });
    await see(page, 'It was canceled before it was sent. Nothing was charged.');
    await close();
  });

  await t.test('a message is sent again as a new one, copied as curl without the key, and its webhooks are replayed', async () => {
    const sent = await client.send({ to: '5511999999999', message: "It's me", reference: 'again-1' });
    const { page, close } = await openConsole(browser, stack, { view: `messages/${sent.messageId}` });
    await page.getByRole('button', { name: 'Copy as curl' }).click();
    const command = await page.evaluate(() => navigator.clipboard.readText());
    assert.match(command, /^curl -X POST 'http.*\/v1\/messages\/send' \\\n/);
    assert.ok(command.includes('$POMBO_KEY') && !command.includes(stack.apiKey) && command.includes(`It'\\''s me`), command);
    await page.getByRole('button', { name: 'Send again' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Send as a new message' }).click();
    await page.waitForFunction((id) => !location.hash.includes(id) && location.hash.includes('msg_'), sent.messageId);
    await settled(page);
    await see(page, 'again-1');

    await until(() => endpoint.requests.some((/** @type {any} */ one) => one.event === 'message.read' && one.data.messageId === sent.messageId));
    const before = endpoint.requests.length;
    await goTo(page, `messages/${sent.messageId}`);
    await page.getByRole('button', { name: 'Replay its webhooks' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Replay', exact: true }).click();
    await see(page, /Replayed to \d webhooks/);
    await until(() => endpoint.requests.slice(before).filter((/** @type {any} */ one) => one.data.messageId === sent.messageId).length >= 3);
    await close();
  });

  await t.test('the list counts what is new, and shows a status as it changes', async () => {
    const { page, close } = await openConsole(browser, stack, { view: 'messages', isLive: true });
    await live(page);
    await page.locator('.rows').waitFor();
    await client.send({ to: '5511999999999', message: 'Brand new' });
    await page.getByRole('button', { name: /\d+ new/ }).click();
    await page.locator('.rows tbody tr', { hasText: 'Brand new' }).locator('.status', { hasText: 'read' }).waitFor();
    await close();
  });

  await t.test('ten thousand messages scroll smoothly', async () => {
    const { page, close } = await openConsole(browser, stack, { view: 'instances' });
    const row = (/** @type {number} */ index) => ({ messageId: `msg_${index}`, instanceId: stack.instanceId, chatId: 'chat_1', direction: 'outbound', type: 'text', content: `Message number ${index}`, to: '5511999999999', timestamp: new Date().toISOString(), status: 'read', sequence: String(index) });
    await page.route('**/v1/messages?*', (route) => {
      const start = Number(new URL(route.request().url()).searchParams.get('before') ?? 0);
      const data = Array.from({ length: 100 }, (_, index) => row(start + index));
      return route.fulfill({ json: { success: true, data, pagination: { hasMore: start + 100 < 10_000, nextCursor: String(start + 100) } } });
    });
    await goTo(page, 'messages');
    await page.evaluate(async () => {
      for (let round = 0; round < 2000 && !document.body.textContent?.includes('Message number 9999'); round += 1) {
        scrollTo(0, document.documentElement.scrollHeight);
        await new Promise((resolve) => requestAnimationFrame(resolve));
      }
    });
    await see(page, 'Message number 9999');
    assert.ok((await page.locator('.rows tr').count()) < 200);
    // The processor's time of the page's own thread: another program that is busy does not count.
    const metrics = await page.context().newCDPSession(page);
    await metrics.send('Performance.enable', { timeDomain: 'threadTicks' });
    const worked = async () => (await metrics.send('Performance.getMetrics')).metrics.find(({ name }) => name === 'TaskDuration')?.value ?? 0;
    const before = await worked();
    await page.evaluate(async () => {
      for (let step = 100; step >= 0; step -= 1) {
        scrollBy(0, -1000);
        await new Promise((resolve) => requestAnimationFrame(resolve));
      }
    });
    const aFrame = ((await worked()) - before) * 10;
    t.diagnostic(`${aFrame.toFixed(1)} ms of work for a frame that shows other rows`);
    assert.ok(aFrame < 100, `${aFrame} ms for a frame`); // 20 on a machine that does nothing else
    await close();
  });
}

/** Scrolls to the end until a text is there. @param {import('./browser.js').Page} page @param {string} text */
const scrollUntil = (page, text) =>
  page.waitForFunction((wanted) => (scrollTo(0, document.documentElement.scrollHeight), document.body.textContent?.includes(wanted)), text);
