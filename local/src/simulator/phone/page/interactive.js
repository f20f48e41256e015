// Interactive messages and templates: what they show, and the buttons below them.

import { fill, h, icon, link, safeUrl } from "./dom.js";
import { formatted } from "./format.js";
import { t } from "./i18n.js";
import { media } from "./media.js";
import { place } from "./place.js";
import { fillIn } from "./template.js";

/** @typedef {import("./messages.js").Shown} Shown */
/** @typedef {import("./actions.js").Actions} Actions */
/** @typedef {import("./types.d.ts").Child} Child */

/** An interactive message. @param {Shown} shown @param {Actions} actions @returns {Child} */
export function interactive(shown, actions) {
  const { content } = shown;
  return [
    header(content.header),
    body(content.body?.text),
    footer(content.footer?.text),
    products(content),
    content.type === "carousel" && carousel(content.action?.cards, (/** @type {any} */ card) => [
      header(card.header),
      body(card.body?.text),
      buttons(cardButtons(card, shown, actions)),
    ]),
    buttons(buttonsOf(content, shown, actions)),
  ];
}

/** A template message. @param {Shown} shown @param {Actions} actions @returns {Child} */
export function templated(shown, actions) {
  const filled = fillIn(shown);
  const of = (/** @type {import("./template.js").Parts} */ part) => [
    headerOf(part.header),
    body(part.body),
    footer(part.footer),
    buttons(part.buttons.map((one) => templateButton(one, shown, actions))),
  ];
  const isEmpty = !filled.body && !filled.header && filled.cards.length === 0;
  return [
    isEmpty && h("p", { class: "card-title" }, `${t("template")}: ${shown.content.name}`),
    of(filled),
    filled.cards.length > 0 && carousel(filled.cards, of),
  ];
}

/** @param {any} given */
function header(given) {
  if (!given) return undefined;
  return headerOf(given.type === "text" ? { type: "text", content: given.text } : { type: given.type, content: given[given.type] });
}

/** @param {{ type: string, content: any } | undefined} given */
function headerOf(given) {
  if (!given) return undefined;
  if (given.type === "text") return h("p", { class: "header", dir: "auto" }, String(given.content));
  return given.type === "location" ? place(given.content) : media(/** @type {import("./media.js").Media} */ (given.type), given.content);
}

/** @param {unknown} text */
const body = (text) => (text ? h("p", { class: "text", dir: "auto" }, formatted(text)) : undefined);
/** @param {unknown} text */
const footer = (text) => (text ? h("p", { class: "footer", dir: "auto" }, String(text)) : undefined);

/** The products that a message offers. @param {any} content */
function products({ type, action }) {
  if (type !== "product" && type !== "product_list") return undefined;
  const sections = type === "product" ? [{ product_items: [action] }] : (action?.sections ?? []);
  return h(
    "div",
    { class: "card" },
    sections.map((/** @type {any} */ section) => [
      section?.title && h("p", { class: "card-title" }, String(section.title)),
      (section?.product_items ?? []).map((/** @type {any} */ item) => h("p", { class: "product" }, icon("cart"), String(item?.product_retailer_id))),
    ]),
  );
}

/** @template Card @param {Card[] | undefined} cards @param {(card: Card) => Child} contentOf */
function carousel(cards, contentOf) {
  return h(
    "div",
    { class: "carousel", role: "group", tabindex: 0 },
    (cards ?? []).map((card) => h("div", { class: "carousel-card" }, contentOf(card))),
  );
}

/** Buttons below a message, one on each line. @param {(Child)[]} all */
function buttons(all) {
  const there = all.filter(Boolean);
  return there.length > 0 ? h("div", { class: "buttons" }, there) : undefined;
}

/**
 * @param {import("./dom.js").Icon | undefined} name @param {unknown} text @param {(() => void) | undefined} onclick
 * @param {Record<string, any>} [more]
 */
const button = (name, text, onclick, more = {}) =>
  h("button", { type: "button", class: "action", onclick, ...more }, name && icon(name), h("span", {}, String(text ?? "")));

/** A link's button; one that leads nowhere is shown without the link. @param {unknown} text @param {unknown} url */
const linkButton = (text, url) =>
  safeUrl(url)
    ? link(url, { class: "action" }, icon("external"), h("span", {}, String(text ?? url)))
    : button("external", text, undefined, { disabled: true, title: String(url ?? "") });

/** @param {any} content @param {Shown} shown @param {Actions} actions @returns {Child[]} */
function buttonsOf({ type, action }, shown, actions) {
  const parameters = action?.parameters ?? {};
  switch (type) {
    case "button":
      return (action?.buttons ?? []).map((/** @type {any} */ { reply }) => button("reply", reply?.title, () => actions.tap(shown, "button_reply", reply)));
    case "list":
      return [button("list", action?.button, () => actions.list(shown, action))];
    case "cta_url":
      return [linkButton(parameters.display_text, parameters.url)];
    case "flow":
      return [button("flow", parameters.flow_cta, () => actions.form(shown, parameters.flow_cta))];
    case "location_request_message":
      return [button("pin", t("sendLocation"), () => actions.location(shown))];
    case "request_contact_info":
      return [button("contact", t("shareContact"), () => actions.contactInfo(shown))];
    case "product":
      return [button("cart", t("order"), () => actions.order(shown, [action]))];
    case "product_list":
      return [button("cart", t("order"), () => actions.order(shown, catalogItems(action)))];
    case "catalog_message":
      return [button("cart", t("catalog"), () => actions.order(shown, [{ product_retailer_id: parameters.thumbnail_product_retailer_id }]))];
    case "carousel":
      return [];
    default:
      return [fill(h("p", { class: "footer" }), `${t("unknown")}: ${String(type)}`)];
  }
}

/** @param {any} action @returns {any[]} */
const catalogItems = (action) =>
  (action?.sections ?? []).flatMap((/** @type {any} */ section) => (section?.product_items ?? []).map((/** @type {any} */ item) => ({ ...item, catalog_id: action.catalog_id })));

/** @param {any} card @param {Shown} shown @param {Actions} actions @returns {Child[]} */
function cardButtons(card, shown, actions) {
  const { action } = card;
  if (card.type === "product") return [button("cart", t("order"), () => actions.order(shown, [action]))];
  if (action?.parameters) return [linkButton(action.parameters.display_text, action.parameters.url)];
  return (action?.buttons ?? []).map((/** @type {any} */ { quick_reply: reply }) => button("reply", reply?.title, () => actions.tap(shown, "button_reply", reply)));
}

/** @param {import("./template.js").Button} one @param {Shown} shown @param {Actions} actions */
function templateButton(one, shown, actions) {
  switch (one.kind) {
    case "reply":
      return button("reply", one.text, () => actions.templateReply(shown, one.text, one.payload));
    case "url":
      return linkButton(one.text, one.url);
    case "copy":
      return button("copy", one.text || t("copyCode"), () => actions.copy(one.code), { title: one.code });
    case "flow":
      return button("flow", one.text, () => actions.form(shown, one.text));
    case "call":
      return button("call", one.text, undefined, { disabled: true, title: one.phone });
    case "contact":
      return button("contact", one.text || t("shareContact"), () => actions.contactInfo(shown));
    case "catalog":
      return button("cart", one.text || t("catalog"), () => actions.order(shown, one.sections.flatMap((section) => section?.product_items ?? [])));
    default:
      return button(undefined, one.text, undefined, { disabled: true });
  }
}
