// The phones of this page: a list, the same in all windows, and which of them each window shows.

import { people } from "./api.js";
import { avatar, h, icon, iconButton, refill } from "./dom.js";
import { switchLanguage, t } from "./i18n.js";
import { ask, field } from "./overlay.js";

const KEY = "phones";
/** Numbers that are suggested for new phones; nothing leaves the machine. */
const FIRST = 5_511_900_000_001;

/** The phones that were added, by a number or a user id of each. @returns {string[]} */
export function savedPhones() {
  try {
    const saved = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    return Array.isArray(saved) ? saved.filter((key) => typeof key === "string") : [];
  } catch {
    return [];
  }
}

/** @param {string[]} keys */
export const savePhones = (keys) => localStorage.setItem(KEY, JSON.stringify([...new Set(keys)]));

/** The address of a phone in this page. @param {string} key @param {string} [number] */
export const addressOf = (key, number) => `#${encodeURIComponent(key)}${number ? `/${encodeURIComponent(number)}` : ""}`;

/** The phone and the number of the window's address. */
export function addressed() {
  const [key, number] = location.hash.slice(1).split("/").map(decodeURIComponent);
  return { key: key || undefined, number: number || undefined };
}

/** Asks for another phone. @param {string[]} taken @returns {Promise<{ key: string, name: string } | undefined>} */
export async function askForPhone(taken) {
  const known = await people().catch(() => []);
  let next = FIRST;
  while (taken.includes(String(next))) next += 1;
  const options = known.slice(0, 100).map((person) => h("option", { value: person.phone ?? person.userId }, person.name));
  return ask(
    t("addPhone"),
    [
      field(t("number"), "phone", { value: next, list: "known-people", required: true, autofocus: true, inputmode: "text", maxlength: 140 }, t("phoneHint")),
      h("datalist", { id: "known-people" }, options),
      field(t("name"), "name", { maxlength: 100 }),
    ],
    {
      submit: t("addPhone"),
      read: (form) => ({ key: String(form.get("phone")).replace(/^\+|[\s()-]/gu, ""), name: String(form.get("name")).trim() }),
    },
  );
}

/**
 * The part of the page with the list.
 * @param {{ add: () => void, remove: (key: string) => void, number: () => string | undefined }} page
 */
export function createPhones({ add, remove, number }) {
  const list = h("ul", { class: "phone-list" });
  const element = h(
    "nav",
    { class: "phones side", "aria-label": t("phones") },
    h("header", {}, h("h2", {}, t("phones")), iconButton("plus", t("addPhone"), add)),
    list,
    h("footer", {}, h("button", { type: "button", class: "quiet", onclick: switchLanguage }, t("language"))),
  );

  return {
    element,
    /** @param {import("./types.d.ts").Phone[]} phones @param {string | undefined} active */
    paint(phones, active) {
      refill(list, [phones, active, number()], () =>
        phones.map(({ key, person }) => {
          const unread = Object.values(person?.unread ?? {}).reduce((sum, count) => sum + count, 0);
          const name = person?.name ?? key;
          const address = addressOf(key, number());
          return h(
            "li",
            { class: key === active ? "phone-item active" : "phone-item" },
            h(
              "a",
              { href: address, "aria-current": key === active ? "true" : undefined },
              avatar(name),
              h("span", { class: "phone-name" }, h("strong", {}, name), h("small", {}, person?.phone ? `+${person.phone}` : key)),
              person && !person.isOnline && icon("offline", t("offline")),
              unread > 0 && key !== active && h("span", { class: "badge", "aria-label": `${unread} ${t("unread")}` }, unread),
            ),
            h(
              "span",
              { class: "phone-tools" },
              h("a", { class: "icon-button", href: address, target: "_blank", rel: "noopener", "aria-label": t("newWindow"), title: t("newWindow") }, icon("external")),
              phones.length > 1 && iconButton("close", `${t("removePhone")}: ${name}`, () => remove(key)),
            ),
          );
        }),
      );
    },
  };
}
