/** Webhooks: from their creation to their end. */
import assert from 'node:assert/strict';
import { goTo, openConsole, see } from './browser.js';
import { startEndpoint, until } from './stack.js';

/** @param {import('node:test').TestContext} t @param {any} world */
export async function webhookTests(t, { browser, stack, client, facts }) {
  await t.test('a webhook is created, tested, fails, is replayed, edited, rotated and deleted', async () => {
    const endpoint = await startEndpoint();
    const { page, close } = await openConsole(browser, stack, { view: 'webhooks' });
    await page.getByRole('link', { name: 'Create a webhook' }).click();
    await page.getByLabel('URL').fill('not a url');
    await page.getByRole('button', { name: 'Create a webhook' }).click();
    await page.locator('input[name=url][aria-invalid=true]').waitFor();
    await page.getByLabel('URL').fill(endpoint.url);
    await page.getByLabel('Name').fill('Shop');
    await page.getByLabel('Log successful deliveries too').check();
    await page.getByRole('button', { name: 'Create a webhook' }).click();
    assert.match(await page.locator('code.secret').first().innerText(), /^whs_/);
    await page.getByRole('link', { name: 'Open it and send a test' }).click();

    await page.getByRole('button', { name: 'Send a test' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Event').selectOption('message.received');
    await dialog.getByRole('button', { name: 'Send' }).click();
    await dialog.getByText('success').waitFor();
    assert.equal(endpoint.requests[0].event, 'message.received');
    await dialog.getByRole('button', { name: 'Close' }).click();

    endpoint.status = 500;
    endpoint.answer = 'the shop is closed';
    const sent = await client.send({ to: '5511999999999', message: 'For the webhook' });
    await until(() => endpoint.requests.some(({ data, event }) => data.messageId === sent.messageId && event === 'message.read'));
    await page.getByRole('button', { name: 'Refresh' }).click();
    await page.locator('.log summary', { hasText: '500' }).first().click();
    await see(page, 'the shop is closed');
    endpoint.status = 204;
    const before = endpoint.requests.length;
    await page.getByRole('button', { name: 'Replay this event' }).first().click();
    await until(() => endpoint.requests.length > before);

    await page.getByRole('button', { name: 'Replay a period' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Replay', exact: true }).click();
    await page.getByRole('dialog').getByText(/\d+ events of \d+ messages/).waitFor();
    await page.getByRole('dialog').getByText('done').waitFor({ timeout: 60_000 }); // of all messages of the tests before
    await page.getByRole('dialog').getByRole('button', { name: 'Close' }).last().click();

    await page.getByRole('button', { name: 'Rotate the secret' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Rotate the secret' }).click();
    assert.match(await page.getByRole('dialog').locator('code.secret').first().innerText(), /^whs_/);
    await page.getByRole('button', { name: 'I have stored it' }).click();

    await page.getByRole('button', { name: 'Edit' }).click();
    await page.getByRole('dialog').getByLabel('Name').fill('Shop two');
    await page.getByRole('dialog').getByLabel('Active').uncheck();
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('heading', { name: 'Shop two' }).waitFor();
    await page.getByRole('button', { name: 'Make it active' }).click();
    await see(page, 'The webhook is active again');

    await page.getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('dialog').getByText(endpoint.url).waitFor();
    await page.getByRole('button', { name: 'Delete the webhook' }).click();
    await page.waitForURL(/#\/webhooks$/);
    assert.equal(await page.getByText('Shop two').count(), 0);
    await goTo(page, 'webhooks');
    await close();
    endpoint.stop();
  });

  await t.test('a page of the log without rows does not hide the rest', async () => {
    const { page, close } = await openConsole(browser, stack, { view: 'webhooks' });
    const row = { id: 'log_1', event: 'message.sent', status: 'failed', statusCode: 500, responseTime: 10, retryCount: 0, timestamp: new Date().toISOString() };
    await page.route('**/logs?*', (route) => {
      const isFirst = !new URL(route.request().url()).searchParams.has('after');
      return route.fulfill({ json: { success: true, data: isFirst ? [] : [row], pagination: { hasMore: isFirst, nextCursor: isFirst ? 'next' : null } } });
    });
    await goTo(page, `webhooks/${facts.webhookId}`);
    await page.getByRole('button', { name: 'Show more' }).click();
    await page.locator('.log summary', { hasText: 'message.sent' }).waitFor();
    await close();
  });

  await t.test('an inbound URL is created, shown once, sends, and is deleted', async () => {
    const { page, close } = await openConsole(browser, stack, { view: 'webhooks' });
    const list = page.getByRole('region', { name: 'Inbound URLs' });
    await list.getByText('There is none yet.').waitFor();
    await list.getByRole('button', { name: 'Create an inbound URL' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Create an inbound URL' }).click();
    await dialog.locator('input[name=name][aria-invalid=true]').waitFor();
    await dialog.getByLabel('Name').fill('Order form');
    await dialog.getByRole('button', { name: 'Create an inbound URL' }).click();
    const url = await dialog.locator('code.secret').innerText();
    const sent = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ to: '5511999999999', message: 'By the form' }) });
    assert.equal(sent.status, 202);
    await dialog.getByRole('button', { name: 'I have stored it' }).click();
    const row = list.getByRole('row', { name: /Order form/ });
    await row.waitFor();
    assert.equal(await page.getByText(url).count(), 0);
    await row.getByRole('button', { name: 'Delete' }).click();
    await dialog.getByText('Whatever sends with “Order form” is refused').waitFor();
    await dialog.getByRole('button', { name: 'Delete the inbound URL' }).click();
    await list.getByText('There is none yet.').waitFor();
    assert.deepEqual((await client.call('GET', '/v1/webhooks/inbound')).data, []);
    await close();
  });

  await t.test('a key that may only look sees inbound URLs and changes none', async () => {
    const { data } = await client.call('POST', '/v1/webhooks/inbound', { instanceId: stack.instanceId, name: 'Seen alone' });
    const { key } = await client.key(['webhooks:read', 'instances:read']);
    const { page, close } = await openConsole(browser, stack, { key, view: 'webhooks' });
    const list = page.getByRole('region', { name: 'Inbound URLs' });
    await list.getByText('Seen alone').waitFor();
    assert.equal(await list.getByRole('button').count(), 0);
    await close();
    await client.call('DELETE', `/v1/webhooks/${data.id}`);
  });
}
