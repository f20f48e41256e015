/** What the types accept and refuse. The compiler is the test: an `expect-error` without an error is an error. */

import type { BatchBody, ErrorCode, EventName, Failure, Pombo, SendAllBody, SendBody, WebhookEvent } from '@pombo/client';

const envelope = { instanceId: 'inst_1', to: '5511999999999' };
const mediaUrl = 'https://example.com/file';

export const taken: SendBody[] = [
  { ...envelope, message: 'Hello', metadata: { order: 1, tags: ['a', null] }, expiresIn: 60 },
  { ...envelope, mediaUrl, mediaType: 'video', caption: 'Look' },
  { ...envelope, mediaUrl, mediaType: 'audio', quotedMessageId: 'msg_1' },
  { ...envelope, mediaUrl, mediaType: 'document', filename: 'a.pdf', caption: 'Look' },
  { ...envelope, template: { name: 'welcome', language: 'pt_BR', components: [{ type: 'body', parameters: [] }] } },
  { ...envelope, mediaUrl, mediaType: 'sticker' },
  { ...envelope, mediaId: 'media_1', mediaType: 'document', filename: 'a.pdf', caption: 'Look' },
  { ...envelope, mediaId: 'media_1', mediaType: 'voice' },
  { ...envelope, message: mediaUrl, previewUrl: false },
  { ...envelope, location: { latitude: -23.5, longitude: -46.6 } },
  { ...envelope, contacts: [{ name: { formatted_name: 'Ana' }, phones: [{ phone: '+55 11 99999-9999' }] }] },
  { ...envelope, reaction: { messageId: 'msg_1', emoji: '' } },
  { ...envelope, message: 'Good morning', sendAt: '2026-02-03T09:00:00-03:00' },
];

export const refused: SendBody[] = [
  // @ts-expect-error: nothing to send
  { ...envelope },
  // @ts-expect-error: text and media
  { ...envelope, message: 'Hello', mediaUrl, mediaType: 'image' },
  // @ts-expect-error: media without its type
  { ...envelope, mediaUrl },
  // @ts-expect-error: two files
  { ...envelope, mediaUrl, mediaId: 'media_1', mediaType: 'image' },
  // @ts-expect-error: an unknown type
  { ...envelope, mediaUrl, mediaType: 'gif' },
  // @ts-expect-error: an interactive message of an unknown type
  { ...envelope, interactive: { type: 'dance', body: { text: 'Dance' } } },
  // @ts-expect-error: a reaction quotes nothing
  { ...envelope, reaction: { messageId: 'msg_1', emoji: '' }, quotedMessageId: 'msg_1' },
  // @ts-expect-error: only texts have a preview
  { ...envelope, location: { latitude: 1, longitude: 1 }, previewUrl: false },
  // @ts-expect-error: audio has no caption
  { ...envelope, mediaUrl, mediaType: 'audio', caption: 'Listen' },
  // @ts-expect-error: only documents have a name
  { ...envelope, mediaUrl, mediaType: 'image', filename: 'a.jpg' },
  // @ts-expect-error: no recipient
  { instanceId: 'inst_1', message: 'Hello' },
];

const instanceId = 'inst_1';
const [to, template] = ['5511999999999', { name: 'welcome', language: 'pt_BR' }];
const file = { instanceId, mediaType: 'document', caption: 'Your invoice' } as const;

export const takenBatches: BatchBody[] = [
  { instanceId, message: 'Hello', recipients: [{ to }, { to, reference: 'a', metadata: { a: 1 } }, { to, message: 'Hi' }] },
  { instanceId, template, sendAt: '2026-02-03T09:00:00-03:00', expiresIn: 60, recipients: [{ to }, { to, template }] },
  { instanceId, reference: 'all', recipients: [{ to, template }, { to, message: 'Hello', previewUrl: false }] },
  { instanceId, mediaUrl, mediaType: 'image', recipients: [{ to, caption: 'Look' }] },
  { ...file, recipients: [{ to, mediaUrl, filename: 'a.pdf' }, { to, mediaUrl, caption: 'Yours' }] },
  { ...file, recipients: [{ to, mediaId: 'media_1' }] },
  { instanceId, location: { latitude: -23.5, longitude: -46.6 }, recipients: [{ to, quotedMessageId: 'msg_1' }] },
];

export const refusedBatches: BatchBody[] = [
  // @ts-expect-error: nothing to send
  { instanceId, recipients: [{ to }] },
  // @ts-expect-error: a recipient without a number
  { instanceId, message: 'Hello', recipients: [{ reference: 'a' }] },
  // @ts-expect-error: a number for all
  { instanceId, to, message: 'Hello', recipients: [{ to }] },
  // @ts-expect-error: no instance
  { message: 'Hello', recipients: [{ to }] },
  // @ts-expect-error: an instance of one recipient
  { instanceId, message: 'Hello', recipients: [{ to, instanceId }] },
  // @ts-expect-error: a time of one recipient
  { instanceId, message: 'Hello', recipients: [{ to, sendAt: '2026-02-03T09:00:00-03:00' }] },
  // @ts-expect-error: a text for all, and a template
  { instanceId, message: 'Hello', recipients: [{ to, template }] },
  // @ts-expect-error: two contents for all
  { instanceId, message: 'Hello', template, recipients: [{ to }] },
  // @ts-expect-error: a file without its type
  { instanceId, recipients: [{ to, mediaUrl }] },
  // @ts-expect-error: a file for all, and one by its id
  { instanceId, mediaUrl, mediaType: 'image', recipients: [{ to, mediaId: 'media_1' }] },
  // @ts-expect-error: a reaction
  { instanceId, recipients: [{ to, reaction: { messageId: 'msg_1', emoji: '' } }] },
  // @ts-expect-error: numbers alone
  { instanceId, message: 'Hello', recipients: [to] },
];

async function* rows(numbers: AsyncIterable<string>) {
  for await (const to of numbers) {
    const parameters = [{ type: 'text', text: 'Ana' }];
    yield { to, template: { ...template, components: [{ type: 'body', parameters }] }, reference: to };
  }
}

/** The rows of a file need no type. */
export const streamed = (numbers: AsyncIterable<string>): SendAllBody[] => [
  { instanceId, recipients: rows(numbers) },
  { instanceId, message: 'Hello', recipients: new Set([{ to }]) },
  // @ts-expect-error: a text for all, and templates
  { instanceId, message: 'Hello', recipients: rows(numbers) },
  // @ts-expect-error: numbers alone
  { instanceId, message: 'Hello', recipients: numbers },
];

export async function campaign({ batches }: Pombo, body: SendAllBody): Promise<number> {
  // @ts-expect-error: what is to go on after a crash needs a key
  batches.sendAll(body);
  let rejected = 0;
  for await (const { done } of batches.sendAll(body, { idempotencyKey: 'spring' })) {
    rejected = done.rejected;
  }
  return rejected;
}

/** `event` determines the type of `data`. */
export function describe(event: WebhookEvent): Failure | string | undefined {
  switch (event.event) {
    case 'message.failed':
      return event.data.error;
    case 'message.received':
      return event.data.from;
    case 'instance.connected':
    case 'instance.disconnected':
    case 'instance.updated':
    case 'template.updated':
    case 'contact.updated':
    case 'contact.opted_out':
    case 'contact.opted_in':
    case 'media.ready':
    case 'media.failed':
    case 'batch.completed':
      return event.data.instanceId;
    case 'webhook.exhausted':
    case 'webhook.disabled':
      return event.data.reason;
    case 'message.sent':
    case 'message.delivered':
    case 'message.read':
      return event.data.to;
    default:
      return event satisfies never;
  }
}

// @ts-expect-error: only the operator's webhook receives it
export const subscribed: EventName = 'webhook.disabled';

/** Codes that the API may have later are codes too. */
export const codes: ErrorCode[] = ['invalid_phone_number', 'http_502', 'a_later_one'];
