// Takes the picture of docs/phone.png: `tests/against-phone picture.mjs`.

import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { bubble, control, NUMBER, phone, say, send, shown, write } from "./stack.mjs";

const ANA = "5511987654321";

test("a picture of the phone", async () => {
  await control("PUT", `people/${ANA}`, { name: "Ana Souza", username: "ana.souza" });
  await control("PUT", "people/5511912345678", { name: "Bruno Lima", reads: "whenOpened" });
  const page = await phone(ANA, { options: { viewport: { width: 1120, height: 720 }, deviceScaleFactor: 1.5 } });
  await page.evaluate(() => localStorage.setItem("phones", JSON.stringify(["5511987654321", "5511912345678"])));
  await page.reload();
  await say(ANA, "Hi! Do you deliver today?");
  const question = { type: "button", body: { text: "Hello, Ana! We deliver *until 6 pm*.\nWhich size?" }, footer: { text: "Corner Bakery" }, action: { buttons: [{ type: "reply", reply: { id: "s", title: "Small" } }, { type: "reply", reply: { id: "l", title: "Large" } }] } };
  await send(ANA, { interactive: question });
  await bubble(page, "Which size?").getByRole("button", { name: "Large" }).click();
  await shown(bubble(page, "Large"));
  await send(ANA, { message: "Order *1042* is on its way 🎂" });
  await shown(bubble(page, "on its way"));
  const [{ id }] = (await control("GET", `people/${ANA}/messages`)).messages.slice(-1);
  await write(ANA, "reaction", { message_id: id, emoji: "😍" });
  await shown(bubble(page, "on its way").getByText("😍"));
  await control("POST", "people/5511912345678/messages", { to: NUMBER, type: "text", text: { body: "hi" } });
  await send("5511912345678", { message: "Hello, Bruno!" });
  await shown(page.getByLabel("1 unread"));
  await page.mouse.move(5, 5);
  await page.screenshot({ path: fileURLToPath(new URL("../../docs/phone.png", import.meta.url)) });
});
