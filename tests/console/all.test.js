/** The console in a browser before a real stack: one stack and one browser for all tests. CONSOLE_ONLY names those to run, by file. */
import test from 'node:test';
import { batchTests } from './batches.js';
import { batchLiveTests } from './batches_live.js';
import { batchSendingTests } from './batches_sending.js';
import { startBrowser } from './browser.js';
import { conversationTests } from './conversations.js';
import { csvTests } from './csv.js';
import { figureTests } from './figures.js';
import { firstViewTests } from './first_view.js';
import { hostileTests } from './hostile.js';
import { instanceTests } from './instances.js';
import { liveTests } from './live.js';
import { messageTests } from './messages.js';
import { operatorTests } from './operator.js';
import { overviewTests } from './overview.js';
import { pictureTests } from './pictures.js';
import { clientOf, startEndpoint, startStack, until } from './stack.js';
import { translationTests } from './translations.js';
import { troubleTests } from './troubles.js';
import { viewTests } from './views.js';
import { webhookTests } from './webhooks.js';

/** @type {Record<string, (t: import('node:test').TestContext, world: any) => Promise<void>>} */
const FILES = {
  translations: translationTests, csv: csvTests, first_view: firstViewTests, figures: figureTests, views: viewTests, overview: overviewTests, live: liveTests, conversations: conversationTests, messages: messageTests, webhooks: webhookTests,
  instances: instanceTests, batches: batchTests, batches_sending: batchSendingTests, batches_live: batchLiveTests, operator: operatorTests, hostile: hostileTests, troubles: troubleTests, pictures: pictureTests,
};

/** How long all tests may take, and one of them, in milliseconds. */
const [WHOLE, ONE] = [1_500_000, 90_000];

test('console', { timeout: WHOLE }, async (t) => {
  const [stack, browser, endpoint] = await Promise.all([startStack(), startBrowser(), startEndpoint()]);
  try {
    const client = clientOf(stack);
    const world = { stack, browser, client, endpoint, facts: await someFacts(stack, client, endpoint) };
    const only = process.env.CONSOLE_ONLY?.split(',') ?? Object.keys(FILES).filter((name) => name !== 'pictures');
    for (const name of only) {
      await t.test(name, { timeout: WHOLE, concurrency: true }, (inner) => FILES[name](bounded(inner), world));
      await Promise.all(browser.contexts().map((context) => showAndClose(t, context))); // of tests that failed
    }
  } finally {
    await browser.close();
    await stack.stop();
    endpoint.stop();
  }
});

/** Closes a context whose test has failed, after saying what it showed. @param {import('node:test').TestContext} t @param {import('playwright-core').BrowserContext} context */
async function showAndClose(t, context) {
  for (const page of context.pages()) t.diagnostic(`left open: ${page.url()}\n${await page.locator('main').innerText({ timeout: 1_000 }).catch(String)}`);
  await context.close();
}

/** A test whose tests end in time. @param {import('node:test').TestContext} t @returns {any} */
const bounded = (t) => ({ test: (/** @type {string} */ name, /** @type {() => Promise<void>} */ run, most = ONE) => t.test(name, { timeout: most }, run), diagnostic: (/** @type {string} */ text) => t.diagnostic(text) });

/** A conversation, a message that failed and one that was received, and a webhook that has failed. @param {any} stack @param {any} client @param {any} endpoint */
async function someFacts(stack, client, endpoint) {
  await client.text('5511922220001', 'A *first* message with a link: https://example.com');
  const failed = await client.send({ to: '1559131049', message: 'Refused', reference: 'order-1', metadata: { order: 1 } });
  await client.send({ to: '5511922220001', message: 'An answer' });
  const { batchId } = await client.call('POST', '/v1/messages/batch', { instanceId: stack.instanceId, message: 'To many', recipients: [{ to: '5511922220001' }, { to: '5511922220002' }, { to: 'nobody' }] });
  endpoint.status = 500;
  const subscribe = (/** @type {string} */ name, /** @type {string[]} */ events) => client.call('POST', '/v1/webhooks', { url: endpoint.url, name, instanceId: stack.instanceId, events });
  const { data: webhook } = await subscribe('Shop', ['message.received']);
  await client.text('5511922220001', 'Another message');
  await until(() => endpoint.requests.length > 0);
  endpoint.status = 204;
  await subscribe('Orders', ['message.sent', 'message.delivered', 'message.read', 'message.failed']);
  await until(async () => (await client.call('GET', `/v1/messages/${failed.messageId}`)).data.status === 'failed');
  const { data } = await client.call('GET', `/v1/messages?instanceId=${stack.instanceId}&phone=5511922220001`);
  const received = data.find((/** @type {any} */ one) => one.direction === 'inbound');
  return { chatId: received.chatId, receivedId: received.messageId, failedId: failed.messageId, webhookId: webhook.id, batchId, instanceId: stack.instanceId, accountId: stack.accountId };
}
