/** Instances and templates. */
import { openConsole, see } from './browser.js';

/** @param {import('node:test').TestContext} t @param {any} world */
export async function instanceTests(t, { browser, stack }) {
  await t.test('a number is connected step by step, with WhatsApp’s own words when it refuses, and taken away again', async () => {
    const { page, close } = await openConsole(browser, stack, { view: 'instances' });
    await page.getByRole('link', { name: 'Connect a number' }).click();
    await page.getByLabel('Name').fill('Second');
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByLabel('Phone number ID').fill('1000000000000');
    await page.getByLabel('WhatsApp Business Account ID').fill('102290129340399');
    await page.getByLabel('Access token').fill('EAAG-expired');
    await page.getByRole('button', { name: 'Connect', exact: true }).click();
    await page.locator('[role=alert]').first().waitFor();
    await page.getByLabel('Access token').fill('EAAG-fine');
    await page.getByRole('button', { name: 'Connect', exact: true }).click();
    await page.getByRole('heading', { name: 'Second' }).waitFor();
    await see(page, '1,000');
    await page.getByRole('button', { name: 'Edit' }).click();
    await page.getByRole('dialog').getByLabel('Name').fill('Second number');
    await page.getByRole('dialog').getByLabel('What is no template').selectOption('refuse');
    await page.getByRole('button', { name: 'Save' }).click();
    await see(page, 'is refused');
    await page.getByRole('button', { name: 'Disconnect' }).click();
    await page.getByRole('dialog').getByText('sends and receives nothing').waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Disconnect' }).click();
    await see(page, 'disconnected');
    await page.getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('button', { name: 'Delete the instance' }).click();
    await page.waitForURL(/#\/instances$/);
    await page.locator('.rows').getByText('Second number').waitFor({ state: 'detached' });
    await close();
  });

  await t.test('a template is created with a preview, listed with its status, and deleted', async () => {
    const { page, close } = await openConsole(browser, stack, { view: 'templates' });
    await page.getByRole('link', { name: 'Create a template' }).click();
    await page.getByLabel('Name').fill('order_ready');
    await page.getByLabel('Text', { exact: true }).fill('Hello {{1}}, your order is *ready*.');
    await page.getByLabel('Example of {{1}}').fill('Ana');
    await page.getByLabel('Quick replies, one a line').fill('Thanks\nCall me');
    await page.getByRole('group', { name: 'Preview' }).getByText('Hello Ana, your order is').waitFor();
    await page.getByRole('button', { name: 'Create a template' }).click();
    await page.getByRole('heading', { name: 'order_ready' }).waitFor();
    await page.locator('.option', { hasText: 'Call me' }).waitFor();
    await page.getByRole('link', { name: 'Back' }).click();
    await page.getByRole('row', { name: /order_ready.*aprov|order_ready.*APPROVED/i }).waitFor();
    await page.getByRole('link', { name: 'order_ready' }).click();
    await page.getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('button', { name: 'Delete the template' }).click();
    await page.waitForURL(/#\/templates$/);
    await page.getByText('order_ready').waitFor({ state: 'detached' });
    await close();
  });
}
