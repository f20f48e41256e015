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
export async function viewTests(t, { browser, stack, client, endpoint, facts }) {
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

  await t.test('everything that can be used is reached by Tab, in each view', async () => {
    /** @type {string[]} */
    const found = [];
    for (const [key, views] of [[undefined, customerViews(facts)], [stack.adminKey, operatorViews(facts)]]) {
      const { page, close } = await openConsole(browser, stack, { key, view: views[0] });
      for (const view of views) {
        await goTo(page, view);
        found.push(...(await unreached(page)).map((one) => `${view}: ${one}`));
      }
      await close();
    }
    assert.deepEqual(found, []);
  });

  await t.test('long names fit a phone 360 pixels wide, in Portuguese as well', async () => {
    const name = 'Distribuidora Nacional de Produtos Farmacêuticos e Hospitalares do Estado de São Paulo';
    const { data: instance } = await client.call('POST', '/v1/instances', { name });
    const { data: webhook } = await client.call('POST', '/v1/webhooks', { url: `${endpoint.url}/${'very-long-path/'.repeat(9)}`, name, instanceId: facts.instanceId, events: ['template.updated'] });
    const { data: account } = await client.call('POST', '/v1/admin/accounts', { name });
    const own = [...customerViews(facts), `instances/${instance.id}`, `webhooks/${webhook.id}`];
    /** @type {string[]} */
    const found = [];
    for (const [key, locale, views] of /** @type {[string | undefined, string, string[]][]} */ ([[undefined, 'en-GB', own], [undefined, 'pt-BR', own], [stack.adminKey, 'en-GB', [...operatorViews(facts), `operator/accounts/${account.id}`]]])) {
      // Its state is the longest where it cannot listen.
      const { page, close } = await openConsole(browser, stack, { key, locale, phone: true });
      await page.setViewportSize({ width: 360, height: 640 });
      for (const view of views) {
        await goTo(page, view);
        found.push(...(await tooWide(page)).map((one) => `${locale} ${view}: ${one}`));
      }
      await close();
    }
    assert.deepEqual(found, []);
    await client.call('DELETE', `/v1/webhooks/${webhook.id}`);
    await client.call('DELETE', `/v1/instances/${instance.id}`);
  });

  await t.test('the stack prints the console’s address, where one click signs in', async () => {
    const [, printed] = /^Console +(\S+)$/m.exec(stack.output) ?? [];
    const { page, close } = await openConsole(browser, { ...stack, consoleUrl: printed });
    await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
    await close();
  });

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

/** What can be used with a mouse, and where Tab never stops or nothing shows that it does. @param {import('./browser.js').Page} page @returns {Promise<string[]>} */
async function unreached(page) {
  const count = await page.evaluate(() => {
    const all = [...document.querySelectorAll('a[href], button, input, select, textarea, summary, [role=button], [tabindex="0"]')];
    const usable = all.filter((one) => one.checkVisibility({ visibilityProperty: true }) && !one.matches(':disabled'));
    Object.assign(window, { usable: new Set(usable) });
    /** @type {HTMLElement | null} */ (document.activeElement)?.blur();
    return usable.length;
  });
  for (let steps = 0; steps < count * 2 + 20; steps += 1) {
    await page.keyboard.press('Tab');
    const left = await page.evaluate(() => {
      const { usable } = /** @type {any} */ (window);
      if (document.activeElement?.matches(':focus-visible')) usable.delete(document.activeElement);
      return usable.size;
    });
    if (left === 0) return [];
  }
  return page.evaluate(() => [.../** @type {any} */ (window).usable].map((one) => one.outerHTML.slice(0, 120)));
}

/** By how much a view, or what is in its head, foot and cards, is wider than the window. @param {import('./browser.js').Page} page */
async function tooWide(page) {
  const width = await page.evaluate(() => {
    const parts = [...document.querySelectorAll('.side > :not(nav), .foot > *, .head *, main > *, .card, .table-frame')];
    return Math.max(document.documentElement.scrollWidth, ...parts.map((part) => Math.ceil(part.getBoundingClientRect().right))) - innerWidth;
  });
  return width > 0 ? [`${width} pixels too wide`] : [];
}
