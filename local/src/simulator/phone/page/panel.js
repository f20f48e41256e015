// What a developer sets of the phone and its owner, beside the phone.

import { fill, h, icon, iconButton } from "./dom.js";
import { dateAndTime, t } from "./i18n.js";
import { field } from "./overlay.js";

/** When messages are read. @type {Record<string, import("./i18n.js").Word>} */
const READS = { whenOpened: "readsWhenOpened", automatically: "readsAutomatically", never: "readsNever" };
/** Why a message did not arrive, by WhatsApp's code. @type {Record<number, import("./i18n.js").Word>} */
const MISSED = { 131009: "missed131009", 131047: "missed131047", 131050: "missed131050" };

/**
 * The part of the page with the settings. `act` makes the changes.
 * @param {object} act
 * @param {(profile: Record<string, unknown>) => void} act.change
 * @param {(phone: string, done: () => void) => void} act.renumber
 * @param {(marketing: "stop" | "resume") => void} act.prefer
 * @param {(blocks: boolean) => void} act.block
 * @param {() => void} act.call
 * @param {() => void} close
 */
export function createPanel(act, close) {
  const input = (/** @type {string} */ label, /** @type {{ name: string } & Record<string, any>} */ attributes) => field(label, attributes.name, attributes);
  const toggle = (/** @type {string} */ label, /** @type {(is: boolean) => void} */ change) => {
    const box = h("input", { type: "checkbox", role: "switch", onchange: () => change(box.checked) });
    return { box, element: h("label", { class: "toggle" }, h("span", {}, label), box) };
  };
  /** A form with one button; it keeps what is typed until it is sent. @param {HTMLElement[]} fields @param {string} label @param {(data: FormData, form: HTMLFormElement) => void} submit */
  const form = (fields, label, submit) =>
    h(
      "form",
      {
        class: "setting",
        onsubmit: (/** @type {SubmitEvent & { currentTarget: HTMLFormElement }} */ event) => {
          event.preventDefault();
          submit(new FormData(event.currentTarget), event.currentTarget);
        },
      },
      fields,
      h("button", { type: "submit", class: "secondary" }, label),
    );

  const online = toggle(t("online"), (is) => act.change({ isOnline: is }));
  /** @type {HTMLSelectElement} */
  const reads = h("select", { name: "reads", onchange: () => act.change({ reads: reads.value }) }, Object.entries(READS).map(([value, word]) => h("option", { value }, t(word))));
  const name = input(t("name"), { name: "name", required: true, maxlength: 100 });
  const username = input(t("username"), { name: "username", maxlength: 35, pattern: "[a-z0-9._]{3,35}|", placeholder: "ana.souza" });
  const hides = toggle(t("hideNumber"), (is) => act.change({ hidesPhone: is }));
  const phone = input(t("changeNumber"), { name: "phone", inputmode: "numeric", required: true, maxlength: 20, pattern: "[0-9+ .\\-]{5,20}" });
  const ids = h("dl", { class: "facts" });

  const window_ = h("p", { class: "fact" });
  const marketing = toggle(t("marketing"), (is) => act.prefer(is ? "resume" : "stop"));
  const blocked = toggle(t("block"), (is) => act.block(is));
  const call = h("button", { type: "button", class: "secondary", onclick: act.call }, icon("call"), t("call"));
  const missed = h("ul", { class: "missed" });
  const missedSection = h("section", { hidden: true }, h("h3", {}, t("missed")), missed);
  const business = h("section", {}, h("h3", {}, t("business")), h("h4", {}, t("window")), window_, marketing.element, blocked.element, call);

  const element = h(
    "aside",
    { class: "panel side", "aria-label": t("settings") },
    h("header", {}, h("h2", {}, t("settings")), iconButton("close", t("cancel"), close, { class: "icon-button close-side" })),
    missedSection,
    h("section", {}, h("h3", {}, t("phone")), online.element, h("label", { class: "field" }, h("span", {}, t("reads")), reads)),
    h(
      "section",
      {},
      h("h3", {}, t("person")),
      ids,
      form([name], t("save"), (data) => act.change({ name: data.get("name") })),
      form([username], t("save"), (data) => act.change({ username: data.get("username") })),
      hides.element,
      form([phone], t("change"), (data, from) => act.renumber(String(data.get("phone")).replace(/\D/gu, ""), () => from.reset())),
    ),
    business,
  );

  /** Shows a value that is stored, unless the person is typing another one. @param {HTMLLabelElement} label @param {string} stored */
  function put(label, stored) {
    const box = label.querySelector("input");
    if (!box) return;
    if (box.dataset.stored === stored && box.value !== stored) return;
    box.value = box.dataset.stored = stored;
  }

  return {
    element,
    /**
     * @param {import("./types.d.ts").Person | undefined} person @param {string | undefined} number
     * @param {import("./types.d.ts").Conversations | undefined} conversation
     */
    paint(person, number, conversation) {
      if (!person) return;
      online.box.checked = person.isOnline;
      reads.value = person.reads;
      hides.box.checked = person.hidesPhone;
      put(name, person.name);
      put(username, person.username ?? "");
      fill(ids, h("dt", {}, t("number")), h("dd", {}, person.phone ? `+${person.phone}` : "–"), h("dt", {}, t("userId")), h("dd", {}, person.userId));
      business.hidden = !number;
      if (number) {
        marketing.box.checked = !person.optedOut.includes(number);
        blocked.box.checked = person.blocked.includes(number);
        call.disabled = !person.isOnline || blocked.box.checked;
        const ends = conversation?.windowEnds[number];
        const isOpen = ends !== undefined && ends > (conversation?.now ?? 0);
        window_.className = isOpen ? "fact good" : "fact";
        fill(window_, isOpen ? `${t("windowOpen")} ${dateAndTime(ends)}` : t("windowClosed"));
      }
      const lost = (conversation?.missed ?? []).filter((one) => !number || one.number === number).slice(-5);
      missedSection.hidden = lost.length === 0;
      fill(
        missed,
        lost.reverse().map((one) => h("li", {}, h("strong", {}, `${one.type}, ${dateAndTime(one.at)}`), h("span", {}, one.code === null ? t("missedBlocked") : MISSED[one.code] && t(MISSED[one.code])), one.code && h("code", {}, one.code))),
      );
    },
  };
}
