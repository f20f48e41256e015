// WhatsApp's formatting of texts: *bold*, _italic_, ~strike~, ```mono```, `code`, > quotes, lists, and links.

import { h, link } from "./dom.js";

/** @typedef {import("./types.d.ts").Child} Child */

/** @type {Record<string, "strong" | "em" | "s">} */
const STYLES = { "*": "strong", _: "em", "~": "s" };
const WORD = /[\p{L}\p{N}]/u;
const URL_START = /(?:https?:\/\/|www\.)[^\s<>"']+/iu;
const EMOJI_ONLY = /^(?:\p{Extended_Pictographic}[\u{1f3fb}-\u{1f3ff}\ufe0f\u200d]*|\p{RI}\p{RI}|[\u{1f3fb}-\u{1f3ff}\ufe0f\u200d]){1,9}$/u;

/** Whether a text is three emoji at most, which are shown large. @param {string} text */
export function isEmojiOnly(text) {
  const parts = [...new Intl.Segmenter().segment(text.trim())];
  return parts.length > 0 && parts.length <= 3 && parts.every((part) => EMOJI_ONLY.test(part.segment));
}

/** The nodes of a text. @param {unknown} text @returns {Child[]} */
export function formatted(text) {
  return split(String(text ?? ""), /```([\s\S]+?)```/u, (code) => h("code", { class: "mono" }, code[1]), blocks);
}

/** A text without its marks, for a line that sums it up. @param {unknown} text */
export const plain = (text) => {
  const box = h("div", {}, formatted(text));
  return box.textContent ?? "";
};

/**
 * Parts of a text: what matches by `found`, and the rest by `rest`.
 * @param {string} text @param {RegExp} pattern @param {(match: RegExpExecArray) => Child} found @param {(text: string) => Child} rest
 */
function split(text, pattern, found, rest) {
  /** @type {Child[]} */
  const nodes = [];
  let left = text;
  for (let match = pattern.exec(left); match; match = pattern.exec(left)) {
    if (match.index > 0) nodes.push(rest(left.slice(0, match.index)));
    nodes.push(found(match));
    left = left.slice(match.index + match[0].length);
  }
  if (left !== "") nodes.push(rest(left));
  return nodes;
}

/** Lines: those that begin with `> ` are quotes, and with `- `, `* ` or `1. ` elements of a list. @param {string} text */
function blocks(text) {
  /** @type {Child[]} */
  const nodes = [];
  text.split("\n").forEach((line, index) => {
    const quote = /^>\s(.*)$/u.exec(line);
    const item = /^([-*])\s(.*)$/u.exec(line);
    const number = /^(\d{1,3}\.)\s(.*)$/u.exec(line);
    const before = nodes.at(-1);
    if (index > 0 && !(before instanceof HTMLElement && before.dataset.block)) nodes.push("\n");
    if (quote) nodes.push(h("blockquote", { "data-block": "quote" }, inline(quote[1])));
    else if (item) nodes.push(h("span", { class: "item", "data-block": "item" }, "•", h("span", {}, inline(item[2]))));
    else if (number) nodes.push(h("span", { class: "item", "data-block": "item" }, number[1], h("span", {}, inline(number[2]))));
    else nodes.push(inline(line));
  });
  return nodes;
}

/** @param {string} text @returns {Child[]} */
const inline = (text) => split(text, /`([^`\n]+)`/u, (code) => h("code", {}, code[1]), linked);

/** Links before styles, since an address may have an underscore. @param {string} text */
function linked(text) {
  return split(
    text,
    URL_START,
    ([address]) => {
      const end = /[.,;:!?)\]*_~]+$/u.exec(address)?.[0] ?? "";
      const url = address.slice(0, address.length - end.length);
      return [link(/^www\./iu.test(url) ? `https://${url}` : url, {}, url), end];
    },
    styled,
  );
}

/** @param {string} text @returns {Child[]} */
function styled(text) {
  for (let start = 0; start < text.length; start += 1) {
    const mark = text[start];
    if (!STYLES[mark] || WORD.test(text[start - 1] ?? "") || /\s/u.test(text[start + 1] ?? " ")) continue;
    const end = closing(text, mark, start);
    if (end > 0) {
      const inner = h(STYLES[mark], {}, styled(text.slice(start + 1, end)));
      return [text.slice(0, start), inner, styled(text.slice(end + 1))].flat().filter((part) => part !== "");
    }
  }
  return [text];
}

/** Where a style ends: at its mark behind a character, and not within a word. @param {string} text @param {string} mark @param {number} start */
function closing(text, mark, start) {
  for (let end = text.indexOf(mark, start + 2); end > 0; end = text.indexOf(mark, end + 1)) {
    if (!/\s/u.test(text[end - 1]) && !WORD.test(text[end + 1] ?? "")) return end;
  }
  return -1;
}
