/**
 * What the first view costs: figures of docs/console.md. Milliseconds of the clock depend on what else the machine does, so the time
 * of the page's processor and the rounds of requests are measured as well, and a page of one word beside it, as the browser's own share.
 */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { gzipSync } from 'node:zlib';
import { openConsole } from './browser.js';

/** The most bytes of all files of the console, as they are transferred. */
const MOST_BYTES = 100_000;
/** How often a page is loaded. */
const LOADS = 7;
/** What each request waits longer, in milliseconds, where rounds are counted. */
const LATENCY = 1_500;
/** The most rounds until something is seen, and until the view is: the page, its files, the account, and what the view shows. */
const [MOST_UNTIL_PAINT, MOST_UNTIL_VIEW] = [2, 4];
/** The most milliseconds of the page's processor until the view is seen, with a debug build on a machine that is busy. */
const MOST_PROCESSOR = 1_000;

/** @typedef {{ paint: number, shown: number, processor: number, script: number, requests: number, bytes: number }} Load */

/** @param {any} t @param {any} world */
export async function firstViewTests(t, { browser, stack }) {
  await t.test('all files together are small', async () => {
    const files = ['', '/main.js', '/vendor/htm-preact.js', '/lib/pt.js', '/icon.svg'];
    const texts = await Promise.all(files.map(async (file) => (await fetch(stack.consoleUrl + file)).text()));
    const [plain, compressed] = [texts.map((text) => Buffer.byteLength(text)), texts.map((text) => gzipSync(text, { level: 9 }).length)].map((sizes) => sizes.reduce((sum, size) => sum + size));
    t.diagnostic(`all files: ${compressed} bytes with gzip, ${plain} as they are`);
    assert.ok(compressed < MOST_BYTES, `${compressed} bytes`);
  });

  await t.test('the first view takes few rounds, and little of the processor', async () => {
    const word = await serveOneWord();
    const blank = { url: word.url, selector: 'p' };
    const signIn = { url: stack.consoleUrl, selector: '.sign-in button' };
    const overview = { url: `${stack.consoleUrl}#/overview`, selector: '.figures', key: stack.apiKey };
    for (const [name, page, again] of /** @type {[string, any, boolean][]} */ ([['one word', blank, false], ['sign-in, first time', signIn, false], ['overview, first time', overview, false], ['overview, loaded again', overview, true]])) {
      /** @type {Load[]} */
      const loads = [];
      while (loads.length < LOADS) loads.push(await load(browser, page, again));
      const median = (/** @type {keyof Load} */ figure) => loads.map((one) => one[figure]).sort((one, other) => one - other)[LOADS >> 1];
      const fastest = (/** @type {keyof Load} */ figure) => Math.min(...loads.map((one) => one[figure]));
      const rounds = await roundsOf(browser, page, again);
      t.diagnostic(`${name}: painted after ${median('paint')} ms (fastest ${fastest('paint')}), shown after ${median('shown')} (${fastest('shown')}); ${median('processor')} ms of the processor, ${median('script')} of them the script; ${median('requests')} requests, ${median('bytes')} bytes; rounds: ${rounds.paint} until painted, ${rounds.shown} until shown`);
      assert.ok(rounds.paint <= MOST_UNTIL_PAINT && rounds.shown <= MOST_UNTIL_VIEW, `${name}: ${JSON.stringify(rounds)}`);
      assert.ok(fastest('processor') < MOST_PROCESSOR, `${name}: ${fastest('processor')} ms`);
    }
    word.stop();
  });

  await t.test('something is seen before the script is there, and a view after two rounds of calls', async () => {
    const { page, close } = await openConsole(browser, stack);
    const painted = () => page.waitForFunction(() => performance.getEntriesByName('first-contentful-paint').length > 0);
    await page.route('**/console/main.js*', (route) => painted().then(() => route.continue()), { times: 1 });
    const instances = page.waitForRequest('**/v1/instances?limit=100');
    await page.route('**/v1/account', (route) => instances.then(() => route.continue()), { times: 1 });
    await page.reload({ waitUntil: 'commit' });
    await page.locator('.statistics').waitFor();
    await close();
  });
}

/**
 * Loads a page in a browser that has nothing of it, or once more.
 * @param {import('playwright-core').Browser} browser @param {{ url: string, selector: string, key?: string }} shown @param {boolean} again
 * @param {number} [latency] of each request, in milliseconds
 * @returns {Promise<Load>}
 */
async function load(browser, { url, selector, key }, again, latency = 0) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en-GB' });
  if (key) await context.addInitScript((own) => sessionStorage.setItem('pombo.key', own), key);
  await context.addInitScript(noteWhenSeen, selector);
  const page = await context.newPage();
  const devtools = await context.newCDPSession(page);
  await devtools.send('Network.enable');
  // No view waits for the listener, and an account has five. A route of Playwright's would switch the browser's cache off.
  await devtools.send('Network.setBlockedURLs', { urls: ['*/v1/listeners*'] });
  const seen = () => page.waitForFunction(() => 'shownAt' in window && performance.getEntriesByName('first-contentful-paint').length > 0);
  if (again) {
    await page.goto(url);
    await seen();
  }
  await devtools.send('Network.emulateNetworkConditions', { offline: false, latency, downloadThroughput: -1, uploadThroughput: -1 });
  await devtools.send('Performance.enable', { timeDomain: 'threadTicks' });
  const before = await processorOf(devtools);
  if (again) await page.reload();
  else await page.goto(url);
  await seen();
  const after = await processorOf(devtools);
  const figures = await page.evaluate(() => {
    const all = /** @type {PerformanceResourceTiming[]} */ ([...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]);
    const { shownAt } = /** @type {any} */ (window);
    const own = all.filter(({ startTime, name }) => startTime <= shownAt && !name.includes('/v1/listeners'));
    const paint = performance.getEntriesByName('first-contentful-paint')[0].startTime;
    return { paint: Math.round(paint), shown: Math.round(Math.max(paint, shownAt)), requests: own.length, bytes: own.reduce((sum, { transferSize }) => sum + transferSize, 0) };
  });
  await context.close();
  return { ...figures, processor: Math.round((after.tasks - before.tasks) * 1000), script: Math.round((after.script - before.script) * 1000) };
}

/** Notes when an element is there. It runs in the page before anything else. @param {string} selector */
function noteWhenSeen(selector) {
  const look = () => {
    if (!document.querySelector(selector)) return;
    Object.assign(window, { shownAt: performance.now() });
    watcher.disconnect();
  };
  const watcher = new MutationObserver(look);
  watcher.observe(document, { childList: true, subtree: true });
}

/** How many requests one after the other a page waits for: how long it takes when each request takes longer than everything else.
 * @param {any} browser @param {any} page @param {boolean} again */
async function roundsOf(browser, page, again) {
  const loads = [await load(browser, page, again, LATENCY), await load(browser, page, again, LATENCY)];
  const rounds = (/** @type {'paint' | 'shown'} */ figure) => Math.floor(Math.min(...loads.map((one) => one[figure])) / LATENCY);
  return { paint: rounds('paint'), shown: rounds('shown') };
}

/** The seconds that the page's processor has worked. @param {import('playwright-core').CDPSession} devtools */
async function processorOf(devtools) {
  const { metrics } = await devtools.send('Performance.getMetrics');
  const metric = (/** @type {string} */ name) => metrics.find((one) => one.name === name)?.value ?? 0;
  return { tasks: metric('TaskDuration'), script: metric('ScriptDuration') };
}

/** A page of one word, which shows what the browser itself needs. */
async function serveOneWord() {
  const server = createServer((_, response) => void response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>One</title><link rel="icon" href="data:,"><p>One</p>'));
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return { url: `http://127.0.0.1:${port}/`, stop: () => void server.close() };
}
