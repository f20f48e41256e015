// Each kind of message that a business sends is shown, as it arrives.

import assert from "node:assert/strict";
import { test } from "node:test";
import { bubble, control, graph, NUMBER, phone, PICTURE, post, say, send, shown, status, write } from "./stack.mjs";

const ANA = "5511930000001";

test("texts have WhatsApp's formatting, and quote", async () => {
  const page = await phone(ANA);
  const question = await say(ANA, "When *exactly*?");
  const id = await send(ANA, {
    message: "*bold* _italic_ ~gone~ ```mono``` `code` 2*3*4 snake_case_name\n> quoted\n- item\nhttps://example.com/a_b_c.",
    quotedMessageId: question,
  });
  const text = bubble(page, "bold");
  await shown(text);
  assert.deepEqual(await text.locator(".text :is(strong, em, s, code, blockquote)").allTextContents(), ["bold", "italic", "gone", "mono", "code", "quoted"]);
  assert.equal(await text.locator(".text a").getAttribute("href"), "https://example.com/a_b_c");
  assert.equal(await text.locator(".text a").getAttribute("rel"), "noopener noreferrer nofollow");
  assert.match((await text.textContent()) ?? "", /2\*3\*4 snake_case_name/u);
  assert.equal(await text.locator(".quote-text").textContent(), "When exactly?");
  await status(id, "read"); // the conversation is open
});

test("files are shown from the simulator, and linked ones as links", async () => {
  const page = await phone(ANA);
  const { messages } = await control("POST", `people/${ANA}/messages`, { to: NUMBER, type: "image", image: { mime_type: "image/png", data: PICTURE, caption: "mine" } });
  const own = bubble(page, "mine").locator("img");
  await shown(own);
  assert.equal(await own.evaluate((/** @type {HTMLImageElement} */ image) => image.naturalWidth), 1);
  const id = (await control("GET", `people/${ANA}/messages`)).messages.find((/** @type {any} */ one) => one.id === messages[0].id).message.image.id;
  await post(ANA, "image", { id, caption: "theirs" });
  await shown(bubble(page, "theirs").locator("img"));
  await post(ANA, "sticker", { id });
  await shown(page.locator('li[data-type="sticker"] img'));
  await post(ANA, "video", { id, caption: "a video" });
  await post(ANA, "audio", { id, voice: true });
  await page.locator('li[data-type="video"] video, li[data-type="video"] .file').waitFor();
  await page.locator('li[data-type="audio"]').waitFor();
  await post(ANA, "document", { id, filename: "bill.pdf" });
  const file = bubble(page, "bill.pdf").locator("a");
  assert.deepEqual([await file.getAttribute("href"), await file.getAttribute("download")], [`/phone/files/${id}`, "bill.pdf"]);
  await send(ANA, { mediaUrl: "https://example.com/cake.jpg", mediaType: "image", caption: "by link" });
  assert.equal(await bubble(page, "by link").locator("a").getAttribute("href"), "https://example.com/cake.jpg");
  await send(ANA, { mediaUrl: "https://example.com/contract.pdf", mediaType: "document", filename: "contract.pdf" });
  await shown(bubble(page, "contract.pdf"));
});

test("places and contacts are cards", async () => {
  const page = await phone(ANA);
  await send(ANA, { location: { latitude: -23.5614, longitude: -46.6559, name: "MASP", address: "Av. Paulista" } });
  await shown(bubble(page, "MASP").getByText("-23.56140, -46.65590"));
  await send(ANA, { contacts: [{ name: { formatted_name: "Bruno Lima", first_name: "Bruno" }, phones: [{ phone: "+55 11 98888-7777" }] }] });
  await shown(bubble(page, "Bruno Lima").getByText("+55 11 98888-7777"));
});

test("interactive messages have their parts and buttons", async () => {
  const page = await phone(ANA);
  const body = (/** @type {string} */ text) => ({ text });
  const reply = (/** @type {string} */ title) => ({ type: "reply", reply: { id: title, title } });
  /** Messages, the texts and the buttons of each. @type {[any, string[], string[]][]} */
  const cases = [
    [{ type: "button", header: { type: "text", text: "Shop" }, body: body("b-button"), footer: { text: "Foot" }, action: { buttons: [reply("Yes"), reply("No")] } }, ["Shop", "Foot"], ["Yes", "No"]],
    [{ type: "list", body: body("b-list"), action: { button: "Menu", sections: [{ title: "All", rows: [{ id: "1", title: "First" }] }] } }, [], ["Menu"]],
    [{ type: "flow", body: body("b-flow"), action: { name: "flow", parameters: { flow_message_version: "3", flow_id: "1", flow_cta: "Book", flow_token: "t", mode: "published", flow_action: "navigate", flow_action_payload: { screen: "A" } } } }, [], ["Book"]],
    [{ type: "location_request_message", body: body("b-where"), action: { name: "send_location" } }, [], ["Send location"]],
    [{ type: "request_contact_info", body: body("b-who"), action: { name: "request_contact_info" } }, [], ["Share contact info"]],
    [{ type: "product", body: body("b-product"), action: { catalog_id: "1", product_retailer_id: "sku-1" } }, ["sku-1"], ["Order"]],
    [{ type: "product_list", header: { type: "text", text: "Best" }, body: body("b-products"), action: { catalog_id: "1", sections: [{ title: "Cakes", product_items: [{ product_retailer_id: "sku-2" }] }] } }, ["Best", "Cakes", "sku-2"], ["Order"]],
    [{ type: "catalog_message", body: body("b-catalog"), action: { name: "catalog_message" } }, [], ["View catalog"]],
  ];
  for (const [interactive, texts, buttons] of cases) {
    await send(ANA, { interactive });
    const message = bubble(page, interactive.body.text);
    await shown(message);
    for (const text of texts) await shown(message.getByText(text, { exact: true }));
    assert.deepEqual(await message.locator(".action").allTextContents(), buttons);
  }
  await send(ANA, { interactive: { type: "cta_url", body: body("b-url"), action: { name: "cta_url", parameters: { display_text: "Track", url: "https://example.com/12" } } } });
  assert.equal(await bubble(page, "b-url").getByRole("link", { name: "Track" }).getAttribute("href"), "https://example.com/12");
  const card = (/** @type {number} */ index, /** @type {unknown} */ action) => ({ card_index: index, type: "cta_url", header: { type: "image", image: { link: "https://example.com/c.png" } }, body: body(`Card ${index}`), action });
  const replyCard = (/** @type {number} */ index) => card(index, { buttons: [{ type: "quick_reply", quick_reply: { id: `c${index}`, title: `Take ${index}` } }] });
  await send(ANA, { interactive: { type: "carousel", body: body("b-cards"), action: { cards: [replyCard(0), replyCard(1)] } } });
  await shown(bubble(page, "b-cards"));
  assert.deepEqual(await bubble(page, "b-cards").locator(".action").allTextContents(), ["Take 0", "Take 1"]);
});

test("a template has its parameters, its header and footer, and its buttons", async () => {
  await graph("1022/message_templates", {
    name: "parcel_ready",
    language: "en_US",
    category: "UTILITY",
    components: [
      { type: "HEADER", format: "TEXT", text: "Order {{1}}" },
      { type: "BODY", text: "Hi {{1}}, it comes at *{{2}}*." },
      { type: "FOOTER", text: "Reply STOP" },
      {
        type: "BUTTONS",
        buttons: [
          { type: "QUICK_REPLY", text: "Thanks" },
          { type: "URL", text: "Track", url: "https://example.com/t/{{1}}" },
          { type: "PHONE_NUMBER", text: "Call", phone_number: "+551140000000" },
          { type: "COPY_CODE", text: "Copy code" },
        ],
      },
    ],
  });
  const page = await phone("5511930000002"); // who has never written
  const text = (/** @type {string} */ value) => ({ type: "text", text: value });
  await send("5511930000002", {
    template: {
      name: "parcel_ready",
      language: "en_US",
      components: [
        { type: "header", parameters: [text("1042")] },
        { type: "body", parameters: [text("{{2}}"), text("18:00")] },
        { type: "button", sub_type: "url", index: "1", parameters: [text("1042")] },
        { type: "button", sub_type: "copy_code", index: "3", parameters: [{ type: "coupon_code", coupon_code: "CAKE10" }] },
      ],
    },
  });
  const message = page.locator('li[data-type="template"]');
  await shown(message);
  assert.equal(await message.locator(".header").textContent(), "Order 1042");
  assert.equal(await message.locator(".text").textContent(), "Hi {{2}}, it comes at 18:00.", "a parameter's braces stay");
  assert.equal(await message.locator(".footer").textContent(), "Reply STOP");
  assert.deepEqual(await message.locator(".action").allTextContents(), ["Thanks", "Track", "Call", "Copy code"]);
  assert.equal(await message.getByRole("link", { name: "Track" }).getAttribute("href"), "https://example.com/t/1042");
});

test("reactions, read marks and typing are shown to the person", async () => {
  const page = await phone(ANA);
  const wamid = await say(ANA, "react to this");
  const mine = bubble(page, "react to this");
  await shown(mine.getByRole("img", { name: "Delivered" }));
  await send(ANA, { reaction: { messageId: wamid, emoji: "🎉" } });
  await shown(mine.getByText("🎉"));
  await send(ANA, { reaction: { messageId: wamid, emoji: "" } });
  await mine.getByText("🎉").waitFor({ state: "detached" });
  await graph(`${NUMBER}/messages`, { messaging_product: "whatsapp", status: "read", message_id: wamid, typing_indicator: { type: "text" } });
  await shown(mine.getByRole("img", { name: "Read" }));
  await shown(page.locator(".bar").getByText("typing…"));
  await send(ANA, { message: "the reply ends it" });
  await page.locator(".bar").getByText("typing…").waitFor({ state: "detached" });
});

test("what people themselves sent is shown as it was sent", async () => {
  const page = await phone(ANA);
  await write(ANA, "order", { catalog_id: "1", product_items: [{ product_retailer_id: "sku-9", quantity: 2, item_price: 3.5, currency: "BRL" }] });
  await shown(page.getByText("2 × sku-9"));
  await write(ANA, "interactive", { type: "nfm_reply", nfm_reply: { name: "flow", response_json: '{"seat":"12A"}' } });
  await shown(page.getByText('{"seat":"12A"}'));
  await write(ANA, "unsupported", { type: "poll" });
  await shown(page.getByText("Not supported by this phone").last());
});
