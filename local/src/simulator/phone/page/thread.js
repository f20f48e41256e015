// The messages of a conversation. A message's element is made anew only when the message has changed.

import { contentOf } from "./content.js";
import { fill, h, icon, iconButton } from "./dom.js";
import { day, t, time } from "./i18n.js";
import { summary } from "./messages.js";

/** How many of the latest messages are shown at first, and more at each wish. */
const PAGE = 150;
/** @typedef {import("./messages.js").Shown} Shown */
/** @typedef {import("./actions.js").Actions} Actions */
/** @typedef {import("./types.d.ts").Child} Child */

/** @type {Record<string, [import("./dom.js").Icon, import("./i18n.js").Word]>} */
const TICKS = { pending: ["clock", "tickPending"], sent: ["tick", "tickSent"], delivered: ["ticks", "tickDelivered"], read: ["ticks", "tickRead"] };

/**
 * A conversation, and whether the business types.
 * @typedef {{ key: string, messages: Shown[], now: number, types: boolean }} Conversation
 */

/** The element of a message, and what it was made of. @typedef {Map<string, { sign: string, node: HTMLElement }>} Made */

/** The part of the page with a conversation's messages. @param {Actions} actions */
export function createThread(actions) {
  const earlier = h("button", { type: "button", class: "earlier", hidden: true, onclick: showEarlier }, t("earlier"));
  const empty = h("p", { class: "empty", hidden: true }, t("noMessages"));
  const list = h("ol", { class: "messages" });
  const typing = h("p", { class: "typing", hidden: true, "aria-live": "polite" }, h("span", { class: "dots", "aria-hidden": "true" }, h("i"), h("i"), h("i")), h("span", { class: "hidden" }, t("typing")));
  const element = h("div", { class: "thread", onscroll: scrolled, onkeydown: move }, earlier, empty, h("div", { role: "log", "aria-label": t("thread") }, list), typing);
  const latest = iconButton("chevron", t("latest"), toEnd, { class: "icon-button latest", hidden: true });
  /** @type {Made} */
  let made = new Map();
  let shownCount = PAGE;
  /** @type {Conversation} */
  let last = { key: "", messages: [], now: 0, types: false };
  let isAtEnd = true;

  function scrolled() {
    isAtEnd = element.scrollHeight - element.scrollTop - element.clientHeight < 40;
    latest.hidden = isAtEnd;
  }

  function toEnd() {
    element.scrollTop = element.scrollHeight;
    scrolled();
  }

  function showEarlier() {
    const before = element.scrollHeight - element.scrollTop;
    shownCount += PAGE;
    paint(last);
    element.scrollTop = element.scrollHeight - before;
  }

  const messageElements = () => [.../** @type {NodeListOf<HTMLElement>} */ (list.querySelectorAll("li.message"))];

  /** Arrow keys go from message to message; Enter opens a message's options. @param {KeyboardEvent} event */
  function move(event) {
    const item = event.target;
    if (!(item instanceof HTMLElement) || !item.matches("li.message")) return;
    const items = messageElements();
    const place = items.indexOf(item);
    /** @type {Record<string, HTMLElement | undefined>} */
    const targets = { ArrowUp: items[place - 1], ArrowDown: items[place + 1], Home: items[0], End: items.at(-1) };
    const next = targets[event.key];
    if (next) {
      for (const one of items) one.tabIndex = -1;
      next.tabIndex = 0;
      next.focus();
      event.preventDefault();
    } else if (event.key === "Enter" || event.key === " " || event.key === "ContextMenu") {
      /** @type {HTMLElement | null} */ (item.querySelector(".options"))?.click();
      event.preventDefault();
    }
  }

  /** @param {Conversation} conversation */
  function paint({ key, messages, now, types }) {
    if (key !== last.key) {
      made = new Map();
      shownCount = PAGE;
      isAtEnd = true;
    }
    last = { key, messages, now, types };
    const byId = new Map(messages.map((shown) => [shown.id, shown]));
    const visible = messages.slice(-shownCount);
    earlier.hidden = visible.length === messages.length;
    empty.hidden = messages.length > 0;
    /** @type {Made} */
    const next = new Map();
    /** @type {HTMLElement[]} */
    const nodes = [];
    /** @type {string | undefined} */
    let before;
    for (const shown of visible) {
      const date = day(shown.at, now);
      if (date !== before) nodes.push(separator(`day-${date}`, date, next));
      before = date;
      const quoted = shown.quoted ? (byId.get(shown.quoted) ?? null) : undefined;
      const sign = JSON.stringify([{ ...shown, reactions: [...shown.reactions] }, quoted === undefined ? 0 : quoted && [summary(quoted), quoted.mine]]);
      const known = made.get(shown.id);
      const node = known?.sign === sign ? known.node : bubble(shown, quoted, actions, reveal);
      if (known && known.node !== node) keepFocus(known.node, node);
      next.set(shown.id, { sign, node });
      nodes.push(node);
    }
    made = next;
    place(list, nodes);
    const items = messageElements();
    if (items.length > 0 && !list.querySelector('li.message[tabindex="0"]')) items[items.length - 1].tabIndex = 0;
    typing.hidden = !types;
    if (isAtEnd) toEnd();
    else scrolled();
  }

  /** @param {string} key @param {string} text @param {Made} next */
  function separator(key, text, next) {
    const node = made.get(key)?.node ?? h("li", { class: "day" }, h("span", {}, text));
    next.set(key, { sign: key, node });
    return node;
  }

  /** Goes to a message that another one quotes. @param {string} id */
  function reveal(id) {
    const node = made.get(id)?.node;
    if (!node) return;
    node.scrollIntoView({ block: "center" });
    node.classList.add("found");
    setTimeout(() => node.classList.remove("found"), 1200);
    node.focus({ preventScroll: true });
  }

  const sizes = new ResizeObserver(() => isAtEnd && toEnd());
  for (const one of [element, list]) sizes.observe(one); // a picture has its size late, and the window another one
  return { element, latest, paint, toEnd };
}

/** Has an element exactly these children, and touches only those that are others. @param {Element} parent @param {HTMLElement[]} nodes */
function place(parent, nodes) {
  /** @type {Set<Element>} */
  const wanted = new Set(nodes);
  for (const child of [...parent.children]) if (!wanted.has(child)) child.remove();
  nodes.forEach((node, index) => {
    if (parent.children[index] !== node) parent.insertBefore(node, parent.children[index] ?? null);
  });
}

/** @param {HTMLElement} before @param {HTMLElement} after */
function keepFocus(before, after) {
  if (before.contains(document.activeElement)) requestAnimationFrame(() => after.focus({ preventScroll: true }));
  after.tabIndex = before.tabIndex;
}

/** @param {Child} child @returns {Child[]} */
const flat = (child) => (Array.isArray(child) ? child.flatMap(flat) : [child]);

/**
 * @param {Shown} shown @param {Shown | null | undefined} quoted null if it is not there @param {Actions} actions
 * @param {(id: string) => void} reveal
 */
function bubble(shown, quoted, actions, reveal) {
  const options = iconButton("chevron", t("options"), (event) => actions.options(shown, event.currentTarget), {
    class: "icon-button options",
    tabindex: -1,
    "aria-haspopup": "menu",
  });
  const tick = shown.tick && TICKS[shown.tick];
  const isBare = !shown.deleted && shown.type === "sticker";
  const { context } = shown.message;
  const content = flat(contentOf(shown, actions));
  const isBelow = (/** @type {Child} */ part) => part instanceof HTMLElement && part.matches(".buttons, .carousel");
  return h(
    "li",
    { class: `message ${shown.mine ? "mine" : "theirs"}${isBare ? " bare" : ""}`, tabindex: -1, "data-id": shown.id, "data-type": shown.type },
    h(
      "div",
      { class: "bubble", oncontextmenu: (/** @type {MenuEvent} */ event) => contextMenu(event, shown, actions) },
      h("span", { class: "hidden" }, shown.mine ? `${t("you")}: ` : `${t("message")}: `),
      (context?.forwarded || context?.frequently_forwarded) && h("p", { class: "footer" }, t("forwarded")),
      !shown.deleted && quote(quoted, reveal),
      content.filter((part) => !isBelow(part)),
      h(
        "p",
        { class: "meta" },
        shown.edited && !shown.deleted && h("span", {}, t("edited")),
        h("time", { datetime: new Date(shown.at).toISOString() }, time(shown.at)),
        tick && !shown.deleted && h("span", { class: `tick ${shown.tick}` }, icon(tick[0], t(tick[1]))),
      ),
      content.filter(isBelow),
      !shown.deleted && options,
    ),
    reactions(shown, actions),
  );
}

/** @typedef {MouseEvent & { target: Element, currentTarget: HTMLElement }} MenuEvent */

/** @param {MenuEvent} event @param {Shown} shown @param {Actions} actions */
function contextMenu(event, shown, actions) {
  if (shown.deleted || event.target.closest("a, img, video, audio") || String(getSelection()) !== "") return;
  event.preventDefault();
  /** @type {HTMLElement | null} */
  const opener = event.currentTarget.querySelector(".options");
  if (opener) actions.options(shown, opener);
}

/** @param {Shown | null | undefined} quoted @param {(id: string) => void} reveal */
function quote(quoted, reveal) {
  if (quoted === undefined) return undefined;
  return h(
    "button",
    { type: "button", class: `quote ${quoted?.mine ? "mine" : "theirs"}`, disabled: !quoted, onclick: () => quoted && reveal(quoted.id) },
    h("span", { class: "quote-name" }, quoted ? (quoted.mine ? t("you") : t("business")) : t("message")),
    h("span", { class: "quote-text" }, quoted ? summary(quoted) : "…"),
  );
}

/** @param {Shown} shown @param {Actions} actions */
function reactions(shown, actions) {
  if (shown.deleted || shown.reactions.size === 0) return undefined;
  const mine = shown.reactions.get("me");
  const label = [...shown.reactions].map(([who, emoji]) => `${t(who === "me" ? "you" : "business")}: ${emoji}`).join(", ");
  return fill(
    h("button", { type: "button", class: "reactions", "aria-label": mine ? `${label}. ${t("removeReaction")}` : label, disabled: !mine, onclick: () => actions.react(shown) }),
    [...new Set(shown.reactions.values())].join(""),
  );
}
