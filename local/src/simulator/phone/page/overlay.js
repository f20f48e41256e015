// What lies above the page: menus, dialogs, and short notices.

import { fill, h, iconButton } from "./dom.js";
import { t } from "./i18n.js";

const REACTIONS = ["👍", "❤️", "😂", "😮", "😢", "🙏"];
const NOTICE = 6000; // milliseconds

/** @typedef {import("./types.d.ts").Child} Child */

/** How a key moves from one item of a menu to another. @type {Record<string, number>} */
const STEPS = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 };

/**
 * Opens a menu beside a button. Arrow keys move, Escape closes, and the button has the focus again.
 * @param {HTMLElement} opener
 * @param {{label: string, icon?: Node, act: () => void}[]} items
 * @param {{react?: (emoji: string) => void}} [more] reactions above the items
 */
export function menu(opener, items, { react } = {}) {
  const element = h("div", { class: "menu", role: "menu", popover: "auto", onkeydown: move });
  const close = () => element.hidePopover();
  /** @param {Record<string, any>} attributes @param {() => void} act @param {...Child} children */
  const item = (attributes, act, ...children) =>
    h("button", { type: "button", role: "menuitem", tabindex: -1, ...attributes, onclick: () => (close(), act()) }, ...children);
  const emojis = react && h("div", { class: "emojis", role: "group", "aria-label": t("react") }, REACTIONS.map((emoji) => item({ class: "emoji", "aria-label": `${t("react")} ${emoji}` }, () => react(emoji), emoji)));
  fill(element, emojis, items.map((one) => item({ class: "menu-item" }, one.act, one.icon, one.label)));
  element.addEventListener("toggle", (event) => {
    if (event.newState !== "closed") return;
    if (element.contains(document.activeElement) || document.activeElement === document.body) opener.focus({ preventScroll: true });
    setTimeout(() => element.remove());
  });
  document.body.append(element);
  element.showPopover();
  const [from, size] = [opener.getBoundingClientRect(), element.getBoundingClientRect()];
  const below = from.bottom + 4 + size.height < innerHeight ? from.bottom + 4 : from.top - 4 - size.height;
  element.style.left = `${Math.max(8, Math.min(from.right - size.width, innerWidth - size.width - 8))}px`;
  element.style.top = `${Math.max(8, below)}px`;
  const all = () => [...element.querySelectorAll("button")];
  all()[0]?.focus();

  /** @param {KeyboardEvent} event */
  function move(event) {
    const buttons = all();
    const at = buttons.findIndex((button) => button === document.activeElement);
    const step = STEPS[event.key];
    const end = event.key === "Home" ? 0 : event.key === "End" ? buttons.length - 1 : undefined;
    const next = step ? (at + step + buttons.length) % buttons.length : end;
    if (event.key === "Tab") close();
    if (next === undefined) return;
    event.preventDefault();
    buttons[next].focus();
  }
}

/**
 * Asks for something; the promise is of what was entered, or of nothing.
 * @template T
 * @param {string} title
 * @param {Child} content
 * @param {{submit?: string, read: (form: FormData) => T}} options
 * @returns {Promise<T | undefined>}
 */
export function ask(title, content, { submit = t("send"), read }) {
  return new Promise((resolve) => {
    const id = `title-${Math.random().toString(36).slice(2)}`;
    const problem = h("p", { class: "problem", role: "alert" });
    const form = h(
      "form",
      { method: "dialog", onsubmit: submitted },
      h("header", {}, h("h2", { id }, title), iconButton("close", t("cancel"), () => dialog.close())),
      h("div", { class: "dialog-body" }, content, problem),
      h("footer", {}, h("button", { type: "submit", class: "primary" }, submit)),
    );
    const dialog = h("dialog", { "aria-labelledby": id, onclose: closed, onclick: (/** @type {Event} */ event) => event.target === dialog && dialog.close() }, form);
    /** @type {T | undefined} */
    let result;

    /** @param {SubmitEvent} event */
    function submitted(event) {
      event.preventDefault();
      try {
        result = read(new FormData(form));
        dialog.close();
      } catch (error) {
        fill(problem, /** @type {Error} */ (error).message);
      }
    }

    function closed() {
      dialog.remove();
      resolve(result);
    }

    document.body.append(dialog);
    dialog.showModal();
    /** @type {HTMLElement | null} */ (form.querySelector("[autofocus]") ?? form.querySelector("input, textarea, select, .primary"))?.focus();
  });
}

/** A field with its name. @param {string} label @param {string} name @param {Record<string, any>} [attributes] @param {string} [hint] */
export const field = (label, name, attributes = {}, hint) =>
  h("label", { class: "field" }, h("span", {}, label), h("input", { name, autocomplete: "off", ...attributes }), hint && h("small", {}, hint));

/** Says something for some seconds. @param {string} text @param {"note" | "error"} [kind] */
export function notice(text, kind = "note") {
  const box = document.querySelector("#notices");
  const element = h("p", { class: `notice ${kind}`, role: kind === "error" ? "alert" : "status" }, text);
  box?.append(element);
  setTimeout(() => element.remove(), NOTICE);
}
