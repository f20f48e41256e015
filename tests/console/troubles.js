/** Keys that may little or no more, an API that is slow, fails or is gone, a tab in the background, and the keyboard alone. */
import assert from 'node:assert/strict';
import { goTo, live, openConsole, see, settled } from './browser.js';
import { until } from './stack.js';

/** @param {import('node:test').TestContext} t @param {any} world */
export async function troubleTests(t, { browser, stack, client }) {
  await t.test('a key without a scope sees less and no error', async () => {
    const reader = await client.key(['messages:read']);
    const { page, close } = await openConsole(browser, stack, { key: reader.key });
    assert.deepEqual(await page.locator('nav a').allInnerTexts(), ['Overview', 'Conversations', 'Messages', 'Batches', 'Templates']);
    await goTo(page, 'overview');
    assert.equal(await page.locator('[role=alert]').count(), 0);
    await goTo(page, 'webhooks');
    await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
    await close();
    const webhooks = await client.key(['webhooks:read', 'instances:read']);
    const other = await openConsole(browser, stack, { key: webhooks.key, view: 'webhooks' });
    await other.page.locator('.rows').waitFor();
    assert.equal(await other.page.getByRole('link', { name: 'Create a webhook' }).count(), 0);
    assert.deepEqual(await other.page.locator('nav a').allInnerTexts(), ['Overview', 'Webhooks', 'Instances']);
    await other.close();
  });

  await t.test('a wrong key is refused in the API’s words, and a revoked one is replaced without losing what was typed', async () => {
    const { page, close } = await openConsole(browser, stack, { signsIn: false });
    await page.getByLabel('API key or admin key').fill('pombo_wrong');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await see(page, /invalid_api_key · req_/);
    await page.getByRole('button', { name: 'Look at the demo' }).click();
    await page.locator('nav').waitFor();
    await goTo(page, 'conversations/chat_5511999999999');
    await page.getByRole('button', { name: 'Text', exact: true }).click();
    await page.getByLabel('Message', { exact: true }).fill('Long and careful words');
    let isExpired = true;
    await page.route('**/v1/messages/send', (route) => (isExpired ? route.fulfill({ status: 401, json: { success: false, error: { code: 'expired_api_key', message: 'This API key has expired.', requestId: 'req_old' } } }) : route.continue()));
    await page.getByRole('button', { name: 'Send', exact: true }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('This API key has expired.').waitFor();
    const fresh = await client.key(['messages:read', 'messages:write', 'instances:read']);
    isExpired = false;
    await dialog.getByLabel('API key or admin key').fill(fresh.key);
    await dialog.getByRole('button', { name: 'Continue' }).click();
    await dialog.waitFor({ state: 'detached' });
    assert.equal(await page.getByLabel('Message', { exact: true }).inputValue(), 'Long and careful words');
    await page.getByRole('button', { name: 'Send', exact: true }).click();
    await page.locator('.out', { hasText: 'Long and careful words' }).waitFor();
    await close();
  });

  await t.test('a slow API is waited for, a failing one says its requestId, and a lost connection shows', async () => {
    const { page, close } = await openConsole(browser, stack, { view: 'instances', mayFail: true, isLive: true });
    await page.route('**/v1/webhooks?*', async (route) => (await new Promise((resolve) => setTimeout(resolve, 5_000)), route.continue()));
    await page.evaluate(() => void (location.hash = '#/webhooks'));
    await page.locator('.bone').first().waitFor();
    await see(page, 'The API takes longer than usual.');
    await page.locator('.rows').waitFor();
    await page.unroute('**/v1/webhooks?*');

    let isBroken = true;
    await page.route('**/v1/messages?*', (route) => (isBroken ? route.fulfill({ status: 500, json: { success: false, error: { code: 'internal_error', message: 'Something broke.', requestId: 'req_broken' } } }) : route.continue()));
    await goTo(page, 'messages');
    await see(page, 'internal_error · req_broken');
    isBroken = false;
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.locator('.rows').waitFor();

    await page.context().setOffline(true);
    await page.getByRole('button', { name: 'Refresh' }).click();
    await see(page, /No connection to the API/);
    await page.locator('.rows').waitFor(); // what was loaded stays
    await see(page, 'Not live: trying again');
    await page.context().setOffline(false);
    await page.getByRole('button', { name: 'Refresh' }).click();
    await page.locator('.banner').waitFor({ state: 'detached' });
    await live(page);
    await close();
  });

  await t.test('a message whose answer was lost is sent again under its key, and arrives once', async () => {
    const person = '5511955550009';
    await client.text(person, 'Hello');
    const { page, close } = await openConsole(browser, stack, { view: `conversations/chat_${person}` });
    await page.route('**/v1/messages/send', (route) => route.fetch().then(() => route.abort()), { times: 1 });
    await page.getByLabel('Message', { exact: true }).fill('Only once');
    await page.getByRole('button', { name: 'Send', exact: true }).click();
    await see(page, 'The API did not answer.');
    assert.equal(await page.getByLabel('Message', { exact: true }).inputValue(), 'Only once');
    await page.getByRole('button', { name: 'Send', exact: true }).click();
    await page.locator('.out', { hasText: 'Only once' }).waitFor();
    const { data } = await client.call('GET', `/v1/messages?instanceId=${stack.instanceId}&phone=${person}`);
    assert.equal(data.filter((/** @type {any} */ one) => one.content === 'Only once').length, 1);
    await close();
  });

  await t.test('a message whose answer was lost is sent again under its key after another view and a reload', async () => {
    const person = '5511955550008';
    await client.text(person, 'Hello');
    const { page, close } = await openConsole(browser, stack, { view: `conversations/chat_${person}` });
    /** @type {string[]} */
    const keys = [];
    page.on('request', (request) => void (request.url().endsWith('/v1/messages/send') && keys.push(request.headers()['idempotency-key'])));
    const field = page.getByLabel('Message', { exact: true });
    const send = () => page.getByRole('button', { name: 'Send', exact: true }).click();
    await page.route('**/v1/messages/send', (route) => route.fetch().then(() => route.abort()), { times: 2 });
    await field.fill('Only one arrives');
    await send();
    await see(page, 'The API did not answer.');
    await goTo(page, 'messages');
    await goTo(page, `conversations/chat_${person}`);
    await send();
    await see(page, 'The API did not answer.');
    await page.reload();
    await send();
    await until(async () => (await field.inputValue()) === '');
    assert.deepEqual([keys.length, new Set(keys).size], [3, 1]);
    const { data } = await client.call('GET', `/v1/messages?instanceId=${stack.instanceId}&phone=${person}`);
    assert.equal(data.filter((/** @type {any} */ one) => one.content === 'Only one arrives').length, 1);
    await field.fill('Only one arrives');
    await send();
    await until(async () => (await field.inputValue()) === '');
    assert.equal(new Set(keys).size, 2, 'the same text once more is another message');
    await page.route('**/v1/messages/send', (route) => route.abort(), { times: 1 });
    await field.fill('Given up');
    await send();
    await see(page, 'The API did not answer.');
    for (const text of ['', 'Given up']) await field.fill(text);
    await send();
    await until(() => keys.length === 6);
    assert.equal(new Set(keys).size, 4, 'who empties the field begins another message');
    await page.getByRole('button', { name: 'Template', exact: true }).click();
    await page.getByLabel('Template', { exact: true }).selectOption('hello_world en_US');
    for (const count of [7, 8]) {
      await page.getByRole('button', { name: 'Send the template' }).click();
      await page.waitForFunction((sent) => document.querySelectorAll('.out').length === sent, count - 3); // six attempts at texts made three messages
    }
    assert.equal(new Set(keys).size, 6, 'the same template once more is another message');
    await close();
  });

  await t.test('a tab in the background asks for nothing, and is up to date when it is seen again', async () => {
    const { page, close } = await openConsole(browser, stack, { view: 'messages', isLive: true });
    await live(page);
    await settled(page);
    const hide = (/** @type {boolean} */ isHidden) => page.evaluate((value) => {
      Object.defineProperty(document, 'hidden', { configurable: true, get: () => value });
      document.dispatchEvent(new Event('visibilitychange'));
    }, isHidden);
    await hide(true);
    await see(page, 'Paused');
    const sendUntilRead = async (/** @type {string} */ message) => {
      const sent = await client.send({ to: '5511999999999', message });
      await until(async () => (await client.call('GET', `/v1/messages/${sent.messageId}`)).data.status === 'read');
    };
    await sendUntilRead('Meanwhile what was asked before has an answer');
    /** @type {string[]} */
    const calls = [];
    page.on('request', (request) => void (request.url().includes('/v1/') && calls.push(request.url())));
    await sendUntilRead('While nobody looked');
    assert.deepEqual(calls, []);
    await hide(false);
    await see(page, 'While nobody looked');
    await close();
  });

  await t.test('everything works with the keyboard alone', async () => {
    const { page, close } = await openConsole(browser, stack, { signsIn: false });
    const focused = () => page.evaluate(() => document.activeElement?.getAttribute('aria-label') || document.activeElement?.textContent?.trim() || '');
    const tabTo = async (/** @type {string | RegExp} */ name) => {
      for (let steps = 0; steps < 60; steps += 1) {
        await page.keyboard.press('Tab');
        if ((await focused()).match(name)) return;
      }
      throw new Error(`${name} cannot be reached by Tab`);
    };
    await page.getByRole('button', { name: 'Look at the demo' }).waitFor();
    await tabTo(/^Look at the demo$/);
    await page.keyboard.press('Enter');
    await page.locator('nav').waitFor();
    await page.locator('.chart').waitFor();
    await tabTo(/Messages over time/);
    await page.keyboard.press('ArrowLeft');
    await page.locator('.chart .picked').waitFor({ state: 'attached' });
    await page.keyboard.press('Shift+Tab');
    await goTo(page, 'messages');
    await tabTo(/^\+?\w.*/);
    await goTo(page, 'conversations/chat_5511999999999');
    await tabTo(/^Text$/);
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    assert.equal(await page.evaluate(() => document.activeElement?.tagName), 'TEXTAREA');
    await page.keyboard.type('By keyboard');
    await page.keyboard.press('Enter');
    await page.locator('.out', { hasText: 'By keyboard' }).waitFor();
    await goTo(page, 'webhooks/wh_demo');
    await tabTo(/^Delete$/);
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    assert.match(await focused(), /^Delete$/, 'the focus is where it was');
    await close();
  });
}
