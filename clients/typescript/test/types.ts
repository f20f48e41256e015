/** What the types accept and refuse. The compiler is the test: an `expect-error` without an error is an error. */

import type { ErrorCode, Failure, SendBody, WebhookEvent } from '@pombo/client';

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
      return event.data.instanceId;
    default:
      return event.data.to;
  }
}

/** Codes that the API may have later are codes too. */
export const codes: ErrorCode[] = ['invalid_phone_number', 'http_502', 'a_later_one'];
