/** Pages of the console in Chromium, and what every page must keep: no error in the log, no request to another host. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
/** How long something may take to be seen, in milliseconds: a debug build on a busy machine. */
const PATIENCE = 15_000;

/** @typedef {import('playwright-core').Page} Page */

/** Pages in which axe has been, which styles elements of its own. @type {WeakSet<Page>} */
const hasAxe = new WeakSet();

export const startBrowser = () => chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] });

/**
 * A page of its own, signed in with a key or by one click.
 * @param {import('playwright-core').Browser} browser @param {any} stack
 * @param {{ key?: string, view?: string, dark?: boolean, phone?: boolean, locale?: string, signsIn?: boolean, mayFail?: boolean, isLive?: boolean }} [options]
 *   `isLive`: whether it listens, which five of an account can at a time
 */
export async function openConsole(browser, stack, { key, view = 'overview', dark, phone, locale = 'en-GB', signsIn = true, mayFail, isLive } = {}) {
  const viewport = phone ? { width: 390, height: 844 } : { width: 1280, height: 800 };
  const context = await browser.newContext({ viewport, colorScheme: dark ? 'dark' : 'light', locale, permissions: ['clipboard-read', 'clipboard-write'], deviceScaleFactor: 1 });
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE);
  /** @type {string[]} */
  const problems = [];
  page.on('pageerror', (error) => problems.push(String(error.stack)));
  page.on('console', (message) => message.type() === 'error' && !/Failed to load resource/.test(message.text()) && problems.push(message.text()));
  page.on('request', (request) => {
    const url = new URL(request.url());
    if (url.protocol !== 'data:' && url.hostname !== '127.0.0.1') problems.push(`a request to ${url.origin}`);
    if (url.href.includes('pombo_') || url.href.includes(stack.adminKey)) problems.push(`a key in the URL ${url.pathname}`);
  });
  page.on('response', (response) => {
    if (response.status() >= 500 && !mayFail) problems.push(`${response.status()} ${response.url()}`);
  });
  if (!isLive) await page.route('**/v1/listeners', (route) => route.fulfill({ status: 409, json: { success: false, error: { code: 'limit_reached', message: 'Not in this test.', requestId: 'req_test' } } }));
  await page.goto(`${stack.consoleUrl}#/${view}`);
  if (key) {
    await page.getByLabel('API key or admin key').fill(key);
    await page.getByRole('button', { name: 'Sign in' }).click();
  } else if (signsIn) {
    await page.getByRole('button', { name: locale.startsWith('pt') ? 'Ver a demonstração' : 'Look at the demo' }).click();
  }
  if (key || signsIn) await page.locator('nav').waitFor();
  return {
    page,
    /** Closes the page, and fails if it had a problem. */
    async close() {
      const own = problems.filter((text) => !(hasAxe.has(page) && text.startsWith('Applying inline style')));
      const hasRun = await page.evaluate(() => 'hacked' in window);
      const listener = isLive && (await page.evaluate(() => JSON.parse(sessionStorage.getItem('pombo.listener') ?? '{}').id));
      await context.close();
      // An account has five listeners, and each ends by itself only a minute later.
      if (listener) await fetch(`${stack.apiUrl}/v1/listeners/${listener}`, { method: 'DELETE', headers: { authorization: `Bearer ${stack.apiKey}` } });
      assert.deepEqual(own, []);
      assert.equal(hasRun, false, 'a text was run as a script');
    },
  };
}

/** Goes to a view and waits until nothing of it loads. @param {Page} page @param {string} view */
export async function goTo(page, view) {
  await page.evaluate((hash) => void (location.hash = hash), `#/${view}`);
  await settled(page);
}

/** Waits until a heading is seen and nothing loads. @param {Page} page */
export async function settled(page) {
  await page.locator('h1').waitFor({ state: 'attached' });
  await page.waitForFunction(() => !document.querySelector('.loading'));
}

/** Waits until events come. @param {Page} page */
export const live = (page) => page.locator('.live.is-live').waitFor({ state: 'attached' });

/** Waits until a text is seen. @param {Page} page @param {string | RegExp} text */
export const see = (page, text) => page.getByText(text).filter({ visible: true }).first().waitFor();

/** What axe finds that WCAG 2.2 AA forbids, or good practice. @param {Page} page @returns {Promise<string[]>} */
export async function inaccessible(page) {
  hasAxe.add(page);
  await page.evaluate(AXE);
  return page.evaluate(async () => {
    const { violations } = await /** @type {any} */ (window).axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] });
    return violations.map((/** @type {any} */ one) => `${one.id}: ${one.nodes.map((/** @type {any} */ node) => `${node.target} ${node.failureSummary}`).join(' | ')}`);
  });
}
