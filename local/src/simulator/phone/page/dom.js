// Elements. Whatever comes from a message becomes a text node or the value of an attribute, never markup.

/** @typedef {import("./types.d.ts").Child} Child */

/**
 * An element. Children are nodes, or texts, which stay texts; what is null, undefined or false is left out.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, any>} [attributes] `onclick` and the like are listeners
 * @param {...Child} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...shown(children));
  return element;
}

/** The nodes and texts among children. @param {Child[]} children @returns {(Node | string)[]} */
const shown = (children) =>
  children.flatMap((child) => {
    if (Array.isArray(child)) return shown(child);
    return child === null || child === undefined || child === false ? [] : [typeof child === "number" ? String(child) : child];
  });

/** Replaces what is in an element. @template {Element} E @param {E} element @param {...Child} children */
export function fill(element, ...children) {
  element.replaceChildren(...shown(children));
  return element;
}

/** What each element was last made of. @type {WeakMap<Element, string>} */
const made = new WeakMap();

/**
 * Replaces what is in an element if it is made of something else now. What had the focus has it again.
 * @param {Element} element @param {unknown} of @param {() => Child} make
 */
export function refill(element, of, make) {
  const sign = JSON.stringify(of);
  if (made.get(element) === sign) return;
  made.set(element, sign);
  const targets = () => [.../** @type {NodeListOf<HTMLElement>} */ (element.querySelectorAll("a, button"))];
  const focused = targets().findIndex((target) => target === document.activeElement);
  fill(element, make());
  if (focused >= 0) targets()[focused]?.focus({ preventScroll: true });
}

const SVG = "http://www.w3.org/2000/svg";

/** The lines of each icon, in a square of 24. */
const ICONS = {
  back: "M15 5l-7 7 7 7",
  block: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM5.6 5.6l12.8 12.8",
  call: "M6 3h3l2 5-2.500 1.500a11 11 0 0 0 6 6L16 13l5 2v3a3 3 0 0 1-3 3A15 15 0 0 1 3 6a3 3 0 0 1 3-3z",
  cart: "M3 4h2l2.500 11h10L20 7H6M9 20h.01M17 20h.01",
  chevron: "M6 9l6 6 6-6",
  clock: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 7v5l3 2",
  close: "M6 6l12 12M18 6L6 18",
  contact: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4 21c.500-4 3.500-6 8-6s7.500 2 8 6",
  copy: "M9 9h11v11H9zM5 15H4V4h11v1",
  document: "M6 3h8l5 5v13H6zM14 3v5h5M9 13h7M9 17h5",
  external: "M14 4h6v6M20 4l-9 9M18 14v6H4V6h6",
  flow: "M5 4h14v16H5zM9 9h6M9 13h6M9 17h3",
  image: "M4 5h16v14H4zM4 16l5-5 4 4 3-3 4 4M15.500 9.500h.01",
  list: "M8 6h12M8 12h12M8 18h12M4 6h.01M4 12h.01M4 18h.01",
  megaphone: "M4 10v4h3l8 5V5l-8 5zM18 9a4 4 0 0 1 0 6",
  mic: "M12 3a3 3 0 0 0-3 3v5a3 3 0 0 0 6 0V6a3 3 0 0 0-3-3zM5 11a7 7 0 0 0 14 0M12 18v3",
  more: "M12 6h.01M12 12h.01M12 18h.01",
  offline: "M3 3l18 18M5 12.500a10 10 0 0 1 4-2.400M19 12.500a10 10 0 0 0-3-2M8.500 16a5 5 0 0 1 6 0M12 20h.01",
  online: "M2 9a15 15 0 0 1 20 0M5 12.500a10 10 0 0 1 14 0M8.500 16a5 5 0 0 1 7 0M12 20h.01",
  pencil: "M4 20l1-5L16 4l4 4L9 19z",
  phone: "M7 2h10v20H7zM11 18h2",
  pin: "M12 21s7-6.500 7-12a7 7 0 0 0-14 0c0 5.500 7 12 7 12zM12 11a2 2 0 1 0 0-4 2 2 0 0 0 0 4z",
  play: "M8 5l11 7-11 7z",
  plus: "M12 5v14M5 12h14",
  reply: "M9 7l-5 5 5 5M4 12h10a6 6 0 0 1 6 6v1",
  send: "M4 5l17 7-17 7 3-7zM7 12h7",
  settings: "M4 7h9M19 7h1M4 17h1M11 17h9M16 4v6M8 14v6",
  smile: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM8.500 14a4 4 0 0 0 7 0M9 9.500h.01M15 9.500h.01",
  tick: "M5 12.500l5 5L20 7",
  ticks: "M1.500 12.500l5 5L16 7M10.500 16l1.500 1.500L22.500 7",
  trash: "M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13",
  video: "M3 6h12v12H3zM15 10l6-3v10l-6-3",
};

/** @typedef {keyof typeof ICONS} Icon */

/** An icon; without a label it is for the eye alone. @param {Icon} name @param {string} [label] */
export function icon(name, label) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", `icon icon-${name}`);
  if (label) {
    svg.setAttribute("role", "img");
    svg.setAttribute("aria-label", label);
  } else {
    svg.setAttribute("aria-hidden", "true");
  }
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

/**
 * A button with an icon and a name that is not seen.
 * @param {Icon} name @param {string} label @param {(event: any) => void} onclick @param {Record<string, any>} [more]
 */
export const iconButton = (name, label, onclick, more = {}) =>
  h("button", { type: "button", class: "icon-button", "aria-label": label, title: label, onclick, ...more }, icon(name));

/** The address of a link, if it is one that may be followed: http or https. @param {unknown} text */
export function safeUrl(text) {
  try {
    const url = new URL(String(text));
    return url.protocol === "http:" || url.protocol === "https:" ? url.href : undefined;
  } catch {
    return undefined;
  }
}

/**
 * A link that opens in another tab; only its text if it may not be followed.
 * @param {unknown} url @param {Record<string, any>} attributes @param {...Child} children
 */
export function link(url, attributes, ...children) {
  const href = safeUrl(url);
  return href
    ? h("a", { ...attributes, href, target: "_blank", rel: "noopener noreferrer nofollow" }, ...children)
    : h("span", attributes, ...children);
}

/** A circle with the first letter of a name, in a colour that the name decides. @param {string} name */
export function avatar(name) {
  const letter = [...String(name).trim()][0] ?? "?";
  const hue = [...String(name)].reduce((sum, character) => (sum * 31 + Number(character.codePointAt(0))) % 8, 7);
  return h("span", { class: `avatar hue-${hue}`, "aria-hidden": "true" }, letter.toUpperCase());
}
