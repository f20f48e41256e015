// What the person writes while the phone is offline: it waits in this tab, and goes out in order.

const KEY = "outbox";

/** The messages that wait. */
export function createOutbox({ write, changed, failed }) {
  /** @type {{key: string, person: string, number: string, at: number, message: any}[]} */
  let waiting = [];
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
    add(person, message, at) {
      waiting.push({ key: `waits-${at}-${Math.random().toString(36).slice(2)}`, person, number: message.to, at, message });
      keep();
    },
    of: (person, number) => waiting.filter((one) => one.person === person && one.number === number),
    rename(before, after) {
      for (const one of waiting) if (one.person === before) one.person = after;
    },
    /** Sends what waits of a person whose phone is online. */
    async flush(person) {
      if (flushing.has(person)) return;
      flushing.add(person);
      for (let next = waiting.find((one) => one.person === person); next; next = waiting.find((one) => one.person === person)) {
        try {
          await write(person, next.message);
        } catch (error) {
          if (error.status === 0 || error.status === 409) break; // it waits until the phone is online again
          failed(error);
        }
        waiting = waiting.filter((one) => one !== next);
        keep();
      }
      flushing.delete(person);
    },
  };
}
