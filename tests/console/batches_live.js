/** Batches whose pages are open: what `batch.completed` alone changes, and the sum of a file's parts. */
import assert from 'node:assert/strict';
import { chooseFile } from './batches.js';
import { goTo, inaccessible, live, openConsole, see } from './browser.js';
import { until } from './stack.js';

const HOUR = 3_600_000;
/** Every minute the API looks which batches are complete. */
const MINUTELY = { timeout: 80_000 };
/** How long a test may take that waits for it. */
const MOST_TIME = 150_000;

/** @typedef {import('playwright-core').Page} Page */

/** Lets the page have no event but `batch.completed`, nor that some were missed: nothing else can be why it looks again. @param {Page} page */
const onlyCompletions = (page) => page.route('**/v1/listeners/*/events*', async (route) => {
  try {
    const response = await route.fetch();
    const answer = await response.json();
    answer.data = answer.data.filter((/** @type {any} */ one) => one.body.event === 'batch.completed');
    answer.pagination.skipped = 0;
    await route.fulfill({ response, json: answer });
  } catch {
    await route.abort().catch(() => undefined); // the page may be gone meanwhile
  }
});

/** A file of three parts, with ten recipients each. */
const PARTS = ['batch_part_1', 'batch_part_2', 'batch_part_3'];

/** @param {import('playwright-core').Route} route */
const partOf = (route) => route.request().url().split('/').at(-1) ?? '';

/** What the API says of a part. @param {string} batchId @param {number} left */
function partWith(batchId, left) {
  const queued = Math.max(0, left);
  const counts = { scheduled: 0, queued, sent: 0, delivered: 0, read: 10 - queued, failed: 0 };
  return { success: true, data: { batchId, status: queued ? 'sending' : 'completed', accepted: 10, rejected: 0, timestamp: new Date().toISOString(), counts } };
}

/** @param {any} t @param {any} world */
export async function batchLiveTests(t, { browser, stack, client }) {
  /** A batch that leaves at a time. @param {number} at */
  const schedule = async (at) => {
    const components = [{ type: 'body', parameters: [{ type: 'text', text: 'Ana' }] }];
    const body = { instanceId: stack.instanceId, template: { name: 'welcome', language: 'pt_BR', components }, sendAt: new Date(at).toISOString(), recipients: [{ to: '5511977110001' }, { to: '5511977110002' }] };
    return (await client.call('POST', '/v1/messages/batch', body)).batchId;
  };

  /** Has the tab know these parts of a file, with a clock that the test moves. @param {Page} page @param {{ done: number, parts?: string[] }} file */
  const keepFile = async (page, { done, parts = PARTS }) => {
    await page.evaluate((file) => sessionStorage.setItem('pombo.sent', JSON.stringify([file])), {
      id: 'file', accountId: stack.accountId, instanceId: stack.instanceId, name: 'three.csv', begunAt: new Date().toISOString(), total: 30, done, rejected: 0, batches: parts.map((batchId) => ({ batchId, accepted: 10 })),
    });
    await page.clock.install();
    await page.reload();
  };

  // Side by side, since each waits for the minute.
  const aPage = t.test('batch.completed alone brings the end of a batch to its open page', async () => {
    const { page, close } = await openConsole(browser, stack, { view: 'messages', isLive: true });
    await onlyCompletions(page);
    await live(page);
    const batchId = await schedule(Date.now() + 4_000);
    // To the page it is hours away: its own timer does not look.
    await page.route(`**/v1/batches/${batchId}`, async (route) => {
      const response = await route.fetch();
      const { data } = await response.json();
      await route.fulfill({ response, json: { success: true, data: { ...data, status: 'scheduled', sendAt: new Date(Date.now() + 2 * HOUR).toISOString() } } });
    }, { times: 1 });
    await goTo(page, `batches/${batchId}`);
    const status = page.locator('.fact', { hasText: 'Status' });
    await status.getByText('scheduled').waitFor();
    await status.getByText('completed').waitFor(MINUTELY);
    await see(page, '2 of 2 have left (100%)');

    await close();
  }, MOST_TIME);

  const aList = t.test('batch.completed alone brings the end of a batch to the list', async () => {
    const batchId = await schedule(Date.now() + 2 * HOUR);
    const { page, close } = await openConsole(browser, stack, { view: 'messages', isLive: true });
    await onlyCompletions(page);
    await live(page);
    await goTo(page, 'batches');
    const row = page.locator('.rows tbody tr', { has: page.locator(`a[href$=${batchId}]`) });
    await row.getByText('scheduled').waitFor();
    await client.call('DELETE', `/v1/batches/${batchId}`);
    await row.getByText('canceled').waitFor(MINUTELY);
    await close();
  }, MOST_TIME);

  const aFile = t.test('the parts of a file are added up, live, and canceled together', async () => {
    const { page, close } = await openConsole(browser, stack, { view: 'batches/new', isLive: true });
    await onlyCompletions(page);
    await live(page);
    // A megabyte is a part.
    const rows = Array.from({ length: 300 }, (_, index) => `55119772${String(index).padStart(5, '0')},${'x'.repeat(3_900)}`);
    await chooseFile(page, 'two parts.csv', `phone,text\n${rows.join('\n')}`);
    await page.getByRole('button', { name: 'Text', exact: true }).click();
    await page.getByLabel('Send at').fill(await page.evaluate((ahead) => {
      const at = new Date(Date.now() + ahead);
      return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
    }, 2 * HOUR));
    await page.getByRole('button', { name: 'Schedule' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Schedule' }).click();
    await page.getByText('300 of 300 recipients sent').waitFor({ timeout: 60_000 }); // a debug build on a busy machine stores ten a second
    let looks = 0;
    page.on('request', (request) => (looks += Number(/\/v1\/batches\/batch_/.test(request.url()) && request.method() === 'GET')));
    await page.getByRole('link', { name: 'All parts together' }).click();
    await see(page, '0 of 300 have left (0%)');
    const cells = () => page.locator('.rows tbody tr').evaluateAll((all) => all.map((row) => [...row.querySelectorAll('td')].map((cell) => cell.textContent?.replace(/[^\w ]/g, ''))));
    const { data } = await client.call('GET', `/v1/batches?instanceId=${stack.instanceId}`);
    const [second, first] = data.filter((/** @type {any} */ one) => one.accepted > 2);
    assert.equal(first.accepted + second.accepted, 300);
    assert.deepEqual(await cells(), [first, second].map(({ accepted }, index) => [`Part ${index + 1}`, 'scheduled', `${accepted}`, `${accepted}`, '0', '0', '0', '0']));
    assert.deepEqual(await inaccessible(page), []);

    await client.call('DELETE', `/v1/batches/${second.batchId}`);
    await page.getByText(new RegExp(`^${second.accepted} of 300 have left`)).waitFor(MINUTELY);
    assert.equal(looks, 2, 'each part was looked at once, and the event said the rest');
    const cancelAll = page.getByRole('button', { name: 'Cancel all' });
    await cancelAll.click();
    await page.getByRole('dialog').getByText(`${first.accepted} messages that still wait are not sent`).waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel all' }).click();
    await see(page, '300 of 300 have left (100%)');
    await page.locator('.counts div', { hasText: 'failed' }).getByText('300', { exact: true }).waitFor();
    assert.deepEqual((await cells()).map(([, status]) => status), ['canceled', 'canceled']);
    assert.equal(await cancelAll.count(), 0);

    await page.getByRole('link', { name: 'Back' }).click();
    await page.reload();
    const sent = page.getByRole('table', { name: 'Files sent from this tab' }).locator('tbody tr');
    await sent.getByRole('link', { name: 'two parts.csv' }).click();
    await see(page, '300 of 300 have left (100%)');
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('button', { name: 'Look at the demo' }).click();
    await page.locator('nav').waitFor();
    await goTo(page, 'batches');
    assert.equal(await sent.count(), 0, 'it ends with the session');
    await close();
  }, MOST_TIME);

  const turns = t.test('parts that leave are looked at in turn, one in five seconds', async () => {
    const { page, close } = await openConsole(browser, stack, { view: 'instances', isLive: true });
    await live(page);
    /** @type {{ batchId: string, at: number }[]} */
    const looks = [];
    let answers = 0;
    await page.exposeFunction('looks', (/** @type {string} */ batchId, /** @type {number} */ at) => void looks.push({ batchId, at }));
    // When the page asks, by its own clock: the test hears of it only later.
    await page.addInitScript(() => {
      const ask = window.fetch;
      window.fetch = async (url, options) => {
        const [part] = String(url).match(/batch_part_\d+$/) ?? [];
        if (part) await /** @type {any} */ (window).looks(part, Date.now());
        return ask(url, options);
      };
    });
    await page.route('**/v1/batches/batch_part_*', async (route) => {
      const batchId = partOf(route);
      await route.fulfill({ json: partWith(batchId, 10 - 5 * looks.filter((one) => one.batchId === batchId).length) });
      answers += 1;
    });
    await keepFile(page, { done: 30 });
    await live(page);
    await goTo(page, 'batches/files/file');
    await see(page, '15 of 30 have left (50%)');
    const looked = (/** @type {number} */ from) => looks.slice(from).map(({ batchId }) => batchId).sort();
    assert.deepEqual(looked(0), PARTS, 'each once at first');
    for (let seconds = 0; seconds < 60; seconds += 1) {
      await page.clock.runFor(1_000);
      await until(() => answers === looks.length);
    }
    await see(page, '30 of 30 have left (100%)');
    assert.deepEqual(looked(3), PARTS, 'each once more, and none when it is done');
    const waits = looks.slice(4).map(({ at }, index) => at - looks[index + 3].at);
    assert.ok(waits.every((wait) => wait >= 5_000), waits.join());
    await close();
  });

  const failing = t.test('a part that cannot be looked at hides no other and takes no other’s turn', async () => {
    const { page, close } = await openConsole(browser, stack, { view: 'instances', mayFail: true });
    /** @type {Map<string, number>} */
    const looks = new Map();
    let [asked, answered, fails] = [0, 0, true];
    await page.route('**/v1/batches/batch_part_*', async (route) => {
      const batchId = partOf(route);
      asked += 1;
      looks.set(batchId, (looks.get(batchId) ?? 0) + 1);
      const error = { code: 'internal_error', message: 'This part cannot be counted.', requestId: 'req_part' };
      const isRefused = fails && batchId === PARTS[0];
      await route.fulfill(isRefused ? { status: 500, json: { success: false, error } } : { json: partWith(batchId, 10 - 5 * (looks.get(batchId) ?? 0)) });
      answered += 1;
    });
    const pass = async () => {
      for (let seconds = 0; seconds < 60; seconds += 1) {
        await page.clock.runFor(1_000);
        await until(() => answered === asked);
      }
    };
    await keepFile(page, { done: 30 });
    await goTo(page, 'batches/files/file');
    await see(page, '10 of 30 have left');
    await see(page, 'This part cannot be counted.');
    await pass();
    await see(page, '20 of 30 have left');
    fails = false;
    await pass();
    await see(page, '30 of 30 have left (100%)');
    assert.equal(await page.getByText('This part cannot be counted.').count(), 0);
    await close();
  });

  const incomplete = t.test('a file whose last parts the tab could not keep is shown as incomplete', async () => {
    const { page, close } = await openConsole(browser, stack, { view: 'instances' });
    await page.route('**/v1/batches/batch_part_*', (route) => route.fulfill({ json: partWith(partOf(route), 5) }));
    await keepFile(page, { done: 20, parts: PARTS.slice(0, 2) });
    await goTo(page, 'batches/files/file');
    await see(page, '10 of 20 have left (50%)');
    await see(page, '10 of 30 recipients are in no part that this tab knows.');
    await page.getByRole('button', { name: 'Cancel all' }).click();
    await page.getByRole('dialog').getByText('A part that this tab does not know is in the list of batches').waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click();
    await page.getByRole('link', { name: 'Back' }).click();
    await page.getByRole('table', { name: 'Files sent from this tab' }).getByText('2, incomplete').waitFor();
    await close();
  });
  await Promise.all([aPage, aList, aFile, turns, failing, incomplete]);
}
