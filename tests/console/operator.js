/** The operator: accounts, credits, keys, an erasure, and what was kept or given up. */
import assert from 'node:assert/strict';
import { goTo, openConsole, see, settled } from './browser.js';

/** @param {import('node:test').TestContext} t @param {any} world */
export async function operatorTests(t, { browser, stack, client }) {
  await t.test('an account is made, gets credits and a key, and the key is revoked', async () => {
    const { page, close } = await openConsole(browser, stack, { key: stack.adminKey, view: 'operator' });
    await page.getByRole('link', { name: 'Create an account' }).click();
    await page.getByLabel('Name').fill('A new shop');
    await page.getByRole('button', { name: 'Create an account' }).click();
    await page.getByRole('heading', { name: 'A new shop' }).waitFor();
    await page.getByLabel('Amount').fill('500');
    await page.getByRole('button', { name: 'Change the credits' }).click();
    await page.getByRole('dialog').getByText('500 credits are granted.').waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Change the credits' }).click();
    await see(page, 'The account has 1,500 credits');
    await page.locator('section', { hasText: 'Callbacks signed' }).getByLabel('Plan').selectOption('enterprise');
    await page.getByLabel('Requests a minute').fill('12345');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.locator('dd', { hasText: '12,345' }).waitFor();

    await page.getByRole('button', { name: 'Create a key' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('Cash desk');
    await dialog.getByLabel('webhooks:write').uncheck();
    await dialog.getByRole('button', { name: 'Create a key' }).click();
    assert.match(await dialog.locator('code.secret').innerText(), /^pombo_/);
    await dialog.getByRole('button', { name: 'I have stored it' }).click();
    await page.getByRole('row', { name: /Cash desk/ }).getByRole('button', { name: 'Revoke' }).click();
    await page.getByRole('button', { name: 'Revoke the key' }).click();
    await see(page, 'It has no key yet.');
    await close();
  });

  await t.test('an account that is closed says so, and offers nothing that the API refuses', async () => {
    const { data: account } = await client.call('POST', '/v1/admin/accounts', { name: 'A shop that leaves', credits: 5 });
    const { page, close } = await openConsole(browser, stack, { key: stack.adminKey, view: `operator/accounts/${account.id}` });
    const [status, offered] = [page.locator('.fact', { hasText: 'Status' }), page.getByRole('button', { name: /^(Save|Change the credits|Create a key|Erase)$/ })];
    await status.getByText('active', { exact: true }).waitFor();
    assert.equal(await offered.count(), 4);
    await client.call('DELETE', `/v1/admin/accounts/${account.id}?name=A%20shop%20that%20leaves`);
    await goTo(page, 'operator');
    const row = page.locator('.rows tbody tr', { hasText: 'A shop that leaves' });
    await row.getByText(account.id).waitFor();
    await row.getByText('closing', { exact: true }).waitFor();
    await goTo(page, `operator/accounts/${account.id}`);
    await status.getByText('closing', { exact: true }).waitFor();
    await see(page, /^It is being closed: .* Step: \w+\.$/);
    assert.equal(await offered.count(), 0);
    // Closed, as the API says it minutes later.
    await page.route(`**/v1/admin/accounts/${account.id}`, async (route) => {
      const answer = await (await route.fetch()).json();
      return route.fulfill({ json: { ...answer, data: { ...answer.data, status: 'closed', closing: { ...answer.data.closing, step: 'completed' } } } });
    });
    await goTo(page, 'operator');
    await goTo(page, `operator/accounts/${account.id}`);
    await see(page, 'It is closed, and its data is deleted.');
    assert.equal(await offered.count(), 0);
    await close();
  });

  await t.test('the operator looks at what an account has, and cannot change it', async () => {
    const { page, close } = await openConsole(browser, stack, { key: stack.adminKey, view: `operator/accounts/${stack.accountId}` });
    await page.getByRole('button', { name: 'Look at what it has' }).click();
    await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
    for (const view of ['conversations/chat_5511999999999', 'messages', 'webhooks', 'templates', 'instances']) {
      await goTo(page, view);
      assert.equal(await page.locator('[role=alert]').count(), 0, view);
      assert.equal(await page.getByRole('button', { name: /^(Send|Mark as read|Create|Connect|Delete)/ }).count(), 0, view);
    }
    await close();
  });

  await t.test('a person is erased after one question that says what happens', async () => {
    const person = '5511944440001';
    await client.text(person, 'Forget me');
    const { page, close } = await openConsole(browser, stack, { key: stack.adminKey, view: `operator/accounts/${stack.accountId}` });
    await page.getByLabel('Phone number or user id').fill(`+${person}`);
    await page.getByRole('button', { name: 'Erase', exact: true }).click();
    await page.getByRole('dialog').getByText('This cannot be undone.').waitFor();
    await page.getByRole('button', { name: 'Erase for good' }).click();
    await see(page, /^1 messages erased/);
    const { data } = await client.call('GET', `/v1/messages?instanceId=${stack.instanceId}&phone=${person}`);
    assert.deepEqual(data, []);
    await close();
  });

  await t.test('a callback that could not be read is listed and read again', async () => {
    const changes = [{ field: 'something_new', value: { messaging_product: 'whatsapp', metadata: { phone_number_id: stack.phoneNumberId } } }];
    const callback = { object: 'whatsapp_business_account', entry: [{ id: '1', changes }] };
    await client.simulator('POST', '/callbacks', { callback });
    const { page, close } = await openConsole(browser, stack, { key: stack.adminKey, view: 'operator/callbacks' });
    await page.locator('.log summary', { hasText: 'unknown_field' }).first().click();
    await page.getByRole('button', { name: 'Read it again' }).first().click();
    await see(page, /Still unread|It was read/);
    await goTo(page, 'operator/dead-letters');
    await settled(page);
    await close();
  });
}
