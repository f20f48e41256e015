/** A batch of several parts: what is lost on its way is asked for again, and nobody gets a message twice. */
import assert from 'node:assert/strict';
import { arrived, chooseFile } from './batches.js';
import { inaccessible, openConsole, see } from './browser.js';
import { until } from './stack.js';

/** A number that WhatsApp lets send 1,000 messages a second. */
const FAST_NUMBER = '1000000000000';

/** @param {number} count @param {number} [from] */
const people = (count, from = 0) => Array.from({ length: count }, (_, index) => `55119600${String(from + index).padStart(5, '0')}`);

/** How long a thousand messages may take with a debug build on a busy machine, in milliseconds. */
const MOST_TIME = 360_000;

/** @param {any} t @param {any} world */
export async function batchSendingTests(t, { browser, stack, client }) {
  await t.test('1,100 recipients in parts: lost answers, a 429 and a reload in the middle, and each gets one message', async () => {
    const { data: instance } = await client.call('POST', '/v1/instances', { name: 'Fast' });
    await client.call('POST', `/v1/instances/${instance.id}/connect`, { method: 'official', phoneNumberId: FAST_NUMBER, businessId: '102290129340398', accessToken: 'EAAG-fast' });
    const { page, close } = await openConsole(browser, stack, { view: 'batches', mayFail: true });
    page.setDefaultTimeout(60_000);
    await page.getByLabel('Instance').selectOption('Fast');
    await page.getByRole('link', { name: 'New batch' }).click();
    const everybody = people(1_100);
    // A megabyte ends the first part.
    const names = everybody.map((phone, index) => (index < 900 ? `${phone} ${'x'.repeat(980)}` : phone));
    await chooseFile(page, 'campaign.csv', `phone,name\n${everybody.map((phone, index) => `${phone},${names[index]}`).join('\n')}`);
    await page.getByLabel('Template', { exact: true }).selectOption('welcome pt_BR');

    /** @type {{ key: string, body: string }[]} */
    const asked = [];
    let isCut = true;
    await page.route('**/v1/messages/batch', async (route) => {
      const key = route.request().headers()['idempotency-key'];
      asked.push({ key, body: route.request().postData() ?? '' });
      const again = { success: false, error: { code: 'rate_limit_exceeded', message: 'Too many requests.', requestId: 'req_1', retryAfter: 1 } };
      const [part, times] = [key.at(-1), asked.filter((one) => one.key === key).length];
      if (part === '1' && times === 1) return route.fulfill({ status: 429, headers: { 'retry-after': '1' }, json: again });
      if (!isCut || (part === '1' && times > 2)) return route.continue();
      // The API has the part, and its answer is lost: the first part's once, the second's until the page is loaded again.
      await route.fetch().catch(() => undefined); // the page may be gone meanwhile
      return route.abort('connectionreset').catch(() => undefined);
    });
    await page.getByRole('button', { name: 'Send', exact: true }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Send now' }).click();
    await see(page, /Too many requests\. It is tried again at/);
    await until(() => asked.some(({ key }) => key.endsWith('-2')), 60_000);
    await see(page, /The API did not answer\. It is tried again at/);
    const first = JSON.parse(asked[0].body).recipients.length;
    assert.ok(first > 800 && first < 900 && asked[0].body.length < 1_000_000, `${first} recipients in ${asked[0].body.length} bytes`);
    await see(page, `${first} of 1,100 recipients sent`);
    assert.deepEqual(await inaccessible(page), []);
    let isWarned = false;
    page.once('dialog', (dialog) => ((isWarned = dialog.type() === 'beforeunload'), dialog.accept()));
    await page.reload();
    assert.ok(isWarned, 'the browser asks before it leaves a page that sends');
    await see(page, 'It has stopped.');
    await page.getByRole('link', { name: 'Back' }).click();
    await see(page, `campaign.csv: ${first} of 1,100 recipients are sent. It has stopped.`);
    await page.locator('.hint').getByRole('link', { name: 'Open' }).click();
    isCut = false;
    await page.getByRole('button', { name: 'Send the rest' }).click();
    await see(page, '1,100 of 1,100 recipients sent');
    await see(page, '1,100 accepted, 0 rejected.');

    const parts = [...new Map(asked.map(({ key, body }) => [key, JSON.parse(body).recipients.length]))];
    const prefix = asked[0].key.slice(0, -1);
    assert.deepEqual(parts, [[`${prefix}1`, first], [`${prefix}2`, 1_100 - first]]);
    assert.equal(new Set(asked.map(({ body }) => body)).size, 2, 'a part is always the same');
    const { data: batches } = await client.call('GET', `/v1/batches?instanceId=${instance.id}`);
    assert.deepEqual(batches.map((/** @type {any} */ one) => one.accepted), [1_100 - first, first]);
    const waiting = async () => Promise.all(batches.map(async (/** @type {any} */ one) => (await client.call('GET', `/v1/batches/${one.batchId}`)).data.counts.queued));
    await until(async () => (await waiting().catch(() => [NaN])).every((count) => count === 0), 240_000, 1_000);
    await page.getByRole('link', { name: 'All parts together' }).click();
    await see(page, '1,100 of 1,100 have left (100%)');
    const phones = await arrived(stack, FAST_NUMBER);
    assert.deepEqual([...phones.keys()].sort(), everybody);
    assert.ok([...phones.values()].every((messages) => messages.length === 1));
    assert.ok(everybody.every((phone, index) => phones.get(phone)?.[0].template.components[0].parameters[0].text === names[index]), 'each its own text');
    await client.call('DELETE', `/v1/instances/${instance.id}`);
    await close();
  }, MOST_TIME);

  await t.test('a file whose tab was closed is continued under its key when it is chosen again, or sent anew', async () => {
    const { page, close } = await openConsole(browser, stack, { view: 'batches/new' });
    const context = page.context();
    const text = `phone,text\n${people(1_001, 20_000).map((phone) => `${phone},Hello`).join('\n')}`;
    /** @type {string[]} */
    const keys = [];
    let isCut = true;
    await context.route('**/v1/listeners', (route) => route.fulfill({ status: 409, json: { success: false, error: { code: 'limit_reached', message: 'Not in this test.', requestId: 'req_test' } } }));
    await context.route('**/v1/messages/batch', (route) => {
      const key = route.request().headers()['idempotency-key'];
      keys.push(key);
      if (key.endsWith('-2') && isCut) return route.abort('connectionreset');
      const { length } = JSON.parse(route.request().postData() ?? '').recipients;
      return route.fulfill({ status: 202, json: { success: true, batchId: `batch_${key}`, status: 'queued', accepted: length, rejected: [] } });
    });
    const send = async (/** @type {import('playwright-core').Page} */ tab) => {
      await tab.getByRole('button', { name: 'Send', exact: true }).click();
      await tab.getByRole('dialog').getByRole('button', { name: 'Send now' }).click();
    };

    const closed = await context.newPage();
    await closed.goto(`${stack.consoleUrl}#/batches/new`);
    await closed.getByRole('button', { name: 'Look at the demo' }).click();
    await chooseFile(closed, 'closed.csv', text);
    await closed.getByRole('button', { name: 'Text', exact: true }).click();
    await send(closed);
    await see(closed, /The API did not answer\. It is tried again at/);
    await closed.close();
    isCut = false;
    assert.equal(await page.evaluate(() => /551196\d/.test(JSON.stringify(localStorage))), false, 'no recipient is kept');

    await chooseFile(page, 'the same.csv', text);
    await see(page, /This file became a batch at .*: of 1,001 recipients, at least 1,000 are sent\./);
    assert.equal(await page.getByRole('button', { name: 'Send', exact: true }).count(), 0);
    assert.deepEqual(await inaccessible(page), []);
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByRole('button', { name: 'Send the rest' }).click();
    await see(page, '1,001 of 1,001 recipients sent');
    const [first] = keys;
    assert.deepEqual([...new Set(keys)], [first, first.replace(/1$/, '2')]);
    assert.equal(keys.filter((key) => key === first).length, 1, 'a part with an answer is not asked for again');
    await page.getByRole('button', { name: 'Done' }).click();

    await page.getByRole('link', { name: 'New batch' }).click();
    await chooseFile(page, 'closed.csv', text);
    await see(page, /of 1,001 recipients, at least 1,001 are sent\./);
    const before = keys.length;
    await page.getByRole('button', { name: 'Send anew' }).click();
    await chooseFile(page, 'another.csv', 'phone,text\n5511955508001,Hello');
    await see(page, '1 rows, 2 columns');
    await chooseFile(page, 'closed.csv', text);
    await page.getByRole('button', { name: 'Send anew' }).click();
    await page.getByRole('button', { name: 'Text', exact: true }).click();
    await send(page);
    await see(page, '1,001 of 1,001 recipients sent');
    assert.deepEqual([keys.length - before, keys[before] === first], [2, false]);
    await close();
  });

  await t.test('a batch is not continued when its file is read differently than before', async () => {
    const { page, close } = await openConsole(browser, stack, { view: 'batches/new' });
    let calls = 0;
    await page.route('**/v1/messages/batch', (route) => ((calls += 1), route.fulfill({ status: 402, json: { success: false, error: { code: 'insufficient_credits', message: 'The account has no credits left.', requestId: 'req_1' } } })));
    await chooseFile(page, 'read.csv', 'phone,text\n5511955507001,First');
    await page.getByRole('button', { name: 'Text', exact: true }).click();
    await page.getByRole('button', { name: 'Send', exact: true }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Send now' }).click();
    await see(page, 'The account has no credits left.');
    await page.evaluate(() => {
      const draft = JSON.parse(sessionStorage.getItem('pombo.batch') ?? '');
      draft.sending.total = 2; // as a version that takes other rows would have found
      sessionStorage.setItem('pombo.batch', JSON.stringify(draft));
    });
    await page.reload();
    await page.getByRole('button', { name: 'Send the rest' }).click();
    await see(page, /finds 1 recipients in the file, and the batch was begun with 2/);
    assert.equal(calls, 1);
    await close();
  });

  await t.test('an error stops the sending with the API’s words, and the rest is sent or left', async () => {
    await client.text('5511955504001', 'Hello');
    const { page, close } = await openConsole(browser, stack, { view: 'batches/new' });
    let error = { status: 402, code: 'insufficient_credits', message: 'The account has no credits left.', field: '' };
    await page.route('**/v1/messages/batch', (route) => (error.status ? route.fulfill({ status: error.status, json: { success: false, error: { ...error, requestId: 'req_refused' } } }) : route.continue()));
    await chooseFile(page, 'few.csv', 'phone,text\n5511955504001,First');
    await page.getByRole('button', { name: 'Text', exact: true }).click();
    const send = async () => {
      await page.getByRole('button', { name: 'Send', exact: true }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Send now' }).click();
    };
    await send();
    await see(page, 'The account has no credits left.');
    await see(page, 'insufficient_credits · req_refused');
    error = { status: 400, code: 'invalid_request', message: '`sendAt` must not be in the past.', field: 'sendAt' };
    await page.getByRole('button', { name: 'Send the rest' }).click();
    await page.getByRole('button', { name: 'Send the rest at once' }).waitFor();
    error.status = 0;
    await page.getByRole('button', { name: 'Send the rest at once' }).click();
    await page.getByText('1 of 1 recipients sent').waitFor({ timeout: 60_000 }); // behind the messages of the test before
    await until(async () => (await arrived(stack)).get('5511955504001')?.length === 1);
    await page.getByRole('button', { name: 'Done' }).click();

    await page.getByRole('link', { name: 'New batch' }).click();
    error = { status: 400, code: 'invalid_request', message: 'None of the recipients is acceptable. The first: `message` is bad.', field: 'recipients[0].message' };
    await chooseFile(page, 'bad.csv', 'phone,text\n5511955504002,First');
    await page.getByRole('button', { name: 'Text', exact: true }).click();
    await send();
    await see(page, 'Rejected: 1');
    await see(page, /None of the recipients is acceptable/);
    await close();
  });

  await t.test('a file that the browser cannot keep is asked for again after a reload, and must be the same', async () => {
    const { page, close } = await openConsole(browser, stack, { view: 'batches/new', dark: true, phone: true });
    const sizes = /** @type {number[]} */ ([]);
    await page.route('**/v1/messages/batch', (route) => (sizes.push(JSON.parse(route.request().postData() ?? '').recipients.length), route.abort('connectionreset')));
    const text = `phone,note\n${people(1_200, 5_000).map((phone) => `${phone},${'x'.repeat(5_000)}`).join('\n')}`;
    await chooseFile(page, 'large.csv', text);
    await page.getByRole('button', { name: 'Text', exact: true }).click();
    await page.getByLabel('Text', { exact: true }).selectOption('The same for everybody');
    await page.getByLabel('Text, for everybody').fill('Hello');
    await page.getByRole('button', { name: 'Send', exact: true }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Send now' }).click();
    await see(page, /It is tried again at/);
    assert.equal(sizes[0], 1_000);
    await page.getByRole('button', { name: 'Stop' }).click();
    await page.reload();
    await see(page, /Choose it again to send the rest/);
    assert.deepEqual(await inaccessible(page), []);
    await chooseFile(page, 'large.csv', text.replace('5511', '5521'));
    await see(page, 'This is another file than the one that is being sent.');
    await chooseFile(page, 'large.csv', text);
    await page.getByRole('button', { name: 'Leave the rest' }).click();
    await page.getByRole('dialog').getByText('1,200 recipients get nothing.').waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Leave the rest' }).click();
    await page.waitForURL(/#\/batches$/);
    await close();
  });

  await t.test('a file that was sent is known after a reload although the tab can keep no more', async () => {
    const { page, close } = await openConsole(browser, stack, { view: 'batches/new' });
    await page.route('**/v1/messages/batch', async (route) => {
      // All but 200 characters of the tab's storage: less than what is to be kept of a file, and more than the draft grows by.
      await page.evaluate(() => {
        const isKept = (/** @type {string} */ text) => {
          try {
            sessionStorage.setItem('filler', text);
            return true;
          } catch {
            return false;
          }
        };
        let text = '';
        for (let size = 2 ** 23; size >= 1; size /= 2) {
          if (isKept(text + 'x'.repeat(size))) text += 'x'.repeat(size);
        }
        sessionStorage.setItem('filler', text.slice(200));
      });
      await route.fulfill({ status: 202, json: { success: true, batchId: 'batch_kept', status: 'queued', accepted: 9, rejected: [] } });
    });
    await chooseFile(page, 'kept.csv', `phone,text\n${people(9, 8_000).map((phone) => `${phone},${'x'.repeat(100)}`).join('\n')}`);
    await page.getByRole('button', { name: 'Text', exact: true }).click();
    await page.getByRole('button', { name: 'Send', exact: true }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Send now' }).click();
    await see(page, '9 of 9 recipients sent');
    assert.ok(await page.evaluate(() => sessionStorage.getItem('filler')));
    await page.reload();
    await page.getByRole('link', { name: 'Batches' }).first().click();
    await page.getByRole('table', { name: 'Files sent from this tab' }).getByRole('link', { name: 'kept.csv' }).waitFor();
    await close();
  });
}
