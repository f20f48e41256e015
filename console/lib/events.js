/** The events that a webhook may ask for, and what each says. */

/** @type {[string, string][]} */
export const EVENTS = [
  ['message.sent', 'WhatsApp has accepted the message.'],
  ['message.delivered', 'It is on the person’s phone.'],
  ['message.read', 'The person has read it.'],
  ['message.failed', 'It was not sent or not delivered; the error says why.'],
  ['message.received', 'Somebody has written, reacted or sent a file.'],
  ['instance.connected', 'The instance has its number.'],
  ['instance.disconnected', 'The instance has lost its number.'],
  ['instance.updated', 'WhatsApp changed the number’s quality, limit or state.'],
  ['template.updated', 'WhatsApp changed a template’s status, category, quality or text.'],
  ['contact.updated', 'A known person has another number or user id.'],
  ['contact.opted_out', 'A person wants no more marketing.'],
  ['contact.opted_in', 'A person wants marketing again.'],
  ['batch.completed', 'Nothing of a batch is left to be sent.'],
  ['media.ready', 'An uploaded file can be sent.'],
  ['media.failed', 'WhatsApp refused an uploaded file.'],
];

/** The events of messages, which most receivers want. */
export const MESSAGE_EVENTS = EVENTS.slice(0, 5).map(([name]) => name);
