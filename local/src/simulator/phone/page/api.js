// Calls of the simulator (docs/simulator.md). Errors are its own sentences.

/** Why a call failed. `status` is 0 when there was no answer. */
export class CallError extends Error {
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

const of = (person) => `/people/${encodeURIComponent(person)}`;

export const numbers = () => call("GET", "/numbers").then((answer) => answer.numbers);
export const people = () => call("GET", "/people").then((answer) => answer.people);
export const conversation = (person) => call("GET", `${of(person)}/messages`);
export const open = (person, number) => call("POST", `${of(person)}/read`, { to: number });
export const write = (person, message) => call("POST", `${of(person)}/messages`, message);
export const ring = (person, number) => call("POST", `${of(person)}/calls`, { to: number });
export const change = (person, profile) => call("PUT", of(person), profile);
export const renumber = (person, phone) => call("PUT", `${of(person)}/number`, { phone });
export const prefer = (person, number, marketing) => call("PUT", `${of(person)}/preferences`, { to: number, marketing });
export const block = (person, number, blocks) =>
  call(blocks ? "PUT" : "DELETE", `${of(person)}/blocks/${encodeURIComponent(number)}`);

/** Where the page gets a file of a message. */
export const fileUrl = (id) => `/phone/files/${encodeURIComponent(id)}`;

/** A file in Base64, as the simulator takes it. */
export async function base64(file) {
  const bytes = new Uint8Array(await file.arrayBuffer());
  let text = "";
  for (let at = 0; at < bytes.length; at += 0x8000) text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return btoa(text);
}
