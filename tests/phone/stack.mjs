// What the tests share: the stack, which `tests/against-phone` has started, a webhook of it, and phones in a browser.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { after, afterEach } from "node:test";
import { chromium } from "playwright-core";

const TIMEOUT = 30_000; // milliseconds; far longer than anything takes

/** @typedef {import("playwright-core").Page} Page */
/** @typedef {import("playwright-core").Locator} Locator */

const state = JSON.parse(readFileSync(process.env.POMBO_STATE ?? "", "utf8"));
export const NUMBER = state.phoneNumberId;
export const SIMULATOR = state.simulatorUrl;

/**
 * Waits until a function returns something, and returns it.
 * @template T
 * @param {string} what @param {() => T | Promise<T>} found @returns {Promise<NonNullable<T>>}
 */
export async function until(what, found) {
  const end = Date.now() + TIMEOUT;
  /** @type {Error | undefined} */
  let last;
  while (Date.now() < end) {
    try {
      last = undefined;
      const result = await found();
      if (result) return result;
    } catch (error) {
      last = /** @type {Error} */ (error);
    }
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error(`waited in vain for ${what}${last ? `: ${last.message}` : ""}`);
}

/** @param {string} method @param {string} url @param {unknown} body @param {Record<string, string>} [headers] @returns {Promise<any>} */
async function json(method, url, body, headers = {}) {
  const response = await fetch(url, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
  const text = await response.text();
  assert.ok(response.ok, `${method} ${url}: ${response.status} ${text}`);
  return text === "" ? {} : JSON.parse(text);
}

/** A call of Pombo's API. @param {string} method @param {string} path @param {unknown} [body] */
export const api = (method, path, body) =>
  json(method, `${state.apiUrl}${path}`, body, { authorization: `Bearer ${state.apiKey}`, "content-type": "application/json" });

/** A call that only the simulator has. @param {string} method @param {string} path @param {unknown} [body] */
export const control = (method, path, body) => json(method, `${SIMULATOR}/${path}`, body);

/** A call of the Cloud API, for what Pombo does not send. @param {string} path @param {unknown} body */
export const graph = (path, body) => json("POST", `${SIMULATOR}/v25.0/${path}`, body, { authorization: "Bearer EAAG-test" });

/** Sends a message by Pombo's API, and returns its id. @param {string} to @param {any} message @returns {Promise<string>} */
export async function send(to, message) {
  const answer = await api("POST", "/v1/messages/send", { instanceId: state.instanceId, to, ...message });
  return answer.messageId;
}

/** Sends a message in WhatsApp's own form. @param {string} to @param {string} type @param {unknown} object @returns {Promise<string>} */
export async function post(to, type, object) {
  const body = { messaging_product: "whatsapp", to: `+${to}`, type, [type]: object };
  return (await graph(`${NUMBER}/messages`, body)).messages[0].id;
}

/** A person writes without a phone, so that the window is open. @param {string} person @param {string} type @param {unknown} object @returns {Promise<string>} */
export async function write(person, type, object) {
  return (await control("POST", `people/${person}/messages`, { to: NUMBER, type, [type]: object })).messages[0].id;
}

/** @param {string} person @param {string} body */
export const say = (person, body) => write(person, "text", { body });

/** Waits until a message of Pombo's has a status. @param {string} id @param {string} wanted */
export const status = (id, wanted) =>
  until(`${wanted} of ${id}`, async () => (await api("GET", `/v1/messages/${id}/status`)).data.status === wanted);

/** The latest messages of a conversation, newest first, as Pombo lists them. @param {string} phone @returns {Promise<any[]>} */
export const history = async (phone) =>
  (await api("GET", `/v1/messages?instanceId=${state.instanceId}&phone=${encodeURIComponent(phone)}`)).data;

/** Has a server listen on a port of this machine; returns its address. @param {import("node:http").Server} server */
export async function listen(server) {
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(undefined)));
  return `http://127.0.0.1:${/** @type {import("node:net").AddressInfo} */ (server.address()).port}/`;
}

/** The customer's webhook: `next(found)` waits for an event's data that a function accepts. @param {string[]} events */
export async function webhook(events) {
  /** @type {any[]} */
  const received = [];
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk) => (body += chunk));
    request.on("end", () => {
      received.push(JSON.parse(body));
      response.writeHead(204).end();
    });
  });
  const url = await listen(server);
  const { data } = await api("POST", "/v1/webhooks", { url, events, instanceId: state.instanceId });
  after(async () => {
    await api("DELETE", `/v1/webhooks/${data.id}`);
    server.close();
  });
  return {
    next: (/** @type {string} */ event, /** @type {(data: any) => unknown} */ found) =>
      until(`the webhook ${event}`, () => received.find((one) => one.event === event && found(one.data))?.data),
  };
}

const browser = chromium.launch({ executablePath: process.env.CHROMIUM, args: ["--no-sandbox"] });
after(async () => (await browser).close());

/** The windows of a test; they are closed with it. @type {import("playwright-core").BrowserContext[]} */
const open = [];
afterEach(() => Promise.all(open.splice(0).map((context) => context.close())));

/** What the page of a phone did that it must not do. @type {string[]} */
const problems = [];
after(() => assert.deepEqual(problems, []));

/**
 * A phone in a window of its own browser, in the conversation with the customer's number.
 * @param {string} person
 * @param {{ options?: import("playwright-core").BrowserContextOptions, hash?: string, isWatched?: boolean }} [more]
 */
export async function phone(person, { options = {}, hash = `#${person}/${NUMBER}`, isWatched = true } = {}) {
  const context = await (await browser).newContext({ viewport: { width: 1280, height: 900 }, locale: "en-US", ...options });
  context.setDefaultTimeout(TIMEOUT);
  open.push(context);
  if (process.env.PHONE_SOURCES) await context.route(/\/phone\/\w+\.(?:js|css)$/u, fromSources);
  const page = await context.newPage();
  if (isWatched) watch(page);
  await page.goto(`${SIMULATOR}/phone${hash}`);
  return page;
}

/** With PHONE_SOURCES the page's files are those of the repository, before a stack that may be older. @param {import("playwright-core").Route} route */
async function fromSources(route) {
  const name = new URL(route.request().url()).pathname.split("/").at(-1);
  await route.fulfill({ response: await route.fetch(), path: `${process.env.PHONE_SOURCES}/${name}` });
}

/** Notes errors, and whatever a page asks of another origin. @param {Page} page */
function watch(page) {
  page.on("pageerror", (error) => problems.push(error.message));
  page.on("console", (message) => message.type() === "error" && !/status of 40|INTERNET_DISCONNECTED/u.test(message.text()) && problems.push(message.text()));
  page.on("dialog", (dialog) => (problems.push(`a dialog: ${dialog.message()}`), dialog.dismiss()));
  page.on("request", (request) => {
    const url = new URL(request.url());
    if (url.origin !== SIMULATOR && url.protocol !== "blob:") problems.push(`a call of ${url}`);
  });
}

/** The bubble of the latest message whose text is this or matches this. @param {Page} page @param {string | RegExp} text */
export const bubble = (page, text) => page.locator("li.message", { hasText: text }).last();

/** Waits until something is shown. @param {Locator} locator */
export const shown = (locator) => locator.waitFor({ state: "visible" });

/** Writes a text and sends it. @param {Page} page @param {string} text */
export async function type(page, text) {
  await page.getByRole("textbox", { name: "Message", exact: true }).fill(text);
  await page.keyboard.press("Enter");
}

/** Opens the options of a message and chooses one. @param {Page} page @param {Locator} message @param {string} option */
export async function choose(page, message, option) {
  await message.hover();
  await message.getByRole("button", { name: "Options of the message" }).click();
  await page.getByRole("menuitem", { name: option }).click();
}

/** A picture of one pixel. */
export const PICTURE =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfz0AEYBxVSF+FABJADveWkH6oAAAAAElFTkSuQmCC";
