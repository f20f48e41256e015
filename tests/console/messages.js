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
