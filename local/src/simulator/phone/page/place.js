// Locations: a pin, and a link to a map, which is opened only by a tap.

import { h, icon, link, safeUrl } from "./dom.js";

/** @param {any} content */
export function place({ latitude, longitude, name, address, url }) {
  const where = `${Number(latitude).toFixed(5)}, ${Number(longitude).toFixed(5)}`;
  const map = `https://www.openstreetmap.org/?mlat=${encodeURIComponent(latitude)}&mlon=${encodeURIComponent(longitude)}#map=16/${encodeURIComponent(latitude)}/${encodeURIComponent(longitude)}`;
  return h(
    "div",
    { class: "card place" },
    h("div", { class: "map", "aria-hidden": "true" }, icon("pin")),
    name && h("p", { class: "card-title" }, String(name)),
    address && h("p", { class: "faint" }, String(address)),
    link(safeUrl(url) ?? map, { class: "card-link" }, where),
  );
}
