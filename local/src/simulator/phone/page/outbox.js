// What the person writes while the phone is offline: it waits in this tab, and goes out in order.

import { CallError } from "./api.js";

const KEY = "outbox";

/** @typedef {import("./types.d.ts").Waiting} Waiting */

/**
 * The messages that wait.
 * @param {{ write: (person: string, message: any) => Promise<unknown>, changed: () => void, failed: (error: Error) => void }} page
 */
export function createOutbox({ write, changed, failed }) {
  /** @type {Waiting[]} */
  let waiting = [];
  /** @type {Set<string>} */
  const flushing = new Set();
  try {
    waiting = JSON.parse(sessionStorage.getItem(KEY) ?? "[]");
  } catch {
    // Nothing of this tab waits.
  }

  function keep() {
    try {
      sessionStorage.setItem(KEY, JSON.stringify(waiting));
    } catch {
      // A large file: it waits in memory alone.
    }
    changed();
  }

  return {
    /** @param {string} person @param {any} message @param {number} at */
    add(person, message, at) {
      waiting.push({ key: `waits-${at}-${Math.random().toString(36).slice(2)}`, person, number: message.to, at, message });
      keep();
    },
    of: (/** @type {string} */ person, /** @type {string | undefined} */ number) => waiting.filter((one) => one.person === person && one.number === number),
    /** @param {string} before @param {string} after */
    rename(before, after) {
      for (const one of waiting) if (one.person === before) one.person = after;
    },
    /** Sends what waits of a person whose phone is online. @param {string} person */
    async flush(person) {
      if (flushing.has(person)) return;
      flushing.add(person);
      for (let next = waiting.find((one) => one.person === person); next; next = waiting.find((one) => one.person === person)) {
        try {
          await write(person, next.message);
        } catch (error) {
          const status = error instanceof CallError ? error.status : undefined;
          if (status === 0 || status === 409) break; // it waits until the phone is online again
          failed(/** @type {Error} */ (error));
        }
        waiting = waiting.filter((one) => one !== next);
        keep();
      }
      flushing.delete(person);
    },
  };
}
