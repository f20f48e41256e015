// What the person can do with a message, as the message that it makes.

import { h, icon } from "./dom.js";
import { t } from "./i18n.js";
import { ask, field, menu, notice } from "./overlay.js";

/** @typedef {import("./messages.js").Shown} Shown */
/** @typedef {ReturnType<typeof createActions>} Actions */

/**
 * @param {object} page
 * @param {import("./types.d.ts").Send} page.send
 * @param {() => import("./types.d.ts").Person | undefined} page.person
 * @param {() => import("./composer.js").Composer} page.composer
 */
export function createActions({ send, person, composer }) {
  const to = (/** @type {Shown} */ shown) => ({ context: { id: shown.id } });
  const number = (/** @type {unknown} */ value, /** @type {string} */ name) => {
    const parsed = Number(String(value).replace(",", "."));
    if (!Number.isFinite(parsed)) throw new Error(name);
    return parsed;
  };

  /** @param {Shown} [shown] the message that asks for it */
  async function location(shown) {
    const place = await ask(
      t("sendLocation"),
      [
        field(t("name"), "name", { maxlength: 100 }),
        field(t("address"), "address", { maxlength: 200 }),
        h("div", { class: "columns" }, field(t("latitude"), "latitude", { value: "-23.5614", inputmode: "decimal", required: true }), field(t("longitude"), "longitude", { value: "-46.6559", inputmode: "decimal", required: true })),
      ],
      {
        read: (form) => ({
          latitude: number(form.get("latitude"), t("latitude")),
          longitude: number(form.get("longitude"), t("longitude")),
          ...(form.get("name") ? { name: form.get("name") } : {}),
          ...(form.get("address") ? { address: form.get("address") } : {}),
        }),
      },
    );
    if (place) send({ type: "location", location: place, ...(shown && to(shown)) });
  }

  async function contact() {
    const card = await ask(t("contact"), [field(t("name"), "name", { required: true, maxlength: 100 }), field(t("number"), "phone", { type: "tel", required: true, maxlength: 30 })], {
      read: (form) => ({ name: { formatted_name: form.get("name"), first_name: form.get("name") }, phones: [{ phone: form.get("phone"), type: "CELL" }] }),
    });
    if (card) send({ type: "contacts", contacts: [card] });
  }

  /** The person's own number, which a business that knows only the user id asks for. @param {Shown} shown */
  function contactInfo(shown) {
    const owner = person();
    if (!owner) return;
    const { name, phone } = owner;
    const phones = phone ? [{ phone: `+${phone}`, wa_id: phone, type: "CELL" }] : [];
    send({ type: "contacts", contacts: [{ name: { formatted_name: name, first_name: name }, phones, origin: "contact_request" }], ...to(shown) });
  }

  /** @param {Shown} shown @param {any} action */
  async function list(shown, action) {
    let first = true;
    const row = (/** @type {any} */ { id, title, description }) => {
      const choice = h(
        "label",
        { class: "choice" },
        h("span", {}, String(title ?? ""), description && h("small", {}, String(description))),
        h("input", { type: "radio", name: "row", value: JSON.stringify({ id, title, description }), required: true, autofocus: first }),
      );
      first = false;
      return choice;
    };
    const sections = (action?.sections ?? []).map((/** @type {any} */ section) =>
      h("fieldset", {}, h("legend", {}, String(section?.title ?? t("section"))), (section?.rows ?? []).map(row)),
    );
    const chosen = await ask(String(action?.button ?? t("choose")), sections, { read: (form) => JSON.parse(String(form.get("row"))) });
    if (chosen) tap(shown, "list_reply", chosen);
  }

  /** @param {Shown} shown @param {"button_reply" | "list_reply"} type @param {any} chosen */
  function tap(shown, type, chosen) {
    const { id, title, description } = chosen;
    const reply = description === undefined ? { id, title } : { id, title, description };
    send({ type: "interactive", interactive: { type, [type]: reply }, ...to(shown) });
  }

  /** @param {Shown} shown @param {unknown} title */
  async function form(shown, title) {
    const token = shown.content?.action?.parameters?.flow_token;
    const example = { flow_token: token ?? "unused", name: "Ana" };
    const answer = await ask(String(title || t("formSent")), h("label", { class: "field" }, h("span", {}, t("formAnswer")), h("textarea", { name: "json", rows: 8, class: "code", autofocus: true }, JSON.stringify(example, null, 2))), {
      submit: t("answerForm"),
      read: (fields) => JSON.stringify(JSON.parse(String(fields.get("json")))),
    });
    if (answer) send({ type: "interactive", interactive: { type: "nfm_reply", nfm_reply: { name: "flow", body: "Sent", response_json: answer } }, ...to(shown) });
  }

  /** @param {Shown} shown @param {any[]} items */
  async function order(shown, items) {
    const known = items.filter((item) => item?.product_retailer_id);
    const first = known[0] ?? {};
    const line = (/** @type {any} */ item, /** @type {number} */ index) =>
      h(
        "div",
        { class: "columns order-line" },
        field(t("product"), `id-${index}`, { value: item.product_retailer_id ?? "", required: true, readonly: Boolean(item.product_retailer_id) }),
        field(t("quantity"), `quantity-${index}`, { type: "number", min: 0, step: 1, value: index === 0 ? 1 : 0, required: true }),
        field(t("price"), `price-${index}`, { inputmode: "decimal", value: "10", required: true }),
      );
    const lines = known.length > 0 ? known : [{}];
    const made = await ask(t("order"), [h("p", { class: "faint" }, t("shopHint")), lines.map(line), field(t("currency"), "currency", { value: "BRL", maxlength: 3, required: true })], {
      read: (fields) => {
        const products = lines.map((_, index) => ({
          product_retailer_id: fields.get(`id-${index}`),
          quantity: Math.trunc(number(fields.get(`quantity-${index}`), t("quantity"))),
          item_price: number(fields.get(`price-${index}`), t("price")),
          currency: fields.get("currency"),
        }));
        return products.filter((product) => product.quantity > 0);
      },
    });
    if (made?.length) send({ type: "order", order: { catalog_id: String(first.catalog_id ?? shown.content?.action?.catalog_id ?? "1"), product_items: made }, ...to(shown) });
  }

  /** Without an emoji the reaction is taken back. @param {Shown} shown @param {string} [emoji] */
  const react = (shown, emoji) => send({ type: "reaction", reaction: { message_id: shown.id, ...(emoji && { emoji }) } });

  /** @param {unknown} text */
  async function copy(text) {
    await navigator.clipboard.writeText(String(text ?? ""));
    notice(t("copied"));
  }

  /** @param {Shown} shown @param {HTMLElement} opener */
  function options(shown, opener) {
    if (shown.tick === "pending") return;
    const items = [{ label: t("reply"), icon: icon("reply"), act: () => composer().reply(shown) }];
    const text = shown.content?.body?.text ?? shown.content?.body ?? shown.content?.caption;
    if (typeof text === "string" && text) items.push({ label: t("copy"), icon: icon("copy"), act: () => copy(text) });
    if (shown.reactions.has("me")) items.push({ label: t("removeReaction"), icon: icon("close"), act: () => react(shown) });
    if (shown.mine && shown.type === "text") items.push({ label: t("edit"), icon: icon("pencil"), act: () => composer().edit(shown) });
    if (shown.mine) items.push({ label: t("deleteIt"), icon: icon("trash"), act: () => send({ type: "revoke", revoke: { original_message_id: shown.id } }) });
    menu(opener, items, { react: (emoji) => react(shown, emoji) });
  }

  return {
    location,
    contact,
    contactInfo,
    list,
    tap,
    form,
    order,
    react,
    copy,
    options,
    templateReply: (/** @type {Shown} */ shown, /** @type {string} */ text, /** @type {unknown} */ payload) => send({ type: "button", button: payload === undefined ? { text } : { text, payload: String(payload) }, ...to(shown) }),
  };
}
