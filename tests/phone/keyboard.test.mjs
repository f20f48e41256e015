// The page without a mouse, for a screen reader, on a narrow screen, and in the dark.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { test } from "node:test";
import { bubble, control, NUMBER, phone, post, say, send, shown, status, type, until } from "./stack.mjs";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** @typedef {import("playwright-core").Page} Page */

/** What axe finds against WCAG AA. @param {Page} page @returns {Promise<string[]>} */
async function violations(page) {
  await page.evaluate(AXE);
  const found = await page.evaluate(() => /** @type {any} */ (globalThis).axe.run({ runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] }));
  return found.violations.map((/** @type {any} */ one) => `${one.id}: ${one.nodes.map((/** @type {any} */ node) => node.target.join(" ")).slice(0, 3).join("; ")}`);
}

/** @param {Page} page */
const focused = (page) => page.evaluate(() => document.activeElement?.getAttribute("aria-label") ?? document.activeElement?.textContent ?? "");

/** Presses a key until something has the focus. @param {Page} page @param {string} key @param {() => unknown} found */
async function to(page, key, found) {
  for (let presses = 0; presses < 80; presses += 1) {
    if (await page.evaluate(found)) return;
    await page.keyboard.press(key);
  }
  throw new Error(`${key} does not lead to ${found}; the focus is at ${await focused(page)}`);
}

test("everything can be done by keyboard alone", async () => {
  const person = "5511930000030";
  await say(person, "hi");
  const page = await phone(person, { hash: `#${person}` });
  await shown(page.getByRole("link", { name: /Simulated business/u }));
  await to(page, "Tab", () => document.activeElement?.classList.contains("chat"));
  await page.keyboard.press("Enter");
  await shown(bubble(page, "hi"));
  await send(person, { interactive: { type: "button", body: { text: "Yes or no?" }, action: { buttons: [{ type: "reply", reply: { id: "y", title: "Yes" } }] } } });
  await shown(bubble(page, "Yes or no?"));
  await to(page, "Tab", () => document.activeElement?.matches("li.message"));
  await page.keyboard.press("End");
  assert.match(await focused(page), /Yes or no\?/u);
  await page.keyboard.press("ArrowUp");
  assert.match(await focused(page), /hi/u);
  await page.keyboard.press("Enter"); // its options
  await to(page, "ArrowDown", () => document.activeElement?.textContent === "Reply");
  await page.keyboard.press("Enter");
  await page.keyboard.type("an answer");
  await page.keyboard.press("Enter");
  await shown(bubble(page, "an answer").locator(".quote"));
  await page.keyboard.press("Shift+Tab");
  await to(page, "Shift+Tab", () => document.activeElement?.textContent === "Yes");
  await page.keyboard.press("Enter");
  await shown(page.locator("li.mine", { hasText: "Yes" }).last());
  await page.keyboard.press("Shift+Tab");
  await to(page, "Tab", () => document.activeElement?.tagName === "TEXTAREA");
  await page.keyboard.type("a draft");
  await page.reload();
  assert.equal(await page.getByRole("textbox", { name: "Message", exact: true }).inputValue(), "a draft", "nothing typed is lost");
  await to(page, "Tab", () => document.activeElement?.getAttribute("role") === "switch");
  await page.keyboard.press("Space");
  await until("the phone to be offline", async () => !(await control("GET", `people/${person}`)).isOnline);
  await to(page, "Shift+Tab", () => document.activeElement?.getAttribute("aria-label") === "Attach");
  await page.keyboard.press("Enter");
  await shown(page.getByRole("menu"));
  await page.keyboard.press("Escape");
  assert.equal(await focused(page), "Attach", "the focus is where it was");
});

test("axe finds nothing, in light and dark, wide and narrow, in both languages", async () => {
  const person = "5511930000031";
  await say(person, "a question");
  await post(person, "location", { latitude: 1, longitude: 2, name: "Here" });
  await post(person, "contacts", [{ name: { formatted_name: "Caio" }, phones: [{ phone: "1" }] }]);
  await post(person, "interactive", { type: "product", body: { text: "A product" }, action: { catalog_id: "1", product_retailer_id: "sku" } });
  await post(person, "image", { link: "https://example.com/a.png", caption: "A picture" });
  /** @type {import("playwright-core").BrowserContextOptions[]} */
  const kinds = [{ colorScheme: "light" }, { colorScheme: "dark", locale: "pt-BR" }, { colorScheme: "light", viewport: { width: 360, height: 700 } }, { colorScheme: "dark", viewport: { width: 900, height: 700 } }];
  for (const options of kinds) {
    const page = await phone(person, { options });
    await shown(bubble(page, "A picture"));
    assert.deepEqual(await violations(page), [], JSON.stringify(options));
    if (options.locale === "pt-BR") await shown(page.getByRole("heading", { name: "Celulares" }));
    await page.goto(page.url().replace(`/${NUMBER}`, ""));
    await page.locator(".chat").waitFor();
    assert.deepEqual(await violations(page), []);
    await page.context().close();
  }
});

test("a narrow screen is the phone alone, and the rest slides in", async () => {
  const person = "5511930000032";
  await say(person, "hello");
  const page = await phone(person, { options: { viewport: { width: 360, height: 700 }, hasTouch: true } });
  await shown(bubble(page, "hello"));
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 360);
  assert.ok(!(await page.getByRole("switch", { name: "Online" }).isVisible()));
  await page.getByRole("button", { name: "Settings of the phone" }).click();
  await page.getByRole("switch", { name: "Online" }).click();
  await page.keyboard.press("Escape");
  await shown(page.getByText("The phone is offline."));
  await page.getByRole("button", { name: "Phones" }).click();
  await shown(page.getByRole("heading", { name: "Phones" }));
});

test("a long conversation is shown in parts, and its place is kept", async () => {
  const person = "5511930000033";
  const messages = Array.from({ length: 340 }, (_, index) => ({ from: person, to: NUMBER, type: "text", text: { body: `number ${index}` } }));
  await control("POST", "people/messages", { messages });
  const page = await phone(person);
  await shown(bubble(page, "number 339"));
  assert.equal(await page.locator("li.message").count(), 150);
  await page.locator(".thread").evaluate((thread) => (thread.scrollTop = 0));
  await page.getByRole("button", { name: "Show earlier messages" }).click();
  assert.equal(await page.locator("li.message").count(), 300);
  const place = () => page.locator(".thread").evaluate((thread) => thread.scrollTop);
  const before = await place();
  assert.ok(before > 0);
  await post(person, "text", { body: "the latest" });
  await page.locator("li.message", { hasText: "the latest" }).waitFor({ state: "attached" });
  assert.ok(Math.abs((await place()) - before) < 80, "it does not jump away from what is read");
  await page.getByRole("button", { name: "To the latest message" }).click();
  await shown(bubble(page, "the latest"));
});

test("a conversation stays at its end when a message in it grows, such as by its picture", async () => {
  const person = "5511930000036";
  await say(person, "hello");
  const page = await phone(person);
  await shown(bubble(page, "hello"));
  /** Where the conversation is, and what is below it, two frames after the message has grown. @param {string} height */
  const grown = (height) => bubble(page, "hello").evaluate(async (message, minHeight) => {
    message.style.minHeight = minHeight;
    await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
    const thread = /** @type {Element} */ (message.closest(".thread"));
    return { above: thread.scrollTop, below: thread.scrollHeight - thread.scrollTop - thread.clientHeight };
  }, height);
  assert.ok((await grown("1500px")).below < 1, "it stays at its end");
  await page.locator(".thread").evaluate((thread) => (thread.scrollTop = 0));
  await shown(page.getByRole("button", { name: "To the latest message" }));
  assert.equal((await grown("1800px")).above, 0, "it does not jump away from what is read");
});

test("a lost connection is shown, and made again", async () => {
  const person = "5511930000034";
  await say(person, "hello");
  const page = await phone(person);
  await shown(bubble(page, "hello"));
  await page.context().setOffline(true);
  await type(page, "not lost");
  await shown(page.getByRole("alert"));
  assert.equal(await page.getByRole("textbox", { name: "Message", exact: true }).inputValue(), "not lost");
  await page.context().setOffline(false);
  await page.keyboard.press("Enter");
  await shown(bubble(page, "not lost"));
  await status(await send(person, { message: "here again" }), "read");
});

test("the focus stays where it is while messages arrive", async () => {
  const person = "5511930000035";
  await say(person, "hello");
  const page = await phone(person);
  await shown(bubble(page, "hello"));
  for (const found of [".phone-item a", ".bar a", "li.message"]) {
    const hasFocus = () => page.locator(found).first().evaluate((element) => element === document.activeElement);
    await until("the focus", () => page.locator(found).first().focus().then(hasFocus)); // it may be made anew meanwhile
    await post(person, "text", { body: `while ${found} has it` });
    await shown(bubble(page, `while ${found} has it`));
    assert.ok(await hasFocus(), found);
  }
});
