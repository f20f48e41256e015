// Nothing that comes with a message becomes a part of the page: texts stay texts, and links lead only to web pages.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, test } from "node:test";
import { control, graph, listen, NUMBER, phone, post, say, shown, SIMULATOR, write } from "./stack.mjs";

const EVA = "5511930000020";
const EVIL = '"><img src=x onerror=alert(1)><script>alert(2)</script><svg onload=alert(3)>{{constructor}}';
const LINK = "javascript:alert(4)";

test("a text is shown as it is in every place of every message", async () => {
  await control("PUT", `people/${EVA}`, { name: EVIL.slice(0, 100) });
  const own = await say(EVA, EVIL);
  const body = { text: EVIL };
  const short = EVIL.slice(0, 20);
  const parameters = { display_text: short, url: LINK };
  const card = (/** @type {number} */ index) => ({ card_index: index, type: "cta_url", header: { type: "image", image: { link: LINK } }, body: { text: EVIL.slice(0, 90) }, action: { name: "cta_url", parameters } });
  const row = { id: EVIL, title: short, description: EVIL.slice(0, 72) };
  await post(EVA, "text", { body: `*${EVIL}* ${LINK} https://example.com/"><script>alert(5)</script>` });
  for (const type of ["image", "video", "document"]) await post(EVA, type, { link: LINK, caption: EVIL, ...(type === "document" ? { filename: EVIL } : {}) });
  await post(EVA, "audio", { link: `data:text/html,${EVIL}` });
  await post(EVA, "sticker", { link: `https://example.com/${EVIL}` });
  await post(EVA, "location", { latitude: EVIL, longitude: EVIL, name: EVIL, address: EVIL, url: LINK });
  await post(EVA, "contacts", [{ name: { formatted_name: EVIL }, org: { company: EVIL }, phones: [{ phone: EVIL }], emails: [{ email: EVIL }], urls: [{ url: LINK }], addresses: [{ city: EVIL }], birthday: EVIL }]);
  for (const interactive of [
    { type: "button", header: { type: "text", text: EVIL.slice(0, 60) }, body, footer: { text: EVIL.slice(0, 60) }, action: { buttons: [{ type: "reply", reply: { id: EVIL, title: short } }] } },
    { type: "list", body, action: { button: short, sections: [{ title: short, rows: [row] }] } },
    { type: "cta_url", body, action: { name: "cta_url", parameters } },
    { type: "product_list", header: { type: "text", text: EVIL.slice(0, 60) }, body, action: { catalog_id: EVIL, sections: [{ title: short, product_items: [{ product_retailer_id: EVIL }] }] } },
    { type: "carousel", body, action: { cards: [card(0), card(1)] } },
  ]) {
    await post(EVA, "interactive", interactive);
  }
  await graph("1022/message_templates", {
    name: "evil",
    language: "en_US",
    category: "UTILITY",
    components: [
      { type: "HEADER", format: "TEXT", text: EVIL.replace("{{constructor}}", "") },
      { type: "BODY", text: `${EVIL.replace("{{constructor}}", "")}{{1}}` },
      { type: "FOOTER", text: EVIL },
      { type: "BUTTONS", buttons: [{ type: "QUICK_REPLY", text: EVIL }, { type: "URL", text: EVIL, url: LINK }, { type: "PHONE_NUMBER", text: EVIL, phone_number: EVIL }, { type: EVIL, text: EVIL }] },
    ],
  });
  await post(EVA, "template", { name: "evil", language: { code: "en_US" }, components: [{ type: "body", parameters: [{ type: "text", text: EVIL }] }] });
  await post(EVA, "reaction", { message_id: own, emoji: EVIL });
  await write(EVA, "interactive", { type: "nfm_reply", nfm_reply: { name: "flow", response_json: JSON.stringify({ [EVIL]: EVIL }) } });
  await write(EVA, "interactive", { type: "list_reply", list_reply: { id: "1", title: EVIL, description: EVIL } });
  await write(EVA, "button", { text: EVIL });
  await write(EVA, "order", { catalog_id: "1", text: EVIL, product_items: [{ product_retailer_id: EVIL, quantity: 1, item_price: 1, currency: EVIL }] });
  await write(EVA, "unsupported", { type: EVIL });
  await write(EVA, "document", { mime_type: "text/html", data: btoa(EVIL), filename: EVIL, caption: EVIL });
  await control("POST", `people/${EVA}/messages`, { to: NUMBER, type: "text", text: { body: "quotes it" }, context: { id: own } });

  const page = await phone(EVA);
  await shown(page.locator("li.message", { hasText: "quotes it" }));
  await page.locator(".action:has(.icon-list)").click();
  await shown(page.getByRole("radio", { name: EVIL.slice(0, 20) }));
  await page.keyboard.press("Escape");
  const found = await page.evaluate(() => ({
    foreign: document.querySelectorAll("script:not([src='/phone/main.js']), img[src='x'], svg[onload], [onerror], [onload], iframe, object").length,
    links: [.../** @type {NodeListOf<any>} */ (document.querySelectorAll("a[href], img, video, audio"))].map((one) => one.href ?? one.src).filter((url) => !/^(https?|blob):/u.test(url)),
    shown: document.querySelectorAll("li.message").length,
    title: document.title,
  }));
  assert.deepEqual([found.foreign, found.links], [0, []]);
  assert.ok(found.shown >= 22, `${found.shown} messages`);
  assert.ok(found.title.includes('"><img src=x'));
  await page.goto(`${SIMULATOR}/phone#${EVA}`);
  await shown(page.getByRole("link", { name: /Simulated business/u }));
  // A file that is a web page is kept, not shown.
  const { messages } = await control("GET", `people/${EVA}/messages`);
  const { id } = messages.find((/** @type {any} */ one) => one.message.document?.id).message.document;
  const download = page.waitForEvent("download");
  await page.evaluate((file) => window.open(`/phone/files/${file}`), id);
  assert.ok(await (await download).path());
});

test("the page may load nothing from elsewhere, run no text, and be in no frame", async () => {
  const page = await phone(EVA, { isWatched: false });
  await shown(page.locator(".messages"));
  const refused = await page.evaluate(async () => {
    /** @type {string[]} */
    const violations = [];
    document.addEventListener("securitypolicyviolation", (event) => violations.push(event.effectiveDirective));
    const attempts = [
      () => (document.body.innerHTML += "<b>x</b>"),
      () => new Function("return 1")(),
      () => document.body.append(Object.assign(document.createElement("img"), { src: "https://example.com/x.png" })),
      () => fetch("https://example.com/").catch(() => {}),
    ];
    for (const attempt of attempts) {
      try {
        await attempt();
      } catch {
        // refused at once
      }
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
    return [...new Set(violations)].sort();
  }).catch((error) => error.message);
  assert.deepEqual(refused, ["connect-src", "img-src", "require-trusted-types-for"]);
});

test("another page in the same browser can neither read nor change anything", async () => {
  const page = await phone(EVA);
  const messages = async () => (await control("GET", `people/${EVA}/messages`)).messages.length;
  const before = await messages();
  // A page of this machine: the browser itself keeps pages of other hosts away from it.
  const server = createServer((_, response) => response.end("<!doctype html><p>hi"));
  const address = await listen(server);
  after(() => server.close());
  const evil = await page.context().newPage();
  await evil.goto(address);
  const results = await evil.evaluate(
    async ([simulator, person, number]) => {
      const body = JSON.stringify({ to: number, type: "text", text: { body: "forged" } });
      const attempt = (/** @type {string} */ path, /** @type {RequestInit} */ options) => fetch(`${simulator}/${path}`, options).then((response) => response.type, () => "refused");
      return [
        await attempt(`people/${person}/messages`, { method: "POST", body, mode: "no-cors" }),
        await attempt(`people/${person}/messages`, { method: "POST", body }),
        await attempt(`people/${person}/blocks/${number}`, { method: "PUT" }),
        await attempt(`people/${person}/messages`, {}),
      ];
    },
    [SIMULATOR, EVA, NUMBER],
  );
  assert.deepEqual(results, ["opaque", "refused", "refused", "refused"]);
  assert.equal(await messages(), before);
});
