/** Every view, each in its usual state. */
import assert from 'node:assert/strict';
import { goTo, inaccessible, openConsole, see } from './browser.js';

/** The views of a customer, and of the operator. @param {any} facts */
export const customerViews = (facts) => [
  'overview', 'overview?period=7d', 'conversations', `conversations/${facts.chatId}`, 'conversations/new', 'messages', `messages/${facts.failedId}`, `messages/${facts.receivedId}`, 'batches', `batches/${facts.batchId}`, 'batches/new',
  'webhooks', `webhooks/${facts.webhookId}`, 'webhooks/new', 'templates', 'templates/welcome/pt_BR', 'templates/new', 'instances', `instances/${facts.instanceId}`,
  `instances/${facts.instanceId}/connect`, 'instances/new',
];

/** @param {any} facts */
export const operatorViews = (facts) => ['operator', `operator/accounts/${facts.accountId}`, 'operator/accounts/new', 'operator/callbacks', 'operator/dead-letters'];

/** @param {import('node:test').TestContext} t @param {any} world */
export async function viewTests(t, { browser, stack, facts }) {
  // Each theme once and each width once: colours do not depend on the width.
  for (const [name, options] of /** @type {[string, { dark?: boolean, phone?: boolean }][]} */ ([['in the light', {}], ['in the dark on a phone', { dark: true, phone: true }]])) {
    await t.test(`every view is accessible and fits ${name}`, async () => {
      /** @type {string[]} */
      const found = [];
      for (const [key, views] of [[undefined, customerViews(facts)], [stack.adminKey, operatorViews(facts)]]) {
        const { page, close } = await openConsole(browser, stack, { ...options, key, view: views[0] });
        for (const view of views) {
          await goTo(page, view);
          found.push(...(await inaccessible(page)).map((one) => `${view}: ${one}`), ...(await tooWide(page)).map((one) => `${view}: ${one}`));
        }
        await close();
      }
      assert.deepEqual(found, []);
    });
  }

  await t.test('the views are in Portuguese for a browser in Portuguese', async () => {
    const { page, close } = await openConsole(browser, stack, { locale: 'pt-BR' });
    for (const [view, title] of [['overview', 'Visão geral'], ['conversations', 'Conversas'], ['messages', 'Mensagens'], ['batches', 'Lotes'], ['batches/new', 'Novo lote'], ['templates', 'Modelos'], ['instances', 'Instâncias']]) {
      await goTo(page, view);
      await page.getByRole('heading', { level: 1, name: title }).waitFor();
    }
    await page.getByRole('button', { name: 'English' }).click();
    await see(page, 'Connect a number');
    await close();
  });
}

/** By how much a view is wider than the window. @param {import('./browser.js').Page} page */
async function tooWide(page) {
  const width = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  return width > 0 ? [`${width} pixels too wide`] : [];
}
