// What a developer sets of the phone and its owner, beside the phone.

import { fill, h, icon, iconButton } from "./dom.js";
import { dateAndTime, t } from "./i18n.js";
import { field } from "./overlay.js";

const READS = ["whenOpened", "automatically", "never"];
const capital = (text) => text[0].toUpperCase() + text.slice(1);

/** The part of the page with the settings. `act` makes the changes. */
export function createPanel(act, close) {
  const input = (label, attributes) => field(label, attributes.name, attributes);
  const toggle = (label, change) => {
    const box = h("input", { type: "checkbox", role: "switch", onchange: () => change(box.checked) });
    return { box, element: h("label", { class: "toggle" }, h("span", {}, label), box) };
  };
  /** A form with one button; it keeps what is typed until it is sent. */
  const form = (fields, label, submit) =>
    h(
      "form",
      {
        class: "setting",
        onsubmit: (event) => {
          event.preventDefault();
          submit(new FormData(event.target), event.target);
        },
      },
      fields,
      h("button", { type: "submit", class: "secondary" }, label),
    );

  const online = toggle(t("online"), (is) => act.change({ isOnline: is }));
  const reads = h("select", { name: "reads", onchange: () => act.change({ reads: reads.value }) }, READS.map((one) => h("option", { value: one }, t(`reads${capital(one)}`))));
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

  /** Shows a value that is stored, unless the person is typing another one. */
  function put(label, stored) {
    const box = label.querySelector("input");
    if (box.dataset.stored === stored && box.value !== stored) return;
    box.value = box.dataset.stored = stored;
  }

  return {
    element,
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
        const isOpen = ends > conversation?.now;
        window_.className = isOpen ? "fact good" : "fact";
        fill(window_, isOpen ? `${t("windowOpen")} ${dateAndTime(ends)}` : t("windowClosed"));
      }
      const lost = (conversation?.missed ?? []).filter((one) => !number || one.number === number).slice(-5);
      missedSection.hidden = lost.length === 0;
      fill(
        missed,
        lost.reverse().map((one) => h("li", {}, h("strong", {}, `${one.type}, ${dateAndTime(one.at)}`), h("span", {}, t(`missed${one.code ?? "Blocked"}`)), one.code && h("code", {}, one.code))),
      );
    },
  };
}
