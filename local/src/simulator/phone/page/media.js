// Files of messages. One that a business sends by its link is not fetched, as the simulator fetches none: the link is shown.

import { fileUrl } from "./api.js";
import { fill, h, icon, link, safeUrl } from "./dom.js";
import { t } from "./i18n.js";

/** @typedef {"image" | "video" | "audio" | "document" | "sticker"} Media */

/** @type {Record<Media, Media>} */
const NAMES = { image: "image", video: "video", audio: "audio", document: "document", sticker: "sticker" };

/** The file of a message of one of the types of media. @param {Media} type @param {any} content */
export function media(type, content) {
  const { id, link: url, waits } = content ?? {};
  if (id) return stored(type, String(id), content);
  if (waits) return line(type, content, t(NAMES[type]));
  return linked(type, content, url);
}

/** @param {Media} type @param {string} id @param {any} content */
function stored(type, id, content) {
  switch (type) {
    case "image":
    case "sticker":
      return picture(type, id, content);
    case "video":
      return h("video", { class: "video", controls: true, preload: "metadata", src: fileUrl(id), "aria-label": t("video"), onerror: gone });
    case "audio":
      return h(
        "div",
        { class: content.voice ? "audio voice" : "audio" },
        icon(content.voice ? "mic" : "play", t(content.voice ? "voice" : "audio")),
        h("audio", { controls: true, preload: "metadata", src: fileUrl(id), "aria-label": t(content.voice ? "voice" : "audio"), onerror: gone }),
      );
    default:
      return h(
        "a",
        { class: "file", href: fileUrl(id), download: content.filename ?? "document", "aria-label": `${t("download")}: ${content.filename ?? t("document")}` },
        icon("document"),
        h("span", { class: "file-name" }, String(content.filename ?? t("document"))),
      );
  }
}

/** @param {"image" | "sticker"} type @param {string} id @param {any} content */
function picture(type, id, content) {
  const image = h("img", { class: type, src: fileUrl(id), alt: content.caption || t(type), loading: "lazy", onerror: gone });
  return type === "sticker" ? image : h("a", { href: fileUrl(id), target: "_blank", rel: "noopener", class: "picture" }, image);
}

/** Takes the place of a file that is not there any more. @param {{ currentTarget: Element }} event */
function gone(event) {
  const place = event.currentTarget.closest(".picture, .audio") ?? event.currentTarget;
  place.replaceWith(h("p", { class: "file faint" }, icon("document"), t("fileGone")));
}

/** @param {Media} type @param {any} content @param {unknown} url */
function linked(type, content, url) {
  const href = safeUrl(url);
  const name = String(content?.filename ?? (href ? decodeURIComponentSafely(new URL(href).pathname.split("/").at(-1) ?? "") : "")) || t(NAMES[type]);
  const box = line(type, content, name);
  if (!href) return box;
  box.append(h("span", { class: "faint host" }, new URL(href).host), icon("external"));
  return link(href, { class: `linked ${type}`, title: t("linkOnly") }, h("span", { class: "hidden" }, `${t(NAMES[type])}: `), box);
}

/** @param {string} text */
function decodeURIComponentSafely(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** @type {Partial<Record<Media, import("./dom.js").Icon>>} */
const ICONS = { image: "image", video: "video", audio: "play", sticker: "smile" };

/** @param {Media} type @param {any} content @param {string} name */
function line(type, content, name) {
  const kind = type === "audio" && content?.voice ? "mic" : ICONS[type];
  return fill(h("span", { class: "file" }), icon(kind ?? "document"), h("span", { class: "file-name" }, name));
}
