// Where the person writes: the text, what it answers or edits, and files. What is typed is kept for each conversation.

import { base64 } from "./api.js";
import { fill, h, icon, iconButton } from "./dom.js";
import { t } from "./i18n.js";
import { summary } from "./messages.js";
import { ask, field, menu, notice } from "./overlay.js";

const MAX_FILE = 16 * 1024 * 1024;

/** @typedef {import("./messages.js").Shown} Shown */
/** @typedef {ReturnType<typeof createComposer>} Composer */
/** @typedef {"image" | "video" | "voice" | "document" | "sticker"} Kind */

/** The type of a file whose own is not known. @type {Partial<Record<Kind, string>>} */
const TYPES = { image: "image/png", video: "video/mp4", voice: "audio/ogg", sticker: "image/webp" };

/**
 * The part of the page with which the person writes. `send` takes a message without its number.
 * @param {{ send: import("./types.d.ts").Send, contact: () => void, location: () => void }} page
 */
export function createComposer({ send, contact, location }) {
  const text = h("textarea", { rows: 1, placeholder: t("message"), "aria-label": t("message"), maxlength: 65_536, dir: "auto", oninput: changed, onkeydown: key, onpaste: paste });
  const files = h("input", { type: "file", hidden: true, tabindex: -1, onchange: () => picked() });
  const about = h("div", { class: "about", hidden: true });
  const attach = iconButton("plus", t("attach"), openMenu, { "aria-haspopup": "menu" });
  const submit = h("button", { type: "submit", class: "icon-button send", "aria-label": t("send"), title: t("send") }, icon("send"));
  const element = h("form", { class: "composer", onsubmit: submitted }, about, h("div", { class: "composer-row" }, attach, text, submit), files);
  let key_ = "";
  /** @type {Kind} */
  let kind = "image";
  /** @type {{reply?: Shown, edit?: Shown}} */
  let subject = {};

  function changed() {
    sessionStorage.setItem(`draft ${key_}`, text.value);
    text.style.height = "auto";
    text.style.height = `${Math.min(text.scrollHeight, 140)}px`;
  }

  /** @param {KeyboardEvent} event */
  function key(event) {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      element.requestSubmit();
    } else if (event.key === "Escape" && (subject.reply || subject.edit)) {
      event.preventDefault();
      forget();
    }
  }

  /** @param {SubmitEvent} event */
  function submitted(event) {
    event.preventDefault();
    const body = text.value.trim();
    if (body === "") return;
    const { edit } = subject;
    const content = { type: "text", text: { body } };
    const message = edit ? { type: "edit", edit: { original_message_id: edit.id, message: content } } : { ...content, ...context() };
    put("");
    forget();
    send(message, () => text.value === "" && put(body));
  }

  const context = () => (subject.reply ? { context: { id: subject.reply.id } } : {});

  /** @param {string} value */
  function put(value) {
    text.value = value;
    changed();
  }

  function forget() {
    if (subject.edit) put("");
    subject = {};
    about.hidden = true;
    text.focus();
  }

  /** @param {string} title @param {Shown} shown */
  function show(title, shown) {
    fill(about, h("span", { class: "about-text" }, h("strong", {}, title), h("span", {}, summary(shown))), iconButton("close", t("cancel"), forget));
    about.hidden = false;
    text.focus();
  }

  function openMenu() {
    /** @param {Kind} type @param {import("./dom.js").Icon} name @param {string} accept */
    const file = (type, name, accept) => ({ label: t(type), icon: icon(name), act: () => pick(type, accept) });
    menu(attach, [
      file("image", "image", "image/jpeg,image/png"),
      file("video", "video", "video/mp4,video/3gpp"),
      file("voice", "mic", "audio/*"),
      file("document", "document", ""),
      file("sticker", "smile", "image/webp"),
      { label: t("location"), icon: icon("pin"), act: () => location() },
      { label: t("contact"), icon: icon("contact"), act: () => contact() },
    ]);
  }

  /** @param {Kind} type @param {string} accept */
  function pick(type, accept) {
    kind = type;
    files.accept = accept;
    files.value = "";
    files.click();
  }

  function picked() {
    if (files.files?.[0]) sendFile(files.files[0], kind);
  }

  /** Asks for a caption where a file can have one, and sends the file. @param {File} file @param {Kind} type */
  async function sendFile(file, type) {
    if (file.size > MAX_FILE) return notice(t("tooLarge"), "error");
    const answers = context();
    let caption = "";
    if (type === "image" || type === "video" || type === "document") {
      const preview = type === "image" ? h("img", { class: "preview", src: URL.createObjectURL(file), alt: "" }) : h("p", { class: "file" }, icon(type), file.name);
      const asked = await ask(t(type), [preview, field(t("caption"), "caption", { maxlength: 1024, autofocus: true })], { read: (form) => ({ caption: String(form.get("caption")) }) });
      if (!asked) return undefined;
      caption = asked.caption;
    }
    if (subject.reply) forget();
    /** @type {{ mime_type: string, data: string, caption?: string, filename?: string, voice?: boolean }} */
    const object = { mime_type: mime(file, type), data: await base64(file) };
    if (caption) object.caption = caption;
    if (type === "document") object.filename = file.name;
    if (type === "voice") object.voice = true;
    const name = type === "voice" ? "audio" : type;
    return send({ type: name, [name]: object, ...answers });
  }

  const mime = (/** @type {File} */ file, /** @type {Kind} */ type) => file.type || (TYPES[type] ?? "application/octet-stream");

  /** @param {ClipboardEvent} event */
  function paste(event) {
    const file = event.clipboardData?.files[0];
    if (!file) return;
    event.preventDefault();
    sendFile(file, kindOf(file));
  }

  /** @param {File} file @returns {Kind} */
  const kindOf = (file) => {
    const [first] = file.type.split("/");
    if (["image/jpeg", "image/png"].includes(file.type)) return "image";
    if (first === "video") return "video";
    return first === "audio" ? "voice" : "document";
  };

  /** Takes files that are dropped on an element. @param {HTMLElement} target */
  function acceptDrops(target) {
    const over = (/** @type {boolean} */ is) => target.classList.toggle("drop", is);
    target.addEventListener("dragover", (event) => (event.preventDefault(), over(true)));
    target.addEventListener("dragleave", () => over(false));
    target.addEventListener("drop", (event) => {
      event.preventDefault();
      over(false);
      const file = event.dataTransfer?.files[0];
      if (file) sendFile(file, kindOf(file));
    });
  }

  return {
    element,
    acceptDrops,
    focus: () => text.focus(),
    /** Shows another conversation. @param {string} conversation @param {boolean} isBlocked */
    turn(conversation, isBlocked) {
      text.disabled = attach.disabled = submit.disabled = isBlocked;
      if (conversation === key_) return;
      key_ = conversation;
      subject = {};
      about.hidden = true;
      put(sessionStorage.getItem(`draft ${key_}`) ?? "");
    },
    /** @param {Shown} shown */
    reply(shown) {
      if (subject.edit) put("");
      subject = { reply: shown };
      show(`${t("replyTo")} ${shown.mine ? t("you") : t("business")}`, shown);
    },
    /** @param {Shown} shown */
    edit(shown) {
      subject = { edit: shown };
      put(shown.content.body);
      show(t("editing"), shown);
    },
  };
}
