/** The pictures of docs/console: SCREENSHOTS=1 CONSOLE_ONLY=pictures. */
import { fileURLToPath } from 'node:url';
import { openConsole, settled } from './browser.js';

const FOLDER = fileURLToPath(new URL('../../docs/console', import.meta.url));
const HOUR = 3_600_000;

/** @param {import('node:test').TestContext} t @param {any} world */
export async function pictureTests(t, world) {
  await scene(world);
  /** @type {[string, string, { dark?: boolean, phone?: boolean }][]} */
  const pictures = [
    ['overview-light', 'overview', {}], ['overview-dark', 'overview', { dark: true }], ['conversation-light', 'conversations/chat_5511987654321', {}],
    ['conversation-phone', 'conversations/chat_5511987654321', { phone: true }], ['message-dark', `messages/${world.facts.failedId}`, { dark: true }],
    ['messages-phone', 'messages', { phone: true, dark: true }], ['webhook-light', `webhooks/${world.facts.webhookId}`, {}],
    ['batch-new-light', 'batches/new', {}], ['batch-dark', 'batches/batch_picture', { dark: true }], ['batch-new-phone', 'batches/new', { phone: true }],
    ['batch-parts-light', 'batches/files/picture', {}],
  ];
  for (const [name, view, options] of pictures) {
    await t.test(name, async () => {
      const { page, close } = await openConsole(world.browser, world.stack, { view: 'instances', isLive: true, signsIn: false, ...options });
      await page.route('**/v1/listeners', (route) => route.fulfill({ status: 201, json: { success: true, data: { id: 'lst_picture' } } }));
      await page.route('**/v1/listeners/*/events*', () => undefined); // nothing happens
      await page.route('**/v1/statistics*', (route) => route.fulfill({ json: { success: true, data: aDay() } }));
      await page.route('**/v1/batches/batch_part_*', (route) => route.fulfill({ json: { success: true, data: aPart(route.request().url(), world.stack.instanceId) } }));
      await page.evaluate((files) => sessionStorage.setItem('pombo.sent', files), JSON.stringify([aFile(world.facts)]));
      await page.reload();
      await page.route('**/v1/batches/batch_picture', (route) => route.fulfill({ json: { success: true, data: aBatch(world.stack.instanceId) } }));
      await page.getByRole('button', { name: 'Look at the demo' }).click();
      await page.locator('nav').waitFor();
      await page.evaluate((hash) => void (location.hash = hash), `#/${view}`);
      await settled(page);
      if (view === 'batches/new') await fillBatch(page);
      await page.mouse.move(0, 0);
      await page.waitForTimeout(500);
      if (process.env.SCREENSHOTS) await page.screenshot({ path: `${FOLDER}/${name}.png` });
      await close();
    });
  }
}

/** People, and a conversation. @param {any} world */
async function scene({ client }) {
  const text = 'Olá, {{1}}! Seu pedido *{{2}}* saiu e chega {{3}}.';
  await client.simulator('POST', '/v25.0/102290129340398/message_templates', { name: 'pedido_enviado', language: 'pt_BR', category: 'UTILITY', components: [{ type: 'BODY', text }, { type: 'FOOTER', text: 'Loja Pombo' }, { type: 'BUTTONS', buttons: [{ type: 'QUICK_REPLY', text: 'Falar com a loja' }] }] });
  const people = [['5511976541234', 'Rafael Nogueira', 'Recebi, obrigado!'], ['5521988887777', 'Padaria São Bento', 'Quanto fica o frete?'], ['5531977776666', 'Beatriz Camargo de Albuquerque e Melo', 'Bom dia'], ['5511987654321', 'Ana Souza', 'Oi, meu pedido 4711 já saiu?']];
  for (const [phone, name, text] of people) {
    await client.simulator('PUT', `/people/${phone}`, { name });
    await client.text(phone, text);
  }
  await client.send({ to: '5511987654321', message: 'Oi, Ana! Saiu hoje às 9h com a transportadora. *Previsão: amanhã até 18h.*\nhttps://example.com/rastreio/4711', reference: 'pedido-4711' });
  await client.text('5511987654321', 'Que bom! Posso trocar o endereço?');
  await client.send({ to: '5511987654321', interactive: { type: 'button', body: { text: 'Claro. Para qual endereço?' }, action: { buttons: [{ type: 'reply', reply: { id: '1', title: 'Casa' } }, { type: 'reply', reply: { id: '2', title: 'Trabalho' } }] } } });
  await client.text('5511987654321', 'Trabalho 🙏');
}

/** A batch's file with some errors. @param {import('playwright-core').Page} page */
async function fillBatch(page) {
  const rows = ['Ana Souza;+55 11 98765-4321;4711;amanhã', 'Rafael Nogueira;5511976541234;4712;sexta-feira', 'Beatriz Camargo;5531977776666;4713;sexta-feira', 'Padaria São Bento;98888;4714;hoje', 'João Lima;;4715;hoje', 'Ana Souza;5511987654321;4716;amanhã'];
  const more = Array.from({ length: 1_240 }, (_, index) => `Cliente ${index};55119${String(30_000_000 + index * 7919)};${5000 + index};hoje`);
  await page.locator('input[type=file]').setInputFiles({ name: 'pedidos.csv', mimeType: 'text/csv', buffer: Buffer.from(['Nome;Celular;Pedido;Previsão', ...rows, ...more].join('\n')) });
  await page.getByLabel('Template', { exact: true }).selectOption('pedido_enviado pt_BR');
}

/** A file in six parts. @param {any} facts */
const aFile = ({ accountId, instanceId }) => ({
  id: 'picture', accountId, instanceId, name: 'clientes-novembro.csv', begunAt: new Date(Date.now() - 95_000).toISOString(), total: 5612, done: 5612, rejected: 17,
  batches: [998, 1000, 996, 1000, 994, 607].map((accepted, index) => ({ batchId: `batch_part_${index}`, accepted })),
});

/** A part of it: the first have left. @param {string} url @param {string} instanceId */
function aPart(url, instanceId) {
  const number = Number(url.at(-1));
  const { accepted } = aFile({}).batches[number];
  const left = Math.round(accepted * [1, 1, 0.93, 0.62, 0.58, 0.71][number]);
  const [read, failed, sent] = [Math.round(left * (0.61 - number / 20)), 3 + ((number * 5) % 7), Math.round((left * number) / 40)];
  const counts = { scheduled: 0, queued: accepted - left, sent, delivered: left - read - failed - sent, read, failed };
  return { ...aBatch(instanceId), batchId: `batch_part_${number}`, status: left === accepted ? 'completed' : 'sending', accepted, counts };
}

/** A batch that is half sent. @param {string} instanceId */
function aBatch(instanceId) {
  const at = (/** @type {number} */ seconds) => new Date(Date.now() + seconds * 1000).toISOString();
  return {
    batchId: 'batch_7mQ2vXk4TzRw9LbNfJ', instanceId, status: 'sending', accepted: 1000, rejected: 3, timestamp: at(-14), firstSentAt: at(-13), lastSentAt: at(-1), estimatedEndAt: at(9),
    counts: { scheduled: 0, queued: 386, sent: 74, delivered: 312, read: 217, failed: 11 },
  };
}

/** A day's statistics, which a stack that has just started cannot have. */
export function aDay() {
  const end = Math.floor(Date.now() / HOUR) * HOUR + HOUR;
  const rows = Array.from({ length: 24 }, (_, index) => {
    const at = end - (24 - index) * HOUR;
    const busy = Math.max(0.06, Math.sin(((new Date(at).getUTCHours() - 6) / 24) * 2 * Math.PI)) * (1 + ((index * 7) % 5) / 8);
    const counts = { read: 260 * busy, delivered: 90 * busy, sent: 22 * busy, queued: index === 23 ? 9 : 0, failed: 9 * busy };
    const messages = Object.entries(counts).map(([status, count]) => ({ direction: 'outbound', type: 'text', status, count: Math.round(count) }));
    return { from: new Date(at).toISOString(), partial: false, asOf: null, messages: [...messages, { direction: 'inbound', type: 'text', status: 'delivered', count: Math.round(120 * busy) }] };
  });
  const total = rows.flatMap(({ messages }) => messages);
  const failures = [['outside_window', 51], ['recipient_unreachable', 22], ['blocked_by_policy', 8]].map(([code, count]) => ({ code, count }));
  const times = (/** @type {number} */ median, /** @type {number} */ percentile95, /** @type {number} */ longest) => ({ count: 3000, average: median, median, percentile95, longest });
  const pricing = [['utility', 2210, 2210], ['service', 840, 0], ['marketing', 160, 160]].map(([category, count, billable]) => ({ category, count, billable }));
  return { interval: 'hour', from: rows[0].from, to: new Date(end).toISOString(), partial: false, asOf: new Date().toISOString(), rows, total: { messages: total, failures, pricing, deliveryRate: 0.967, readRate: 0.731, acceptedToSent: times(141, 512, 4200), sentToDelivered: times(780, 4096, 61_000) } };
}
