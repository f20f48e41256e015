// Takes the moving picture of README, docs/phone.webp: `tests/against-phone moving-picture.mjs`, with img2webp of Debian's package webp.
// What the terminal shows is the stack's own output; only the commands are typed here.

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { bubble, control, graph, NUMBER, phone, send, shown, type, until, write } from "./stack.mjs";

const ANA = "5511987654321";
const FILE = fileURLToPath(new URL("../../docs/phone.webp", import.meta.url));
const LOG = join(dirname(process.env.POMBO_STATE ?? ""), "log");
const CURL = "curl $API/v1/messages/send -H \"$KEY\" -d @";

/** The terminal at the left, and the phone at the right, of which a picture is taken for each frame: it may be in no frame. */
const STAGE = `<style>
  body { margin: 0; width: 920px; height: 600px; display: flex; gap: 20px; align-items: center; justify-content: center; background: #e7ecea; font: 13px/1.6 "DejaVu Sans Mono", monospace }
  pre { margin: 0; box-sizing: border-box; width: 490px; height: 560px; padding: 18px; border-radius: 10px; background: #14211c; color: #d5e2dc; font: inherit; white-space: pre-wrap; overflow: hidden }
  b { color: #7ee2a8 } img { width: 360px; height: 560px; border-radius: 10px }
</style><pre></pre><img alt="">`;

/** What the stack says when it is ready. */
const addresses = () => readFileSync(LOG, "utf8").split("\n").filter((line) => /^(?:Ready|API|Console|Phone) /u.test(line)).map((line) => line.replace(/#.*/u, ""));

/** The webhooks that it has printed. */
const webhooks = () => readFileSync(LOG, "utf8").split("\n").filter((line) => line.endsWith("signature verified"));

/** A terminal and a phone, and the frames that were taken of both. @param {import("playwright-core").Page} page */
async function film(page) {
  const folder = mkdtempSync(join(tmpdir(), "pombo-film-"));
  const stage = await page.context().newPage();
  await stage.setViewportSize({ width: 920, height: 600 });
  await stage.setContent(STAGE);
  /** @type {string[]} */
  const lines = [];
  /** @type {string[]} */
  const frames = [];
  let printed = 0;
  return {
    /** @param {...string} more */
    print: (...more) => void lines.push(...more),
    /** Waits until the stack has printed so many more webhooks, which the terminal shows. @param {number} count */
    async webhooks(count) {
      const due = await until(`${count} webhooks`, () => (webhooks().length >= printed + count ? webhooks().slice(printed) : undefined));
      printed += due.length;
      lines.push(...due.map((line) => line.replace(/^ +/u, "").replace(/(msg_\w{5})\w+/u, "$1…").replace(/ {2,}/gu, "  ")));
    },
    /** Takes a frame that stays for so long. @param {number} milliseconds @param {boolean} [withPhone] */
    async frame(milliseconds, withPhone = true) {
      const picture = withPhone ? `data:image/png;base64,${(await page.screenshot()).toString("base64")}` : "";
      await stage.evaluate(async ([all, source]) => {
        const [terminal, image] = [document.querySelector("pre"), document.querySelector("img")];
        if (!terminal || !image) return;
        terminal.replaceChildren(...all.flatMap((/** @type {string} */ line) => {
          const element = document.createElement(line.startsWith("$ ") ? "b" : "span");
          element.textContent = line;
          return [element, "\n"];
        }));
        terminal.scrollTop = terminal.scrollHeight;
        image.style.visibility = source ? "visible" : "hidden";
        image.src = source;
        if (source) await image.decode();
      }, /** @type {[string[], string]} */ ([lines, picture]));
      const file = join(folder, `${frames.length}.png`);
      writeFileSync(file, await stage.screenshot());
      frames.push("-d", String(milliseconds), file);
    },
    /** Puts the frames together. */
    finish() {
      execFileSync("img2webp", ["-loop", "0", "-lossy", "-q", "80", "-m", "6", ...frames, "-o", FILE], { stdio: "inherit" });
      rmSync(folder, { recursive: true });
    },
  };
}

test("a moving picture of the phone", async () => {
  await control("PUT", `people/${ANA}`, { name: "Ana Souza", username: "ana.souza", reads: "whenOpened" });
  const page = await phone(ANA, { options: { viewport: { width: 360, height: 560 }, deviceScaleFactor: 1.5 } });
  await shown(page.getByRole("textbox", { name: "Message", exact: true }));
  const { print, webhooks, frame, finish } = await film(page);
  print("$ cargo run -- --no-demo");
  await frame(700, false);
  print(...addresses(), "");
  await frame(900);
  await page.getByRole("textbox", { name: "Message", exact: true }).fill("Hi! Do you deliver today?");
  await frame(600);
  await type(page, "Hi! Do you deliver today?");
  await shown(bubble(page, "deliver today").getByRole("img", { name: "Delivered" }));
  await webhooks(1);
  await frame(800);

  const [asked] = (await control("GET", `people/${ANA}/messages`)).messages;
  await graph(`${NUMBER}/messages`, { messaging_product: "whatsapp", status: "read", message_id: asked.id, typing_indicator: { type: "text" } });
  await shown(page.locator(".bar").getByText("typing…"));
  print("", `$ ${CURL}question.json`);
  await frame(600);
  const buttons = ["Small", "Large"].map((title) => ({ type: "reply", reply: { id: title, title } }));
  await send(ANA, { interactive: { type: "button", body: { text: "Hello, Ana! We deliver *until 6*.\nWhich size?" }, footer: { text: "Corner Bakery" }, action: { buttons } } });
  await shown(bubble(page, "Which size?"));
  await webhooks(3);
  await frame(1100);
  await bubble(page, "Which size?").getByRole("button", { name: "Large" }).hover();
  await frame(300);
  await bubble(page, "Which size?").getByRole("button", { name: "Large" }).click();
  await shown(bubble(page, "Large").getByRole("img", { name: "Delivered" }));
  await page.mouse.move(1, 1);
  await webhooks(1);
  await frame(800);

  print("", `$ ${CURL}answer.json`);
  await send(ANA, { message: "Order *1042* is on its way 🎂" });
  await shown(bubble(page, "on its way"));
  await webhooks(3);
  await frame(900);
  const [{ id }] = (await control("GET", `people/${ANA}/messages`)).messages.slice(-1);
  await write(ANA, "reaction", { message_id: id, emoji: "😍" });
  await shown(bubble(page, "on its way").getByText("😍"));
  await webhooks(1);
  await frame(1500);
  finish();
});
