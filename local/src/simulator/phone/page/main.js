// The page: which phone and which conversation it shows, and what happens when something changes.

import { createActions } from "./actions.js";
import * as api from "./api.js";
import { createChats, nameOf } from "./chats.js";
import { createComposer } from "./composer.js";
import { avatar, fill, h, icon, iconButton, refill } from "./dom.js";
import { language, t, time } from "./i18n.js";
import { listen } from "./live.js";
import { conversationOf } from "./messages.js";
import { createOutbox } from "./outbox.js";
import { notice } from "./overlay.js";
import { createPanel } from "./panel.js";
import { addressed, addressOf, askForPhone, createPhones, savedPhones, savePhones } from "./phones.js";
import { createThread } from "./thread.js";

const TYPING = 3000; // milliseconds between looks at whether a business still types

document.documentElement.lang = language === "pt" ? "pt-BR" : "en";

/**
 * @type {{ phones: import("./types.d.ts").Phone[], key?: string, number?: string, shown?: import("./types.d.ts").Conversations,
 *   numbers: import("./types.d.ts").BusinessNumber[] }}
 */
const state = { phones: savedPhones().map((key) => ({ key })), numbers: [] };

const active = () => state.phones.find((phone) => phone.key === state.key);
const person = () => active()?.person;
const report = (/** @type {Error} */ error) => notice(error.message, "error");
const outbox = createOutbox({ write: api.write, changed: () => paint(), failed: report });

/** Sends a message of the person, now or once the phone is online; `failed` gives back what was typed. @type {import("./types.d.ts").Send} */
function send(message, failed) {
  const { key, number } = state;
  if (!key || !number) return undefined;
  const whole = { ...message, to: number };
  if (!person()?.isOnline) return outbox.add(key, whole, Date.now());
  return api.write(key, whole).catch((error) => {
    report(error);
    failed?.();
  });
}

/** Has the simulator do something for the person. @param {(person: string) => Promise<unknown>} call */
const act = (call) => {
  if (state.key) call(state.key).catch(report);
};
/** The same, with the number of the conversation. @param {(person: string, number: string) => Promise<unknown>} call */
const actWith = (call) => {
  const { number } = state;
  if (number) act((person) => call(person, number));
};
const actions = createActions({ send, person, composer: () => composer });
const composer = createComposer({ send, contact: actions.contact, location: actions.location });
const thread = createThread(actions);
const chats = createChats({ go: (number) => state.key && go(state.key, number) });
const side = (/** @type {string} */ name) => () => (document.body.dataset.open = document.body.dataset.open === name ? "" : name);
const phones = createPhones({ add: addPhone, remove: removePhone, number: () => state.number });
const panel = createPanel(
  {
    change: (profile) => act((person) => api.change(person, profile)),
    renumber: (phone, done) => act((person) => api.renumber(person, phone).then(done)),
    prefer: (marketing) => actWith((person, number) => api.prefer(person, number, marketing)),
    block: (blocks) => actWith((person, number) => api.block(person, number, blocks)),
    call: () => actWith((person, number) => api.ring(person, number).then(() => notice(t("called")))),
  },
  side(""),
);

const clock = h("time", { class: "clock" });
const connection = h("span", { class: "connection" });
const owner = h("span", {});
const title = h("header", { class: "bar" });
const openPanel = iconButton("settings", t("settings"), side("panel"), { class: "icon-button open-side" });
const lost = h("p", { class: "lost", role: "status", hidden: true }, t("lost"));
const offline = h("p", { class: "offline", role: "status", hidden: true }, icon("offline"), t("offlineHint"));
const blocked = h("p", { class: "offline", hidden: true }, icon("block"), t("blocked"));
const conversation = h("div", { class: "conversation" }, h("div", { class: "thread-box" }, thread.element, thread.latest), blocked, composer.element);
const nothing = h("div", { class: "nothing" }, h("p", {}, t("noPhones")), h("button", { type: "button", class: "primary", onclick: addPhone }, icon("plus"), t("addPhone")));
const screen = h(
  "div",
  { class: "screen" },
  h("div", { class: "status" }, clock, h("button", { type: "button", class: "owner", onclick: side("phones") }, h("span", { class: "hidden" }, `${t("phones")}: `), owner), connection, openPanel),
  lost,
  title,
  offline,
  chats.element,
  conversation,
  nothing,
);
fill(/** @type {Element} */ (document.querySelector("#page")), phones.element, h("main", { class: "device" }, h("h1", { class: "hidden" }, t("phone")), screen), panel.element, h("button", { type: "button", class: "shade", "aria-hidden": "true", tabindex: -1, onclick: side("") }));
composer.acceptDrops(screen);
addEventListener("keydown", (event) => event.key === "Escape" && document.body.dataset.open && side("")());

const watch = listen({ person: changed, connected: (is) => (lost.hidden = is) });

/** Shows a phone, and one of its conversations or their list. @param {string} key @param {string} [number] */
function go(key, number) {
  const address = addressOf(key, number);
  if (location.hash === address) navigate();
  else location.hash = address;
}

function navigate() {
  const { key, number } = addressed();
  if (key && !state.phones.some((phone) => phone.key === key)) take(key);
  const next = key ?? state.phones[0]?.key;
  if (next !== state.key) state.shown = undefined;
  state.key = next;
  state.number = number;
  document.body.dataset.open = "";
  watch(state.phones.map((phone) => phone.key));
  paint();
  refresh();
}

/** Adds a phone. Its owner reads by hand from now on, unless that was decided before. @param {string} key @param {Record<string, unknown>} [profile] */
function take(key, profile = {}) {
  state.phones.push({ key });
  savePhones(state.phones.map((phone) => phone.key));
  api.change(key, { reads: "whenOpened", ...profile }).catch((error) => {
    report(error);
    removePhone(key);
  });
}

async function addPhone() {
  const asked = await askForPhone(state.phones.map((phone) => phone.key));
  if (!asked?.key) return;
  if (!state.phones.some((phone) => phone.key === asked.key)) take(asked.key, asked.name ? { name: asked.name } : {});
  go(asked.key, state.number ?? state.numbers[0]?.id);
}

/** @param {string} key */
function removePhone(key) {
  state.phones = state.phones.filter((phone) => phone.key !== key);
  savePhones(state.phones.map((phone) => phone.key));
  if (state.key === key) {
    state.key = undefined;
    location.hash = state.phones[0] ? addressOf(state.phones[0].key, state.number) : "";
  }
  navigate();
}

/** A phone has changed, and its owner perhaps has another number. @param {import("./types.d.ts").ChangedPerson} changed_ */
function changed(changed_) {
  const phone = state.phones.find(({ key }) => changed_.aliases.includes(key));
  if (!phone) return;
  const former = phone.key;
  phone.person = changed_;
  phone.key = changed_.phone ?? changed_.userId;
  if (former !== phone.key) {
    state.phones = state.phones.filter((other) => other === phone || other.key !== phone.key);
    savePhones(state.phones.map(({ key }) => key));
    outbox.rename(former, phone.key);
    if (state.key === former) {
      state.key = phone.key;
      history.replaceState(null, "", addressOf(phone.key, state.number));
    }
    watch(state.phones.map(({ key }) => key));
  }
  if (changed_.isOnline) outbox.flush(phone.key);
  if (phone.key === state.key) refresh();
  paint();
}

let isRefreshing = false;
let isStale = false;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let typing;

/** Asks what the phone shows; while an answer is awaited, further wishes become one. */
async function refresh() {
  if (!state.key) return;
  if (isRefreshing) {
    isStale = true;
    return;
  }
  isRefreshing = true;
  const { key } = state;
  try {
    const shown = await api.conversation(key);
    if (!shown.messages.every(({ number }) => state.numbers.some((one) => one.id === number)) || state.numbers.length === 0) {
      state.numbers = await api.numbers();
    }
    if (state.key === key) state.shown = shown;
    paint();
    read();
    clearTimeout(typing);
    if (shown.typing.length > 0) typing = setTimeout(refresh, TYPING);
  } catch (error) {
    if (!(error instanceof api.CallError && error.status === 0)) report(/** @type {Error} */ (error));
  }
  isRefreshing = false;
  if (isStale || state.key !== key) {
    isStale = false;
    refresh();
  }
}

/** The person reads what is in front of the eyes. */
function read() {
  const { key, number, shown } = state;
  const hasUnread = key && number && shown && shown.unread[number] > 0;
  if (hasUnread && document.visibilityState === "visible") api.open(key, number).catch(report);
}

function paint() {
  const [owns, { key, number, shown, numbers }] = [person(), state];
  const waits = key ? outbox.of(key, number) : [];
  const unread = state.phones.reduce((sum, phone) => sum + Object.values(phone.person?.unread ?? {}).reduce((one, other) => one + other, 0), 0);
  document.title = `${unread > 0 ? `(${unread}) ` : ""}${owns?.name ?? t("phone")}`;
  phones.paint(state.phones, key);
  panel.paint(owns, number, shown);
  panel.element.hidden = openPanel.hidden = !key;
  nothing.hidden = Boolean(key);
  chats.element.hidden = !key || Boolean(number);
  conversation.hidden = !key || !number;
  title.hidden = !key;
  offline.hidden = !owns || owns.isOnline;
  clock.textContent = time(shown ? shown.now + Date.now() - (shown.asked ??= Date.now()) : Date.now());
  fill(owner, owns?.name ?? key ?? "");
  fill(connection, icon(owns?.isOnline === false ? "offline" : "online", t(owns?.isOnline === false ? "offline" : "online")));
  if (!key) return;
  if (!number) {
    refill(title, [], () => h("h2", {}, t("chats")));
    chats.paint(key, shown, numbers);
    return;
  }
  const name = nameOf(number, numbers);
  const types = Boolean(shown?.typing.includes(number)) && owns?.isOnline !== false;
  const others = shown ? Object.entries(shown.unread).some(([other, count]) => other !== number && count > 0) : false;
  refill(title, [key, name, number, types, others], () => [
    h("a", { class: others ? "icon-button new" : "icon-button", href: addressOf(key), "aria-label": t("back"), title: t("back") }, icon("back")),
    avatar(name),
    h("div", { class: "bar-text" }, h("h2", {}, name), h("small", {}, types ? t("typing") : number)),
  ]);
  const isBlocked = Boolean(owns?.blocked.includes(number));
  blocked.hidden = !isBlocked;
  composer.turn(`${key} ${number}`, isBlocked);
  const messages = conversationOf((shown?.messages ?? []).filter((message) => message.number === number), waits);
  if (shown) thread.paint({ key: `${key} ${number}`, messages, now: shown.now, types });
}

addEventListener("hashchange", navigate);
addEventListener("storage", (event) => {
  if (event.key !== "phones") return;
  const saved = savedPhones();
  state.phones = saved.map((key) => state.phones.find((phone) => phone.key === key) ?? { key });
  const shown = active();
  if (shown && !saved.includes(shown.key)) state.phones.push(shown);
  watch(state.phones.map((phone) => phone.key));
  paint();
});
document.addEventListener("visibilitychange", read);
setInterval(paint, 30_000);
api.numbers().then((numbers) => {
  state.numbers = numbers;
  paint();
}, report);
navigate();
