/** Calls of the public API with the key of this tab. */
import { createStore } from './store.js';
import { refusal, session } from './session.js';

/** How long a call may take, in milliseconds: more than API Gateway waits for a function. */
const TIMEOUT = 35_000;
/** The longest wait, in seconds, after which a refused read is repeated by itself. */
const LONGEST_WAIT = 10;

/** Where the API is: what precedes `/console`. */
export const BASE = new URL('.', new URL(location.pathname, location.origin)).href.replace(/\/$/, '');

/** Whether the last call did not reach the API.
 * @type {import('./types.js').Store<boolean>} */
export const connectionLost = createStore(false);

/** What is left of the key's limit, from 0 to 1, as the last answer said. */
export const allowance = { left: 1 };

/** The calls that this tab has made. */
export const usage = { calls: 0 };

/** An answer that is an error, in the API's own words. */
export class ApiError extends Error {
  /** @param {number} status @param {any} error @param {string} requestId */
  constructor(status, error, requestId) {
    super(error?.message ?? `HTTP ${status}`);
    this.status = status;
    this.code = error?.code ?? String(status);
    this.field = error?.field;
    this.reason = error?.reason;
    this.providerCode = error?.providerCode;
    this.retryAfter = error?.retryAfter;
    this.requestId = error?.requestId ?? requestId;
  }
}

/** No answer. */
export class ConnectionError extends Error {}

/**
 * @typedef {object} CallOptions
 * @property {Record<string, unknown>} [query] without those that are empty
 * @property {unknown} [body]
 * @property {AbortSignal} [signal]
 * @property {string} [idempotencyKey]
 * @property {string} [key] a key that is not the session's
 * @property {boolean} [quiet] whether a refused key is the caller's business
 */

/** Calls the API. Throws `ApiError` or `ConnectionError`.
 * @param {string} method @param {string} path @param {CallOptions} [options]
 * @returns {Promise<any>} */
export async function call(method, path, options = {}) {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await callOnce(method, path, options);
    } catch (error) {
      const wait = error instanceof ApiError && [429, 503].includes(error.status) ? (error.retryAfter ?? 1) : undefined;
      if (method !== 'GET' || wait === undefined || wait > LONGEST_WAIT || attempt > 0) throw error;
      await pause(wait * 1000, options.signal);
    }
  }
}

/** @param {string} method @param {string} path @param {CallOptions} options */
async function callOnce(method, path, { query, body, signal, idempotencyKey, key, quiet }) {
  const current = session.get();
  const url = new URL(BASE + path);
  const accountId = !key && current?.isOperator && method === 'GET' && !path.startsWith('/v1/admin') ? current.account?.id : undefined;
  for (const [name, value] of Object.entries({ accountId, ...query })) {
    if (value !== undefined && value !== null && value !== '') url.searchParams.set(name, String(value));
  }
  /** @type {Record<string, string>} */
  const headers = { authorization: `Bearer ${key ?? current?.key ?? ''}` };
  if (body !== undefined) headers['content-type'] = 'application/json';
  if (idempotencyKey) headers['idempotency-key'] = idempotencyKey;
  const { response, text } = await fetched(url, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) }, signal);
  const answer = parsed(text);
  const [left, limit] = ['remaining', 'limit'].map((name) => Number(response.headers.get(`x-ratelimit-${name}`)));
  if (limit) allowance.left = left / limit;
  if (response.ok) return answer;
  const error = new ApiError(response.status, answer?.error ?? answer, response.headers.get('x-request-id') ?? '');
  if (response.status === 401 && !quiet && key === undefined) refusal.set(error);
  throw error;
}

/** @param {URL} url @param {RequestInit} init @param {AbortSignal} [signal] */
async function fetched(url, init, signal) {
  usage.calls += 1;
  try {
    const timeout = AbortSignal.timeout(TIMEOUT);
    const response = await fetch(url, { ...init, cache: 'no-store', signal: signal ? AbortSignal.any([signal, timeout]) : timeout });
    const text = await response.text();
    connectionLost.set(false);
    return { response, text };
  } catch (error) {
    if (signal?.aborted) throw error;
    connectionLost.set(true);
    throw new ConnectionError('The API did not answer.');
  }
}

/** The renderer takes an object with a positive `__b` for an element of its own, and gives one to each object that it meets (vendor/htm-preact.js).
 * What the API answers may be a stranger's: it has none, and gets none. */
const NO_ELEMENT = { get: () => 0, set: () => undefined, configurable: true };

/** @param {string} _name @param {any} value */
function harmless(_name, value) {
  if (value && typeof value === 'object') Object.defineProperty(value, '__b', NO_ELEMENT);
  return value;
}

/** @param {string} text */
function parsed(text) {
  try {
    return text ? JSON.parse(text, harmless) : undefined;
  } catch {
    return undefined;
  }
}

/** Waits, unless it is aborted before.
 * @param {number} milliseconds @param {AbortSignal} [signal] @returns {Promise<void>} */
export function pause(milliseconds, signal) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, milliseconds);
    signal?.addEventListener('abort', () => (clearTimeout(timer), reject(signal.reason)), { once: true });
  });
}

/** @param {string} path @param {Record<string, unknown>} [query] @param {AbortSignal} [signal] */
export const get = (path, query, signal) => call('GET', path, { query, signal });

/** All rows of a list that is paged by an offset.
 * @param {string} path @param {Record<string, unknown>} [query] */
export async function getAll(path, query) {
  const rows = [];
  for (let page; !page || page.pagination.hasMore; ) {
    page = await get(path, { ...query, limit: 100, offset: rows.length });
    rows.push(...page.data);
    if (page.data.length === 0) break;
  }
  return rows;
}

/** A key that makes repeating a request harmless: the same for each attempt at one thing. */
export const newIdempotencyKey = () => crypto.randomUUID();
