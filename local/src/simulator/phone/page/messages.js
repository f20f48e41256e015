// What a conversation shows, from the messages as WhatsApp has them: reactions beside what they are to, edits and deletions done.

import { plain } from "./format.js";
import { t } from "./i18n.js";
import { fillIn } from "./template.js";

/** @typedef {import("./types.d.ts").PhoneMessage} PhoneMessage */

/**
 * @typedef {object} Shown
 * @property {string} id
 * @property {string} number
 * @property {boolean} mine whether the person wrote it
 * @property {number} at milliseconds since the epoch
 * @property {string} type WhatsApp's
 * @property {any} content the object of that type
 * @property {any} message the whole message
 * @property {any} [template] the template as Meta lists it
 * @property {string} [quoted] the id of the message that it answers
 * @property {Map<"me" | "them", string>} reactions emoji
 * @property {boolean} edited
 * @property {boolean} deleted
 * @property {"pending" | "sent" | "delivered" | "read" | undefined} tick
 */

/**
 * The messages of a conversation, oldest first.
 * @param {PhoneMessage[]} messages those of one number
 * @param {import("./types.d.ts").Waiting[]} pending those that wait for the phone to be online
 * @returns {Shown[]}
 */
export function conversationOf(messages, pending = []) {
  /** @type {Map<string, Shown>} */
  const shown = new Map();
  for (const one of messages) {
    const mine = one.direction === "written";
    const { type } = one.message;
    if (type === "reaction") react(shown.get(one.message.reaction.message_id), mine, one.message.reaction.emoji);
    else if (type === "edit") edit(shown.get(one.message.edit.original_message_id), one.message.edit.message);
    else if (type === "revoke") revoke(shown.get(one.message.revoke.original_message_id));
    else shown.set(one.id, message(one, mine));
  }
  for (const { key, number, at, message: waiting } of pending) {
    if (waiting.type in { reaction: 1, edit: 1, revoke: 1 }) continue;
    const written = { id: key, number, at, message: { ...waiting, ...readable(waiting) } };
    shown.set(key, { ...message(written, true), tick: "pending" });
  }
  return [...shown.values()];
}

/** A file that waits has its bytes and no id. @param {any} waiting */
const readable = (waiting) =>
  waiting[waiting.type]?.data ? { [waiting.type]: { ...waiting[waiting.type], data: undefined, waits: true } } : {};

/** @param {PhoneMessage} one @param {boolean} mine @returns {Shown} */
function message(one, mine) {
  const { type, context } = one.message;
  return {
    id: one.id,
    number: one.number,
    mine,
    at: one.at,
    type,
    content: one.message[type] ?? {},
    message: one.message,
    template: one.template,
    quoted: context?.message_id ?? context?.id,
    reactions: new Map(),
    edited: false,
    deleted: false,
    tick: mine ? (one.isRead ? "read" : one.isDelivered ? "delivered" : "sent") : undefined,
  };
}

/** @param {Shown | undefined} target @param {boolean} mine @param {string | undefined} emoji */
function react(target, mine, emoji) {
  if (!target) return;
  const who = mine ? "me" : "them";
  if (emoji) target.reactions.set(who, emoji);
  else target.reactions.delete(who);
}

/** @param {Shown | undefined} target @param {any} changed */
function edit(target, changed) {
  if (!target) return;
  target.content = { ...target.content, ...changed[changed.type] };
  target.edited = true;
}

/** @param {Shown | undefined} target */
function revoke(target) {
  if (target) target.deleted = true;
}

/** A message in one line, such as for a quote or for the list of conversations. @param {Shown | undefined} shown */
export function summary(shown) {
  if (!shown) return t("message");
  if (shown.deleted) return t("deleted");
  const { type, content } = shown;
  const named = (/** @type {string} */ name, /** @type {unknown} */ text) => (text ? `${name}: ${text}` : name);
  switch (type) {
    case "text":
      return plain(content.body);
    case "image":
    case "video":
    case "document":
      return named(t(type), plain(content.caption) || content.filename);
    case "audio":
      return t(content.voice ? "voice" : "audio");
    case "location":
      return named(t("location"), content.name);
    case "contacts":
      return named(t("contact"), content[0]?.name?.formatted_name);
    case "button":
      return String(content.text ?? "");
    case "order":
      return `${t("orderSent")}: ${content.product_items?.length ?? 0} ${t("products")}`;
    case "template":
      return plain(fillIn(shown).body) || named(t("template"), content.name);
    case "interactive": {
      const chosen = content.button_reply ?? content.list_reply;
      if (chosen) return String(chosen.title);
      if (content.nfm_reply) return t("formSent");
      return plain(content.body?.text) || String(content.type ?? "");
    }
    case "sticker":
      return t("sticker");
    default:
      return t("unknown");
  }
}
