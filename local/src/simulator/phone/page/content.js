// What a bubble shows of a message, by its type.

import { isEmojiOnly, formatted } from "./format.js";
import { avatar, h, icon, link } from "./dom.js";
import { t } from "./i18n.js";
import { interactive, templated } from "./interactive.js";
import { media } from "./media.js";
import { place } from "./place.js";

/** @typedef {import("./types.d.ts").Child} Child */
/** @typedef {import("./actions.js").Actions} Actions */

/**
 * The nodes of a message.
 * @param {import("./messages.js").Shown} shown
 * @param {Actions} actions what a tap on a part of it does
 * @returns {Child}
 */
export function contentOf(shown, actions) {
  if (shown.deleted) return h("p", { class: "deleted" }, icon("block"), t("deleted"));
  const { content } = shown;
  switch (shown.type) {
    case "text":
      return textual(content.body);
    case "image":
    case "video":
    case "audio":
    case "document":
    case "sticker":
      return [media(shown.type, content), caption(content.caption)];
    case "location":
      return place(content);
    case "contacts":
      return (Array.isArray(content) ? content : []).map(card);
    case "interactive":
      return answer(content) ?? interactive(shown, actions);
    case "template":
      return templated(shown, actions);
    case "button":
      return textual(content.text);
    case "order":
      return order(content);
    default:
      return unknown(shown);
  }
}

/** @param {unknown} text */
function textual(text) {
  return h("p", { class: isEmojiOnly(String(text ?? "")) ? "text large" : "text", dir: "auto" }, formatted(text));
}

/** @param {unknown} text */
export const caption = (text) => (text ? h("p", { class: "text", dir: "auto" }, formatted(text)) : undefined);

/** What the person chose. @param {any} content */
function answer(content) {
  const chosen = content.button_reply ?? content.list_reply;
  if (chosen) {
    return [textual(chosen.title), chosen.description && h("p", { class: "faint" }, String(chosen.description))];
  }
  if (content.nfm_reply) return formAnswer(content.nfm_reply);
  if (content.call_permission_reply) {
    return textual(t(content.call_permission_reply.response === "accept" ? "allow" : "deny"));
  }
  return undefined;
}

/** @param {any} reply */
function formAnswer(reply) {
  return h(
    "div",
    { class: "card" },
    h("p", { class: "card-title" }, icon("flow"), t("formSent")),
    h("pre", {}, String(reply.response_json)),
  );
}

/** @param {any} contact */
function card(contact) {
  const name = String(contact?.name?.formatted_name ?? contact?.phones?.[0]?.phone ?? t("contact"));
  const lines = [
    contact?.org?.company,
    ...(contact?.phones ?? []).map((/** @type {any} */ one) => one?.phone ?? one?.wa_id),
    ...(contact?.emails ?? []).map((/** @type {any} */ one) => one?.email),
    ...(contact?.addresses ?? []).map((/** @type {any} */ one) => [one?.street, one?.city, one?.country].filter(Boolean).join(", ")),
    contact?.birthday,
  ];
  return h(
    "div",
    { class: "card contact" },
    avatar(name),
    h(
      "div",
      {},
      h("p", { class: "card-title" }, name),
      lines.filter(Boolean).map((line) => h("p", { class: "faint" }, String(line))),
      (contact?.urls ?? []).map((/** @type {any} */ one) => link(one?.url, { class: "card-link" }, String(one?.url))),
    ),
  );
}

/** @param {any} content */
function order({ product_items: items = [], text }) {
  return [
    h(
      "div",
      { class: "card" },
      h("p", { class: "card-title" }, icon("cart"), `${t("orderSent")}: ${items.length} ${t("products")}`),
      items.map((/** @type {any} */ item) =>
        h("p", { class: "faint row" }, h("span", {}, `${item.quantity} × ${item.product_retailer_id}`), h("span", {}, `${item.item_price} ${item.currency}`)),
      ),
    ),
    caption(text),
  ];
}

/** @param {import("./messages.js").Shown} shown */
function unknown(shown) {
  return h(
    "details",
    { class: "card" },
    h("summary", {}, `${t("unknown")}: ${shown.type}`),
    h("pre", {}, JSON.stringify(shown.message, null, 2)),
  );
}
