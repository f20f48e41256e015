// Templates with the parameters of a message in their places.

/** @param {unknown} value @returns {any[]} */
const list = (value) => (Array.isArray(value) ? value : []);
/** @param {any} component @param {string} type */
const is = (component, type) => String(component?.type).toLowerCase() === type;

/** The text of a parameter: its own, or what WhatsApp shows of an amount or a date. @param {any} parameter */
function textOf(parameter) {
  const value = parameter?.text ?? parameter?.currency?.fallback_value ?? parameter?.date_time?.fallback_value;
  return String(value ?? parameter?.coupon_code ?? parameter?.payload ?? "");
}

/** A text with its placeholders, `{{1}}` or `{{name}}`, filled in once: a parameter's own braces stay. @param {unknown} text @param {any[]} parameters */
function replaced(text, parameters) {
  return String(text ?? "").replace(/\{\{\s*([^{}]+?)\s*\}\}/gu, (whole, name) => {
    const named = parameters.find((parameter) => parameter?.parameter_name === name);
    const found = named ?? (/^\d+$/u.test(name) ? parameters[Number(name) - 1] : undefined);
    return found ? textOf(found) : whole;
  });
}

const MEDIA = ["image", "video", "document", "location"];

/** @param {any} definition @param {any[]} parameters */
function header(definition, parameters) {
  const given = parameters.find((parameter) => MEDIA.includes(parameter?.type));
  if (given) return { type: given.type, content: given[given.type] ?? {} };
  const text = replaced(definition?.text, parameters);
  return text ? { type: "text", content: text } : undefined;
}

/**
 * @typedef {{ kind: "reply", text: string, payload: unknown } | { kind: "url", text: string, url: string }
 *   | { kind: "copy", text: string, code: unknown } | { kind: "call", text: string, phone: string }
 *   | { kind: "catalog", text: string, sections: any[] } | { kind: "flow" | "contact" | "other", text: string }} Button
 */

/** @param {any} definition @param {any[]} parameters @returns {Button} */
function button(definition, parameters) {
  const type = String(definition?.type ?? "").toUpperCase();
  const text = String(definition?.text ?? "");
  const first = parameters[0];
  switch (type) {
    case "QUICK_REPLY":
      return { kind: "reply", text, payload: first?.payload };
    case "URL":
      return { kind: "url", text, url: replaced(definition.url, parameters) };
    case "COPY_CODE":
    case "OTP":
      return { kind: "copy", text, code: first?.coupon_code ?? textOf(first) };
    case "FLOW":
      return { kind: "flow", text };
    case "PHONE_NUMBER":
      return { kind: "call", text, phone: String(definition.phone_number ?? "") };
    case "REQUEST_CONTACT_INFO":
      return { kind: "contact", text };
    case "CATALOG":
    case "MPM":
      return { kind: "catalog", text, sections: list(first?.action?.sections) };
    default:
      return { kind: "other", text: text || type };
  }
}

/** @typedef {{ header?: { type: string, content: any }, body: string, footer: string, buttons: Button[], cards: Parts[] }} Parts */

/**
 * The header, body, footer, buttons and cards of components, filled in with those of a message.
 * @param {unknown} definitions @param {unknown} given @returns {Parts}
 */
function parts(definitions, given) {
  const definition = (/** @type {string} */ type) => list(definitions).find((component) => is(component, type));
  const parameters = (/** @type {string} */ type) =>
    list(given).filter((component) => is(component, type)).flatMap((component) => list(component.parameters));
  const buttonParameters = (/** @type {number} */ index) =>
    list(given)
      .filter((component) => is(component, "button") && Number(component.index) === index)
      .flatMap((component) => list(component.parameters));
  const body = definition("body");
  const bodyParameters = parameters("body");
  // An authentication template has no text of its own.
  const text = body?.text ?? (bodyParameters.length > 0 ? "*{{1}}*" : "");
  return {
    header: header(definition("header"), parameters("header")),
    body: replaced(text, bodyParameters),
    footer: replaced(definition("footer")?.text, []),
    buttons: list(definition("buttons")?.buttons).map((one, index) => button(one, buttonParameters(index))),
    cards: cards(definition("carousel"), list(given).find((component) => is(component, "carousel"))),
  };
}

/** @param {any} definition @param {any} given */
function cards(definition, given) {
  const known = list(definition?.cards);
  return list(given?.cards).map((card, index) => parts(known[card.card_index ?? index]?.components, card.components));
}

/** What a template message shows. @param {{ template?: any, content: any }} message */
export const fillIn = ({ template, content }) => parts(template?.components, content?.components);
