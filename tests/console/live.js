/** How polite the listener is: it slows down when the key's limit is near, and waits longer after each failure. */
import assert from 'node:assert/strict';
import { openConsole } from './browser.js';
import { until } from './stack.js';

/** @param {import('node:test').TestContext} t @param {any} world */
export async function liveTests(t, { browser, stack }) {
  /** How often a tab polls in a minute of its clock. @param {(route: import('playwright-core').Route) => Promise<void>} answer */
  const pollsInAMinute = async (answer) => {
    const { page, close } = await openConsole(browser, stack, { view: 'instances', signsIn: false, mayFail: true });
    await page.clock.install();
    await page.reload();
    let [asked, answered] = [0, 0];
    await page.route('**/v1/listeners', (route) => route.fulfill({ status: 201, json: { success: true, data: { id: 'lst_test' } } }));
    await page.route('**/v1/listeners/*/events*', async (route) => ((asked += 1), await answer(route), (answered += 1)));
    await page.getByRole('button', { name: 'Look at the demo' }).click();
    await until(() => asked > 0);
    const before = asked;
    for (let step = 0; step < 240; step += 1) {
      await page.clock.runFor(250);
      await until(() => answered === asked, 15_000, 1);
      await page.evaluate(() => undefined); // the page has taken the answer
    }
    await close();
    return asked - before;
  };
  const events = (/** @type {number} */ left) => (/** @type {import('playwright-core').Route} */ route) => route.fulfill({
    headers: { 'x-ratelimit-limit': '100', 'x-ratelimit-remaining': String(left) },
    json: { success: true, data: [{ id: 'evt_1', body: { event: 'contact.updated', timestamp: new Date().toISOString(), data: {} } }], pagination: { nextCursor: '1', skipped: 0 } },
  });

  await t.test('a tab in which much happens polls ten times less when half of the key’s limit is used', async () => {
    const [often, seldom] = [await pollsInAMinute(events(90)), await pollsInAMinute(events(49))];
    t.diagnostic(`polls a minute while much happens: ${often}, and ${seldom} when half of the limit is used`);
    assert.ok(often > 60 && often <= 150, `${often} polls`);
    assert.ok(seldom >= 10 && seldom <= 16, `${seldom} polls`);
  });

  await t.test('after failures a tab waits longer each time', async () => {
    const failures = await pollsInAMinute((route) => route.fulfill({ status: 500, json: { success: false, error: { code: 'internal_error', message: 'Something broke.', requestId: 'req_broken' } } }));
    t.diagnostic(`polls in the first minute of failures: ${failures}`);
    assert.ok(failures >= 3 && failures <= 6, `${failures} polls`); // after 2, 4, 8, 16 and 32 seconds
  });
}
