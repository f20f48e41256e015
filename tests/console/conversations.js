/** Conversations: what people write is seen, and what is written to them arrives. */
import assert from 'node:assert/strict';
import { goTo, live, openConsole, see } from './browser.js';
import { until } from './stack.js';

/** A number of another instance, which the simulator knows. */
const SECOND_NUMBER = '1000000000000';

/** Something that waits until it is opened. */
function newGate() {
  let open = () => {};
  const opened = new Promise((resolve) => (open = () => resolve(undefined)));
  return { opened, open };
}

/** @param {import('node:test').TestContext} t @param {any} world */
export async function conversationTests(t, { browser, stack, client }) {
  /** What the person's phone shows. @param {string} person */
  const phone = async (person) => (await (await fetch(`${stack.simulatorUrl}/people/${person}/messages?number=${stack.phoneNumberId}`)).json()).messages.filter((/** @type {any} */ one) => one.direction === 'received');

  await t.test('what a person writes is seen within two seconds, and the answer arrives and is reported as read', async () => {
    const person = '5511955550001';
    const { page, close } = await openConsole(browser, stack, { view: 'conversations', isLive: true });
    await live(page);
    await client.text(person, 'First words');
    const latest = page.locator('.people a').first().filter({ hasText: person });
    await latest.getByText(/^23 h 5\d min left$/).waitFor();
    await page.locator('.people a', { hasText: person }).click();
    await see(page, 'First words');
    const at = Date.now();
    await client.text(person, 'Words that come live');
    await see(page, 'Words that come live');
    assert.ok(Date.now() - at < 2_500, `seen after ${Date.now() - at} ms`);
    await page.getByLabel('Message', { exact: true }).fill('An *answer*');
    await page.getByRole('button', { name: 'Send', exact: true }).click();
    await page.locator('.out strong', { hasText: 'answer' }).waitFor();
    await page.locator('.out .status', { hasText: 'read' }).waitFor();
    assert.equal(await page.getByLabel('Message', { exact: true }).inputValue(), '');
    assert.ok((await phone(person)).some((/** @type {any} */ one) => JSON.stringify(one).includes('An *answer*')));
    await page.getByRole('button', { name: 'Mark as read' }).click();
    await page.getByRole('button', { name: 'Mark as read' }).waitFor({ state: 'detached' });
    await close();
  });

  await t.test('quick replies are buttons, a template has its parameters and a preview, a file is dropped', async () => {
    const person = '5511955550002';
    await client.text(person, 'Hello');
    const { page, close } = await openConsole(browser, stack, { view: `conversations/chat_${person}`, isLive: true });
    await page.getByLabel('Message', { exact: true }).fill('Blue or red?');
    await page.getByRole('button', { name: 'Add a quick reply' }).click();
    await page.getByLabel('Quick reply 1').fill('Blue');
    await page.getByRole('button', { name: 'Add a quick reply' }).click();
    await page.getByLabel('Quick reply 2').fill('Red');
    await page.getByRole('button', { name: 'Send', exact: true }).click();
    await page.locator('.out .option', { hasText: 'Red' }).waitFor();

    await page.getByRole('button', { name: 'Template', exact: true }).click();
    await page.getByLabel('Template', { exact: true }).selectOption('welcome pt_BR');
    await page.getByLabel('Text: {{1}}').fill('Maria');
    await page.getByRole('group', { name: 'Preview' }).getByText('Olá, Maria!').waitFor();
    await page.getByRole('button', { name: 'Send the template' }).click();
    await page.locator('.out', { hasText: 'welcome' }).waitFor();

    const file = await page.evaluateHandle(() => {
      const data = new DataTransfer();
      data.items.add(new File(['some text'], 'notes.txt', { type: 'text/plain' }));
      return data;
    });
    await page.locator('.composer').dispatchEvent('drop', { dataTransfer: file });
    await see(page, /notes\.txt/);
    await page.getByLabel('Caption').fill('My notes');
    await page.getByRole('button', { name: 'Send', exact: true }).click();
    await page.locator('.out', { hasText: 'My notes' }).waitFor();
    await until(async () => (await phone(person)).length === 3);
    await close();
  });

  await t.test('a picture is loaded when somebody asks for it', async () => {
    const person = '5511955550003';
    const data = 'iVBORw0KGgoAAAANSUhEUgAAAAoAAAAKCAYAAACNMs+9AAAAFUlEQVR42mNk+M9Qz0AEYBxVSF+FAP5FDvcfRYWgAAAAAElFTkSuQmCC';
    await client.write(person, { type: 'image', image: { mime_type: 'image/png', data, caption: 'A picture' } });
    const { page, close } = await openConsole(browser, stack, { view: `conversations/chat_${person}` });
    await page.getByRole('button', { name: 'Show' }).click();
    await page.waitForFunction(() => /** @type {HTMLImageElement | null} */ (document.querySelector('.bubble img'))?.naturalWidth === 10);
    await close();
  });

  await t.test('what was typed stays in another view and after an error, and a failed message says what to do', async () => {
    const person = '1555131047'; // refused: outside the window
    await client.send({ to: person, message: 'Too late' });
    const { page, close } = await openConsole(browser, stack, { view: `conversations/chat_${person}`, mayFail: true });
    await see(page, 'Send an approved template instead.');
    await page.getByRole('button', { name: 'Text', exact: true }).click();
    await page.getByLabel('Message', { exact: true }).fill('Half a thought');
    await goTo(page, 'messages');
    await goTo(page, `conversations/chat_${person}`);
    await page.getByRole('button', { name: 'Text', exact: true }).click();
    assert.equal(await page.getByLabel('Message', { exact: true }).inputValue(), 'Half a thought');
    await page.route('**/v1/messages/send', (route) => route.fulfill({ status: 503, json: { success: false, error: { code: 'service_unavailable', message: 'Try again.', requestId: 'req_test', retryAfter: 1 } } }));
    await page.getByRole('button', { name: 'Send', exact: true }).click();
    await see(page, 'service_unavailable · req_test');
    assert.equal(await page.getByLabel('Message', { exact: true }).inputValue(), 'Half a thought');
    await close();
  });

  await t.test('what is accepted while another view is shown does not stand as unsent', async () => {
    const person = '5511955550005';
    await client.text(person, 'Hello');
    const { page, close } = await openConsole(browser, stack, { view: `conversations/chat_${person}` });
    const field = page.getByLabel('Message', { exact: true });
    for (const isBackBefore of [true, false]) {
      const gate = newGate();
      await page.route('**/v1/messages/send', async (route) => (await gate.opened, route.continue()), { times: 1 });
      await field.fill('Sent once');
      const asked = page.waitForRequest('**/v1/messages/send');
      const answered = page.waitForResponse('**/v1/messages/send');
      await field.press('Enter');
      await asked;
      await goTo(page, 'messages');
      if (isBackBefore) {
        await goTo(page, `conversations/chat_${person}`);
        assert.equal(await field.inputValue(), 'Sent once');
      }
      gate.open();
      await answered;
      if (!isBackBefore) await goTo(page, `conversations/chat_${person}`);
      await field.waitFor();
      await until(async () => (await field.inputValue()) === '', 5_000);
      assert.deepEqual(await page.evaluate(() => Object.keys(sessionStorage).filter((name) => /draft|attempt/.test(name))), []);
    }
    const gate = newGate();
    await page.route('**/v1/messages/send', async (route) => (await gate.opened, route.continue()), { times: 1 });
    await field.fill('Sent once');
    await field.press('Enter');
    await field.fill('Typed meanwhile');
    const answered = page.waitForResponse('**/v1/messages/send');
    gate.open();
    await (await answered).finished();
    await until(() => page.evaluate(() => Object.keys(sessionStorage).every((name) => !name.includes('attempt'))));
    assert.equal(await field.inputValue(), 'Typed meanwhile');
    await close();
  });

  await t.test('a first message does not lead to its conversation from another view', async () => {
    const { page, close } = await openConsole(browser, stack, { view: 'conversations/new' });
    const gate = newGate();
    await page.route('**/v1/messages/send', async (route) => (await gate.opened, route.continue()));
    await page.getByLabel('To', { exact: true }).fill('+55 11 95555-0006');
    await page.getByLabel('Template', { exact: true }).selectOption('hello_world en_US');
    await page.getByRole('button', { name: 'Send the template' }).click();
    await goTo(page, 'messages');
    const found = page.waitForResponse(/\/v1\/messages\/msg_/);
    gate.open();
    await (await found).finished();
    await page.waitForTimeout(500);
    assert.match(page.url(), /#\/messages$/);
    await close();
  });

  await t.test('two instances with the same person mix neither messages nor drafts', async () => {
    const person = '5511955550007';
    const { data: second } = await client.call('POST', '/v1/instances', { name: 'Second' });
    await client.call('POST', `/v1/instances/${second.id}/connect`, { method: 'official', phoneNumberId: SECOND_NUMBER, businessId: '102290129340398', accessToken: 'EAAG-second' });
    await client.text(person, 'To the first');
    await client.write(person, { to: SECOND_NUMBER, type: 'text', text: { body: 'To the second' } });
    const { page, close } = await openConsole(browser, stack, { view: `conversations/chat_${person}`, isLive: true });
    const field = page.getByLabel('Message', { exact: true });
    await live(page);
    await see(page, 'To the first');
    await client.write(person, { to: SECOND_NUMBER, type: 'text', text: { body: 'Live to the second' } });
    await until(async () => (await client.call('GET', `/v1/messages?instanceId=${second.id}`)).data.length === 2);
    await client.text(person, 'Live to the first');
    await see(page, 'Live to the first');
    await page.waitForTimeout(2_000); // events of two messages may come in any order
    assert.equal(await page.locator('.said').getByText('to the second').count(), 0);
    await field.fill('For the first');
    await page.getByLabel('Instance').selectOption('Second');
    await page.locator('.people a', { hasText: person }).click();
    await see(page, 'Live to the second');
    assert.equal(await field.inputValue(), '');
    await close();
    await client.call('DELETE', `/v1/instances/${second.id}`);
  });

  await t.test('a first message goes to a number, and leads to its conversation', async () => {
    const { page, close } = await openConsole(browser, stack, { view: 'conversations' });
    await page.getByRole('link', { name: 'New message' }).click();
    await page.getByLabel('To', { exact: true }).fill('+55 11 95555-0004');
    await page.getByLabel('Template', { exact: true }).selectOption('hello_world en_US');
    await page.getByRole('button', { name: 'Send the template' }).click();
    await page.waitForURL(/conversations\/chat_5511955550004/);
    await page.locator('.out', { hasText: 'hello_world' }).waitFor();
    await close();
  });
}
