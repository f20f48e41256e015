// The list of a phone's conversations, one for each number of a business.

import { avatar, h, icon, refill } from "./dom.js";
import { day, t, time } from "./i18n.js";
import { conversationOf, summary } from "./messages.js";
import { ask, field } from "./overlay.js";
import { addressOf } from "./phones.js";

/** @typedef {import("./types.d.ts").BusinessNumber} BusinessNumber */

/** The part of the phone with the list. @param {{ go: (number: string) => void }} page */
export function createChats({ go }) {
  const list = h("ul", { class: "chat-list" });
  const empty = h("p", { class: "empty" }, t("noChats"));
  const add = h("button", { type: "button", class: "primary new-chat" }, icon("plus"), t("newChat"));
  const element = h("div", { class: "chats" }, empty, list, add);

  return {
    element,
    /** @param {string} key @param {import("./types.d.ts").Conversations | undefined} shown @param {BusinessNumber[]} numbers */
    paint(key, shown, numbers) {
      const rows = shown ? rowsOf(shown) : [];
      rows.sort((one, other) => (other.last?.at ?? 0) - (one.last?.at ?? 0));
      empty.hidden = rows.length > 0;
      const made = rows.map((row) => [row.number, nameOf(row.number, numbers), row.last?.at, row.last && summary(row.last), row.unread]);
      refill(list, [key, made], () => rows.map((row) => chat(key, row, nameOf(row.number, numbers), shown?.now ?? 0)));
      add.onclick = async () => {
        const number = await askForNumber(numbers);
        if (number) go(number);
      };
    },
  };
}

/** @typedef {{ number: string, last: import("./messages.js").Shown | undefined, unread: number }} Row */

/** Each number with its latest message. @param {import("./types.d.ts").Conversations} shown @returns {Row[]} */
function rowsOf({ messages, unread }) {
  const all = [...new Set(messages.map((message) => message.number))];
  return all.map((number) => {
    const own = conversationOf(messages.filter((message) => message.number === number));
    return { number, last: own.at(-1), unread: unread[number] ?? 0 };
  });
}

/** The name of a business. @param {string} number @param {BusinessNumber[]} numbers */
export const nameOf = (number, numbers) => numbers.find((one) => one.id === number)?.name ?? number;

/** @param {string} key @param {Row} row @param {string} name @param {number} now */
function chat(key, { number, last, unread }, name, now) {
  return h(
    "li",
    {},
    h(
      "a",
      { class: "chat", href: addressOf(key, number) },
      avatar(name),
      h("span", { class: "chat-text" }, h("strong", {}, name), h("span", { class: "chat-last" }, last ? summary(last) : number)),
      h("span", { class: "chat-side" }, last && h("time", {}, day(last.at, now) === t("today") ? time(last.at) : day(last.at, now)), unread > 0 && h("span", { class: "badge", "aria-label": `${unread} ${t("unread")}` }, unread)),
    ),
  );
}

/** @param {BusinessNumber[]} numbers @returns {Promise<string | undefined>} */
function askForNumber(numbers) {
  return ask(
    t("newChat"),
    [
      field(t("numberId"), "number", { list: "known-numbers", required: true, pattern: "[0-9]{1,32}", value: numbers.length === 1 ? numbers[0].id : "", inputmode: "numeric", autofocus: true }),
      h("datalist", { id: "known-numbers" }, numbers.map((one) => h("option", { value: one.id }, one.name))),
    ],
    { submit: t("open"), read: (form) => String(form.get("number")) },
  );
}
