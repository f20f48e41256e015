/** The overview: the numbers that the API has, in each of its periods, and how the account stands. */
import assert from 'node:assert/strict';
import { goTo, openConsole, see } from './browser.js';
import { aDay } from './pictures.js';

/** The rows of a card's table. @param {import('playwright-core').Page} page @param {string} title */
const rowsOf = (page, title) => page.locator('.card', { has: page.getByRole('heading', { name: title }) }).locator('tbody tr').evaluateAll((rows) => rows.map((row) => [...row.querySelectorAll('td')].map((cell) => cell.textContent?.trim())));

/** @param {import('node:test').TestContext} t @param {any} world */
export async function overviewTests(t, { browser, stack, client, facts }) {
  await t.test('the overview shows what the statistics say, and each period asks for its own', async () => {
    const { page, close } = await openConsole(browser, stack, { view: 'instances' });
    /** @type {URL[]} */
    const asked = [];
    const day = aDay();
    await page.route('**/v1/statistics*', (route) => (asked.push(new URL(route.request().url())), route.fulfill({ json: { success: true, data: day } })));
    await goTo(page, 'overview');
    const count = (/** @type {string} */ direction, /** @type {string} */ status) => day.total.messages.filter((one) => one.direction === direction && (!status || one.status === status)).reduce((sum, one) => sum + one.count, 0);
    const shown = (/** @type {number} */ value) => value.toLocaleString('en-GB');
    const figures = await page.locator('.figures > div').evaluateAll((all) => all.map((one) => [...one.children].map((part) => part.textContent)));
    assert.deepEqual(figures, [['Sent', shown(count('outbound', ''))], ['Delivered', '96.7%'], ['Read', '73.1%'], ['Failed', shown(count('outbound', 'failed'))], ['Received', shown(count('inbound', ''))]]);
    assert.deepEqual(await rowsOf(page, 'Failures by reason'), [['outside_window', '51'], ['recipient_unreachable', '22'], ['blocked_by_policy', '8']]);
    assert.deepEqual(await rowsOf(page, 'Times'), [['Accepted to sent', '141 ms', '512 ms', '4.2 s'], ['Sent to delivered', '780 ms', '4.1 s', '1 min']]);
    assert.deepEqual(await rowsOf(page, 'WhatsApp’s categories'), [['utility', '2,210', '2,210'], ['service', '840', '0'], ['marketing', '160', '160']]);
    await page.getByText('The numbers as a table').click();
    assert.equal(await page.locator('details table tbody tr').count(), 24);

    for (const [name, hours, interval] of /** @type {[string, number, string][]} */ ([['6 hours', 6, 'hour'], ['7 days', 168, 'hour'], ['30 days', 720, 'day']])) {
      await page.getByRole('button', { name }).click();
      await page.waitForFunction(() => !document.querySelector('.loading'));
      const { searchParams } = asked.at(-1) ?? new URL('http://none');
      const ago = (Date.now() - Date.parse(searchParams.get('from') ?? '')) / 3_600_000;
      assert.equal(searchParams.get('interval'), interval);
      assert.ok(ago > hours - 25 && ago <= hours, `${name} begins ${ago} hours ago`);
    }
    await page.getByRole('link', { name: 'outside_window' }).click();
    await page.waitForURL(/#\/messages\?status=failed$/);
    await close();
  });

  await t.test('the account, its instances and its webhooks show how they stand', async () => {
    const { page, close } = await openConsole(browser, stack, { view: 'messages' });
    const paused = (/** @type {any} */ one) => (one.id === facts.instanceId ? { ...one, pausedUntil: new Date(Date.now() + 3_600_000).toISOString(), pauseReason: 'policy' } : one);
    await page.route(/\/v1\/instances(\?.*|\/inst_\w+)$/, async (route) => {
      const response = await route.fetch();
      const answer = await response.json();
      await route.fulfill({ response, json: { ...answer, data: Array.isArray(answer.data) ? answer.data.map(paused) : paused(answer.data) } });
    });
    await goTo(page, 'overview');
    const { data: account } = await client.call('GET', '/v1/account');
    await page.locator('.fact', { hasText: 'Plan' }).getByText(account.plan).waitFor();
    await page.locator('.fact', { hasText: 'Requests a minute' }).getByText(account.limits.requestsPerMinute.toLocaleString('en-GB')).waitFor();
    assert.ok((await rowsOf(page, 'Instances')).some(([, state]) => state?.endsWith('paused')));
    assert.ok((await rowsOf(page, 'Webhooks')).some(([name, state]) => name === 'Orders' && state?.endsWith('active')));
    await goTo(page, `instances/${facts.instanceId}`);
    await see(page, /^Until /);
    await close();
  });

  await t.test('a message’s page is its timeline: accepted, sent, and what each webhook answered', async () => {
    const { page, close } = await openConsole(browser, stack, { view: `messages/${facts.receivedId}` });
    const entry = page.locator('.timeline li', { hasText: 'message.received' }).filter({ hasText: '500' });
    await entry.getByText(/500 · .*attempt 1/).waitFor();
    await entry.getByText(/^\+/).waitFor();
    await goTo(page, `messages/${facts.failedId}`);
    for (const step of ['Accepted', 'Sent to WhatsApp', 'failed']) await page.locator('.timeline').getByText(step, { exact: true }).first().waitFor();
    await see(page, /WhatsApp 131049/);
    await close();
  });
}
