/** What a message says, in one line, and the request that sends it again. */
import { address } from './format.js';
import { t } from './i18n.js';

/** The person of a message. @param {any} message */
export const personOf = (message) => message.contactName || message.username || address(message.to ?? message.from ?? message.userId);

/** The status to show: what a person wrote is received. @param {any} message */
export const statusOf = (message) => (message.direction === 'inbound' ? 'received' : message.status);

/** Where a message is, or whose cards it has: of a received one they are in WhatsApp's own object. @param {any} message */
export function partsOf({ type, direction, details, location, contacts }) {
  if (direction === 'outbound') return { location, contacts };
  const cards = Array.isArray(details?.contacts) ? details.contacts.filter(Boolean) : undefined; // a customer's own app may sign anything
  return { location: type === 'location' ? details : undefined, contacts: type === 'contacts' ? cards : undefined };
}

/** A message in one line. @param {any} message @returns {string} */
export function summary(message) {
  const text = message.content || message.caption || '';
  const kind = t(message.type);
  const { location, contacts } = partsOf(message);
  if (message.template) return `${kind}: ${message.template.name}`;
  if (message.reaction) return message.reaction.emoji || t('Reaction removed');
  if (location) return [kind, location.name].filter(Boolean).join(': ');
  if (contacts) return `${kind}: ${contacts.map((/** @type {any} */ one) => one.name?.formatted_name ?? '').join(', ')}`;
  if (message.type === 'text') return text;
  return [kind, message.filename, text || message.interactive?.body?.text].filter(Boolean).join(': ');
}

/** The body of `POST /v1/messages/send` that sends the same again; none for what a person wrote.
 * @param {any} message @returns {Record<string, any> | undefined} */
export function sendBody(message) {
  if (message.direction !== 'outbound') return undefined;
  const quoted = message.context?.messageId ?? message.context?.providerId;
  const common = { instanceId: message.instanceId, to: message.to ?? message.userId, quotedMessageId: quoted, metadata: message.metadata, reference: message.reference };
  return withoutAbsent({ ...common, ...contentOf(message) });
}

/** @param {any} message */
function contentOf(message) {
  const { template, interactive, location, contacts, reaction, mediaUrl, media, caption, filename } = message;
  if (template) return { template: withoutAbsent({ ...template, components: template.components ?? [] }) };
  if (reaction) return { reaction: withoutAbsent({ messageId: reaction.messageId ?? reaction.providerId, emoji: reaction.emoji ?? '' }), quotedMessageId: undefined };
  if (interactive || location || contacts) return { interactive, location, contacts };
  if (mediaUrl || media) return { mediaUrl, mediaId: mediaUrl ? undefined : media.id, mediaType: message.type, caption, filename };
  return { message: message.content };
}

/** @param {Record<string, any>} members */
const withoutAbsent = (members) => Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined && value !== null));

/** A command for a shell. The key is a variable: it belongs into no clipboard.
 * @param {string} method @param {string} url @param {unknown} [body] */
export function curl(method, url, body) {
  const quoted = (/** @type {string} */ text) => `'${text.replace(/'/g, `'\\''`)}'`;
  const parts = [`curl ${method === 'GET' ? '' : `-X ${method} `}${quoted(url)}`, `-H "Authorization: Bearer $POMBO_KEY"`];
  if (body !== undefined) parts.push(`-H 'Content-Type: application/json'`, `-d ${quoted(JSON.stringify(body))}`);
  return parts.join(' \\\n  ');
}
