// Calls of the simulator (docs/simulator.md). Errors are its own sentences.

/** Why a call failed. `status` is 0 when there was no answer. */
export class CallError extends Error {
  /** @param {string} message @param {number} status */
  constructor(message, status) {
    super(message);
    this.status = status;
  }
}

/**
 * A call and its answer.
 * @param {string} method
 * @param {string} path
 * @param {any} [body]
 * @returns {Promise<any>}
 */
export async function call(method, path, body) {
  let response;
  try {
    response = await fetch(path, {
      method,
      body: body === undefined ? undefined : JSON.stringify(body),
      headers: body === undefined ? {} : { "content-type": "application/json" },
    });
  } catch {
    throw new CallError("The simulator does not answer.", 0);
  }
  const text = await response.text();
  let answer;
  try {
    answer = text === "" ? {} : JSON.parse(text);
  } catch {
    answer = {};
  }
  if (!response.ok) throw new CallError(answer.error?.message ?? `${method} ${path}: ${response.status}`, response.status);
  return answer;
}

/** @param {string} person */
const of = (person) => `/people/${encodeURIComponent(person)}`;

/** @typedef {import("./types.d.ts").Conversations} Conversations */

/** @returns {Promise<import("./types.d.ts").BusinessNumber[]>} */
export const numbers = () => call("GET", "/numbers").then((answer) => answer.numbers);
/** @returns {Promise<import("./types.d.ts").Person[]>} */
export const people = () => call("GET", "/people").then((answer) => answer.people);
/** @type {(person: string) => Promise<Conversations>} */
export const conversation = (person) => call("GET", `${of(person)}/messages`);
/** @param {string} person @param {string} number */
export const open = (person, number) => call("POST", `${of(person)}/read`, { to: number });
/** @param {string} person @param {any} message */
export const write = (person, message) => call("POST", `${of(person)}/messages`, message);
/** @param {string} person @param {string} number */
export const ring = (person, number) => call("POST", `${of(person)}/calls`, { to: number });
/** @param {string} person @param {Record<string, unknown>} profile */
export const change = (person, profile) => call("PUT", of(person), profile);
/** @param {string} person @param {string} phone */
export const renumber = (person, phone) => call("PUT", `${of(person)}/number`, { phone });
/** @param {string} person @param {string} number @param {"stop" | "resume"} marketing */
export const prefer = (person, number, marketing) => call("PUT", `${of(person)}/preferences`, { to: number, marketing });
/** @param {string} person @param {string} number @param {boolean} blocks */
export const block = (person, number, blocks) =>
  call(blocks ? "PUT" : "DELETE", `${of(person)}/blocks/${encodeURIComponent(number)}`);

/** Where the page gets a file of a message. @param {string} id */
export const fileUrl = (id) => `/phone/files/${encodeURIComponent(id)}`;

/** A file in Base64, as the simulator takes it. @param {Blob} file */
export async function base64(file) {
  const bytes = new Uint8Array(await file.arrayBuffer());
  let text = "";
  for (let at = 0; at < bytes.length; at += 0x8000) text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return btoa(text);
}
