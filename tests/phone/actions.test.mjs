// What a person does on the phone reaches the customer: by the webhook, or in what Pombo lists.

import assert from "node:assert/strict";
import { test } from "node:test";
import { api, bubble, choose, control, history, NUMBER, phone, PICTURE, say, send, shown, status, type, until, webhook } from "./stack.mjs";

const BEA = "5511930000010";
const EVENTS = ["message.received", "message.read", "message.delivered", "contact.updated", "contact.opted_out", "contact.opted_in"];

/**
 * The latest message that the customer has received of a type.
 * @param {Awaited<ReturnType<typeof webhook>>} customer @param {string} of @param {(data: any) => unknown} [found]
 */
async function received(customer, of, found = () => true) {
  return customer.next("message.received", (data) => data.type === of && found(data));
}

test("a person writes, answers with a quote, edits and deletes", async () => {
  const customer = await webhook(EVENTS);
  const page = await phone(BEA);
  await type(page, "Hello *there*");
  const first = await received(customer, "text", (data) => data.content === "Hello *there*");
  assert.equal(first.from, BEA);
  const asked = await send(BEA, { message: "How many?" });
  await choose(page, bubble(page, "How many?"), "Reply");
  await type(page, "Two");
  const answer = await received(customer, "text", (data) => data.content === "Two");
  assert.equal(answer.context.messageId, asked);
  await choose(page, bubble(page, "Two"), "Edit");
  await type(page, "Three");
  await shown(bubble(page, "Three").getByText("edited"));
  const edit = await received(customer, "edit");
  assert.equal(edit.context.messageId, answer.messageId);
  await choose(page, bubble(page, "Three"), "Delete for everyone");
  await shown(page.getByText("This message was deleted"));
  assert.equal((await received(customer, "revoke")).context.messageId, answer.messageId);
});

test("a tap on a button, a row or a template's reply is received with its id and its message", async () => {
  const customer = await webhook(EVENTS);
  const page = await phone(BEA);
  await say(BEA, "opens the window");
  const buttons = await send(BEA, { interactive: { type: "button", body: { text: "Size?" }, action: { buttons: [{ type: "reply", reply: { id: "size-l", title: "Large" } }] } } });
  await bubble(page, "Size?").getByRole("button", { name: "Large" }).click();
  const tapped = await received(customer, "interactive", (data) => data.details.button_reply);
  assert.deepEqual([tapped.details.button_reply, tapped.context.messageId], [{ id: "size-l", title: "Large" }, buttons]);

  await send(BEA, { interactive: { type: "list", body: { text: "Which cake?" }, action: { button: "Cakes", sections: [{ title: "All", rows: [{ id: "1", title: "Orange", description: "With chocolate" }, { id: "2", title: "Carrot" }] }] } } });
  await bubble(page, "Which cake?").getByRole("button", { name: "Cakes" }).click();
  await page.getByRole("radio", { name: "Carrot" }).check();
  await page.getByRole("dialog").getByRole("button", { name: "Send" }).click();
  const chosen = await received(customer, "interactive", (data) => data.details.list_reply);
  assert.deepEqual(chosen.details.list_reply, { id: "2", title: "Carrot" });

  const template = { name: "thanks", language: "en_US", category: "UTILITY", components: [{ type: "BODY", text: "Came it well?" }, { type: "BUTTONS", buttons: [{ type: "QUICK_REPLY", text: "Yes, thanks" }] }] };
  await fetch(new URL("/v25.0/1022/message_templates", page.url()), { method: "POST", headers: { authorization: "Bearer EAAG-test" }, body: JSON.stringify(template) });
  await send(BEA, { template: { name: "thanks", language: "en_US", components: [{ type: "button", sub_type: "quick_reply", index: "0", parameters: [{ type: "payload", payload: "came-well" }] }] } });
  await bubble(page, "Came it well?").getByRole("button", { name: "Yes, thanks" }).click();
  assert.deepEqual((await received(customer, "button")).details, { text: "Yes, thanks", payload: "came-well" });

  await send(BEA, { interactive: { type: "flow", body: { text: "Book a table" }, action: { name: "flow", parameters: { flow_message_version: "3", flow_id: "1", flow_cta: "Book", flow_token: "table-7", mode: "published", flow_action: "navigate", flow_action_payload: { screen: "A" } } } } });
  await bubble(page, "Book a table").getByRole("button", { name: "Book" }).click();
  await page.getByRole("textbox", { name: "Answer in JSON" }).fill("{");
  await page.getByRole("dialog").getByRole("button", { name: "Answer" }).click();
  await shown(page.getByRole("alert"));
  await page.getByRole("textbox", { name: "Answer in JSON" }).fill('{"flow_token":"table-7","seats":2}');
  await page.getByRole("dialog").getByRole("button", { name: "Answer" }).click();
  const form = await received(customer, "interactive", (data) => data.details.nfm_reply);
  assert.deepEqual(JSON.parse(form.details.nfm_reply.response_json), { flow_token: "table-7", seats: 2 });

  await send(BEA, { interactive: { type: "product_list", header: { type: "text", text: "Best" }, body: { text: "Order here" }, action: { catalog_id: "77", sections: [{ title: "Cakes", product_items: [{ product_retailer_id: "sku-1" }, { product_retailer_id: "sku-2" }] }] } } });
  await bubble(page, "Order here").getByRole("button", { name: "Order" }).click();
  await page.getByRole("spinbutton", { name: "Quantity" }).first().fill("3");
  await page.getByRole("textbox", { name: "Price" }).first().fill("12.5");
  await page.getByRole("dialog").getByRole("button", { name: "Send" }).click();
  const { details: order } = await received(customer, "order");
  assert.deepEqual([order.catalog_id, order.product_items], ["77", [{ product_retailer_id: "sku-1", quantity: 3, item_price: 12.5, currency: "BRL" }]]);

  await send(BEA, { interactive: { type: "request_contact_info", body: { text: "Your number?" }, action: { name: "request_contact_info" } } });
  await bubble(page, "Your number?").getByRole("button", { name: "Share contact info" }).click();
  const shared = await received(customer, "contacts");
  assert.equal(shared.details.contacts[0].phones[0].wa_id, BEA);

  await send(BEA, { interactive: { type: "location_request_message", body: { text: "Where are you?" }, action: { name: "send_location" } } });
  await bubble(page, "Where are you?").getByRole("button", { name: "Send location" }).click();
  await page.getByRole("textbox", { name: "Latitude" }).fill("-22,9");
  await page.getByRole("dialog").getByRole("button", { name: "Send" }).click();
  assert.equal((await received(customer, "location")).details.latitude, -22.9);
});

test("a person sends a picture, a voice message, a document and a contact", async () => {
  const customer = await webhook(EVENTS);
  const page = await phone(BEA);
  const attach = async (/** @type {string} */ name, /** @type {{ name: string, mimeType: string, buffer: Buffer }} */ file) => {
    await page.getByRole("button", { name: "Attach" }).click();
    const chooser = page.waitForEvent("filechooser");
    await page.getByRole("menuitem", { name }).click();
    await (await chooser).setFiles(file);
  };
  await attach("Photo", { name: "a.png", mimeType: "image/png", buffer: Buffer.from(PICTURE, "base64") });
  await page.getByRole("textbox", { name: "Caption" }).fill("my cat");
  await page.getByRole("dialog").getByRole("button", { name: "Send" }).click();
  const picture = await received(customer, "image");
  assert.deepEqual([picture.media.mimeType, picture.caption], ["image/png", "my cat"]);
  await shown(bubble(page, "my cat").locator("img"));
  await attach("Voice message", { name: "a.ogg", mimeType: "audio/ogg", buffer: Buffer.from("OggS") });
  assert.equal((await received(customer, "audio")).media.mimeType, "audio/ogg");
  await attach("Document", { name: "bill.pdf", mimeType: "application/pdf", buffer: Buffer.from("%PDF") });
  await page.getByRole("dialog").getByRole("button", { name: "Send" }).click();
  assert.equal((await received(customer, "document")).filename, "bill.pdf");
  await page.getByRole("button", { name: "Attach" }).click();
  await page.getByRole("menuitem", { name: "Contact" }).click();
  await page.getByRole("textbox", { name: "Name" }).last().fill("Caio");
  await page.getByRole("dialog").getByRole("textbox", { name: "Phone number" }).fill("+55 11 91234-5678");
  await page.getByRole("dialog").getByRole("button", { name: "Send" }).click();
  assert.equal((await received(customer, "contacts", (data) => data.details.contacts[0].name.formatted_name === "Caio")).details.contacts.length, 1);
});

test("a person reacts and takes the reaction back", async () => {
  const customer = await webhook(EVENTS);
  const page = await phone(BEA);
  const liked = await send(BEA, { message: "Like it?" });
  await choose(page, bubble(page, "Like it?"), "React ❤️");
  const reaction = await received(customer, "reaction", (data) => data.details.emoji);
  assert.deepEqual([reaction.details.emoji, reaction.context.messageId], ["❤️", liked]);
  const shown_ = bubble(page, "Like it?").getByRole("button", { name: "Remove reaction" });
  await shown_.click();
  await received(customer, "reaction", (data) => !data.details.emoji);
  await shown_.waitFor({ state: "detached" });
});

test("messages are read when the conversation is open, and late when the phone was offline", async () => {
  const person = "5511930000011";
  await say(person, "opens the window");
  const page = await phone(person, { hash: `#${person}` });
  await shown(page.getByText("opens the window"));
  const first = await send(person, { message: "Are you there?" });
  await status(first, "delivered");
  await shown(page.getByLabel("1 unread").first());
  assert.match(await page.title(), /^\(1\) /u);
  await page.getByRole("link", { name: /Simulated business/u }).click();
  await status(first, "read");
  await page.getByRole("switch", { name: "Online" }).click();
  await shown(page.getByText("The phone is offline."));
  const second = await send(person, { message: "And now?" });
  await status(second, "sent");
  await type(page, "written in a tunnel");
  await shown(bubble(page, "written in a tunnel").getByRole("img", { name: "Waiting" }));
  assert.equal(await page.getByText("And now?").count(), 0);
  assert.equal((await history(person)).filter((row) => row.content === "written in a tunnel").length, 0);
  await page.getByRole("switch", { name: "Online" }).click();
  await status(second, "read");
  await shown(bubble(page, "And now?"));
  await shown(bubble(page, "written in a tunnel").getByRole("img", { name: "Delivered" }));
  assert.equal((await history(person)).filter((row) => row.content === "written in a tunnel").length, 1);
  await page.getByRole("combobox", { name: "Messages are read" }).selectOption("never");
  const third = await send(person, { message: "Secretly read" });
  await shown(bubble(page, "Secretly read"));
  await status(third, "delivered");
});

test("a person blocks and unblocks, and learns why something did not arrive", async () => {
  const person = "5511930000012";
  await say(person, "hi");
  const page = await phone(person);
  await page.getByRole("switch", { name: "Block" }).click();
  await shown(page.getByText("You blocked this business."));
  assert.ok(await page.getByRole("textbox", { name: "Message", exact: true }).isDisabled());
  const lost = await send(person, { message: "never arrives" });
  await status(lost, "sent");
  await shown(page.getByText("You blocked it.").first());
  await page.getByRole("switch", { name: "Block" }).click();
  const arrives = await send(person, { message: "arrives again" });
  await shown(bubble(page, "arrives again"));
  await status(arrives, "read");
  assert.equal(await page.locator("li.message", { hasText: "never arrives" }).count(), 0);
  const closed = "5511930000013";
  const other = await phone(closed);
  await until("the phone", () => control("GET", `people/${closed}`)); // the page adds it after it was loaded
  await send(closed, { message: "too late" });
  await shown(other.getByText("only templates arrive.", { exact: false }).first());
  await shown(other.getByText("131047"));
});

test("a person opts out of marketing and in again", async () => {
  const customer = await webhook(EVENTS);
  const page = await phone("5511930000014");
  const marketing = page.getByRole("switch", { name: "Receive its marketing" });
  await shown(marketing);
  await marketing.click();
  await customer.next("contact.opted_out", (data) => data.phone === "5511930000014");
  await marketing.click();
  await customer.next("contact.opted_in", (data) => data.phone === "5511930000014");
});

test("a person changes the number, and hides it behind a username", async () => {
  const customer = await webhook(EVENTS);
  const before = "5511930000015";
  const after = "5511930000016";
  const page = await phone(before);
  await type(page, "from the old number");
  await received(customer, "text", (data) => data.from === before);
  const other = await phone(before); // a second window
  await shown(bubble(other, "from the old number"));
  await page.getByLabel("New phone number").fill("+55 11 93000-0016");
  await page.getByRole("button", { name: "Change" }).click();
  const updated = await customer.next("contact.updated", (data) => data.aliases.includes(after));
  assert.ok(updated.aliases.includes(before));
  for (const window of [page, other]) {
    await shown(window.getByText(`+${after}`).first());
    await shown(bubble(window, "from the old number"));
    assert.ok(window.url().endsWith(`#${after}/${NUMBER}`));
  }
  await type(other, "from the new number");
  await received(customer, "text", (data) => data.from === after);
  await page.getByRole("textbox", { name: "Username" }).fill("bea.s");
  await page.getByRole("button", { name: "Save" }).last().click();
  await page.getByRole("switch", { name: "Hide the number behind the username" }).click();
  await type(page, "who am I?");
  const hidden = await received(customer, "text", (data) => data.content === "who am I?");
  assert.equal(hidden.username ?? hidden.contact?.username, "bea.s");
  assert.match(hidden.userId, /^BR\./u);
});

test("a person calls, and the call opens the window", async () => {
  const person = "5511930000017";
  const page = await phone(person);
  await page.getByRole("button", { name: "Call" }).click();
  await shown(page.getByText("You called. Nobody took the call."));
  await shown(page.getByText(/^Open until/u));
  await status(await send(person, { message: "You called?" }), "read");
});

test("two phones in one window, and one phone in two windows", async () => {
  const [one, two] = ["5511930000018", "5511930000019"];
  await say(two, "hi");
  const page = await phone(one);
  await page.getByRole("button", { name: "Add a phone" }).first().click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Phone number").fill(two);
  await dialog.getByLabel("Name").fill("Duda");
  await dialog.getByRole("button", { name: "Add a phone" }).click();
  await shown(bubble(page, "hi"));
  const beside = await page.context().newPage();
  await beside.goto(page.url().replace(two, one));
  await shown(beside.getByRole("link", { name: /Duda/u }));
  const id = await send(two, { message: "for Duda alone" });
  await shown(bubble(page, "for Duda alone"));
  assert.equal(await beside.locator("li.message").count(), 0);
  await status(id, "read");
  assert.equal((await control("GET", `people/${two}`)).name, "Duda");
  await beside.getByRole("link", { name: /Duda/u }).click();
  await shown(bubble(beside, "for Duda alone"));
  assert.equal((await api("GET", `/v1/messages/${id}`)).data.status, "read");
});
