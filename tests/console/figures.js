/** What each view costs while it is left open: figures of docs/console.md. */
import assert from 'node:assert/strict';
import { goTo, live, openConsole, settled } from './browser.js';
import { until } from './stack.js';

/** The most calls a minute of a view that is left open while nothing happens: six polls, and what it asks for by itself. */
const MOST_CALLS = 12;
const MINUTE = 60_000;
/** For how many minutes of the page's clock a view is left open. */
const MINUTES = 5;

/** @param {import('node:test').TestContext} t @param {any} world */
export async function figureTests(t, { browser, stack, client, facts }) {
  await t.test('a view that is left open stays within a few calls a minute, and a hidden tab makes none', async () => {
    const chat = `conversations/${facts.chatId}`;
    const own = ['overview', 'conversations', chat, 'messages', `messages/${facts.failedId}`, 'batches', `batches/${facts.batchId}`, 'batches/files/file', 'webhooks', `webhooks/${facts.webhookId}`, 'templates', 'instances', `instances/${facts.instanceId}`];
    const ofOperator = ['operator', `operator/${facts.accountId}`];
    const tabs = [{ views: own, key: undefined, isLive: true }, { views: ofOperator, key: stack.adminKey, isLive: false }];
    for (const { views, key, isLive } of tabs) {
      const { page, close } = await openConsole(browser, stack, { key, isLive });
      await page.evaluate((files) => sessionStorage.setItem('pombo.sent', files), JSON.stringify([sentFile(facts)]));
      await installClock(page);
      const calls = countCalls(page);
      await page.locator('nav').waitFor();
      if (isLive) await live(page);
      const polls = isLive ? await pollsAMinute(calls) : 0;
      if (isLive) t.diagnostic(`polls: ${polls.toFixed(1)} a minute`);
      for (const view of views) {
        await goTo(page, view);
        const others = await callsAMinute(page, calls);
        t.diagnostic(`${view.replace(/\/.+/, '/…')}: ${others} calls a minute, without the polls`);
        assert.ok(polls + others <= MOST_CALLS, `${view}: ${polls + others} calls a minute`);
      }
      await goTo(page, views[0]);
      await hide(page);
      calls.length = 0;
      await page.clock.runFor(MINUTES * MINUTE);
      assert.deepEqual(calls, [], 'in a background tab');
      await close();
    }
  });

  await t.test('a batch that leaves is looked at every five seconds at most, whatever happens to its messages', async () => {
    const { page, close } = await openConsole(browser, stack, { isLive: true });
    await live(page);
    const components = [{ type: 'body', parameters: [{ type: 'text', text: 'Ana' }] }];
    const recipients = Array.from({ length: 120 }, (_, index) => ({ to: `55119777${String(index).padStart(5, '0')}` }));
    const { batchId } = await client.call('POST', '/v1/messages/batch', { instanceId: stack.instanceId, template: { name: 'welcome', language: 'pt_BR', components }, recipients });
    let [looks, calls] = [0, 0];
    page.on('request', (request) => {
      looks += Number(request.url().endsWith(batchId));
      calls += Number(request.url().includes('/v1/'));
    });
    const begun = Date.now();
    await goTo(page, `batches/${batchId}`);
    await page.getByText('120 of 120 have left').waitFor({ timeout: 60_000 });
    const seconds = (Date.now() - begun) / 1000;
    t.diagnostic(`a batch that leaves: ${looks} looks and ${calls} calls in ${seconds.toFixed(1)} s`);
    assert.ok(looks <= 2 + seconds / 5, `${looks} looks in ${seconds} s`);
    await close();
  });
}

/** A file that became a batch, as the tab that sent it has it. @param {any} facts */
const sentFile = ({ accountId, instanceId, batchId }) => ({ id: 'file', accountId, instanceId, name: 'file.csv', begunAt: new Date().toISOString(), total: 2, done: 2, rejected: 0, batches: [{ batchId, accepted: 2 }] });

/**
 * Loads the page again with a clock that can be moved. Only the time that a call may take stays the real one: the API answers in real
 * time, and a poll that ended for the moved clock would count as a lost connection, after which views load again.
 * @param {import('./browser.js').Page} page
 */
async function installClock(page) {
  await page.addInitScript(() => void Object.assign(window, { realTimeout: AbortSignal.timeout }));
  await page.clock.install();
  await page.addInitScript(() => void Object.assign(AbortSignal, { timeout: /** @type {any} */ (window).realTimeout }));
  await page.reload();
}

/** @typedef {{ path: string, at: number }} Call */

/** The calls of the API that a page makes from now on. @param {import('./browser.js').Page} page */
function countCalls(page) {
  /** @type {Call[]} */
  const calls = [];
  page.on('request', (request) => {
    const { pathname } = new URL(request.url());
    if (pathname.startsWith('/v1/')) calls.push({ path: pathname, at: Date.now() });
  });
  return calls;
}

const isPoll = (/** @type {Call} */ { path }) => path.startsWith('/v1/listeners');

/** How often the tab polls, whatever it shows: by the time between three polls, which the API holds back. @param {Call[]} calls */
async function pollsAMinute(calls) {
  calls.length = 0;
  await until(() => calls.filter(isPoll).length >= 3, 60_000);
  const [first, , third] = calls.filter(isPoll);
  return (2 * MINUTE) / (third.at - first.at);
}

/**
 * What a view calls by itself, as its clock goes on by minutes. What it showed first is not counted.
 * @param {import('./browser.js').Page} page @param {Call[]} calls
 */
async function callsAMinute(page, calls) {
  calls.length = 0;
  for (let minute = 0; minute < MINUTES; minute += 1) {
    await page.clock.runFor(MINUTE);
    await settled(page);
  }
  return calls.filter((call) => !isPoll(call)).length / MINUTES;
}

/** Puts the tab in the background. @param {import('./browser.js').Page} page */
const hide = (page) => page.evaluate(() => {
  Object.defineProperty(document, 'hidden', { configurable: true, get: () => true });
  document.dispatchEvent(new Event('visibilitychange'));
});
