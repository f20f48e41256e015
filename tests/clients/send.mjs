// Sends every kind of message to the simulator with npm's @kapso/whatsapp-cloud-api, and reads its answers.

import assert from 'node:assert/strict';

import { GraphApiError, WhatsAppClient } from '@kapso/whatsapp-cloud-api';

const [url] = process.argv.slice(2);
const phoneNumberId = '106540352242922';
const to = '+5511911110002';
const envelope = { phoneNumberId, to };
const link = 'https://example.com/file';

async function simulator(path, body) {
  const init = body && { method: 'POST', body: JSON.stringify(body) };
  return (await fetch(`${url}/${path}`, init)).json();
}

const client = new WhatsAppClient({ accessToken: 'EAAG-good', baseUrl: url, graphVersion: 'v25.0' });
const { messages } = client;
const oi = { to: phoneNumberId, type: 'text', text: { body: 'oi' } };
const { messages: [{ id: messageId }] } = await simulator(`people/${to.slice(1)}/messages`, oi);
const before = (await simulator('ledger')).taken.length;

const buttons = [{ id: 'yes', title: 'Yes' }];
const sections = [{ title: 'All', rows: [{ id: '1', title: 'First', description: 'The first' }] }];
const card = (cardIndex, action) => ({
  cardIndex,
  header: { type: 'image', image: { link } },
  bodyText: 'Look',
  action
});
const open = { displayText: 'Open', url: link };
const reply = (id) => ({ buttons: [{ id, title: 'Yes' }] });
const sent = {
  text: () => messages.sendText({ ...envelope, body: 'Hello', previewUrl: true }),
  reply: () => messages.sendText({ ...envelope, body: 'Hello', contextMessageId: messageId }),
  image: () => messages.sendImage({ ...envelope, image: { link, caption: 'Look' } }),
  video: () => messages.sendVideo({ ...envelope, video: { link, caption: 'Look' } }),
  document: () => messages.sendDocument({ ...envelope, document: { link, filename: 'a.pdf' } }),
  audio: () => messages.sendAudio({ ...envelope, audio: { link } }),
  voice: () => messages.sendAudio({ ...envelope, audio: { link, voice: true } }),
  sticker: () => messages.sendSticker({ ...envelope, sticker: { link } }),
  location: () => messages.sendLocation({ ...envelope, location: { latitude: -23.5, longitude: -46.6, name: 'A' } }),
  contacts: () => messages.sendContacts({ ...envelope, contacts: [{ name: { formattedName: 'Ana', firstName: 'Ana' } }] }),
  reaction: () => messages.sendReaction({ ...envelope, reaction: { messageId, emoji: '👍' } }),
  template: () =>
    messages.sendTemplate({
      ...envelope,
      template: {
        name: 'welcome',
        language: { code: 'pt_BR' },
        components: [{ type: 'body', parameters: [{ type: 'text', text: 'Ana' }] }]
      }
    }),
  button: () => messages.sendInteractiveButtons({ ...envelope, bodyText: 'Yes?', buttons }),
  list: () => messages.sendInteractiveList({ ...envelope, bodyText: 'Which?', buttonText: 'Menu', sections }),
  cta_url: () =>
    messages.sendInteractiveCtaUrl({ ...envelope, bodyText: 'Look', parameters: { displayText: 'Open', url: link } }),
  flow: () =>
    messages.sendInteractiveFlow({
      ...envelope,
      bodyText: 'Fill in',
      parameters: { flowMessageVersion: '3', flowId: '1', flowCta: 'Open', flowToken: 't' }
    }),
  location_request_message: () =>
    messages.sendInteractiveLocationRequest({ ...envelope, bodyText: 'Where?', parameters: { requestMessage: 'Where?' } }),
  product: () => messages.sendInteractiveProduct({ ...envelope, bodyText: 'It', catalogId: '1', productRetailerId: 'a' }),
  product_list: () =>
    messages.sendInteractiveProductList({
      ...envelope,
      header: { type: 'text', text: 'Shop' },
      bodyText: 'These',
      catalogId: '1',
      sections: [{ title: 'All', productItems: [{ productRetailerId: 'sku-1' }] }]
    }),
  catalog_message: () => messages.sendInteractiveCatalogMessage({ ...envelope, bodyText: 'All of it' }),
  carousel: () =>
    messages.sendInteractiveCarousel({ ...envelope, bodyText: 'Swipe', cards: [card(0, open), card(1, open)] }),
  carousel_of_replies: () =>
    messages.sendInteractiveCarousel({ ...envelope, bodyText: 'Swipe', cards: [card(0, reply('a')), card(1, reply('b'))] })
};

const ids = [];
for (const [kind, send] of Object.entries(sent)) {
  try {
    const answer = await send();
    assert.equal(answer.contacts[0].waId, to.slice(1), `${kind}: the answer names the person`);
    ids.push(answer.messages[0].id);
  } catch (error) {
    throw new Error(`${kind}: ${error.message} ${JSON.stringify(error.details ?? error.raw ?? '')}`, { cause: error });
  }
}
const taken = (await simulator('ledger')).taken.slice(before);
assert.deepEqual(ids, taken.map(({ wamid }) => wamid), 'each answer names its message, in order');

const read = await messages.markRead({ phoneNumberId, messageId, typingIndicator: { type: 'text' } });
assert.equal(read.success, true);
const shown = await simulator(`people/${to.slice(1)}/messages`);
assert.deepEqual(shown.typing, [phoneNumberId]);

const unknown = { ...envelope, template: { name: 'nobody_s', language: { code: 'en_US' } } };
for (const [refused, code] of [
  [() => messages.sendTemplate(unknown), 132001],
  [() => messages.markRead({ phoneNumberId, messageId: 'wamid.NONE' }), 131009]
]) {
  await assert.rejects(refused, (error) => error instanceof GraphApiError && error.code === code);
}
console.log(`@kapso/whatsapp-cloud-api: ${ids.length} kinds of messages accepted`);
