/** HTTP calls: sends a request, retries it where that is safe, and returns the answer or throws a PomboError. */

import { setTimeout as sleep } from 'node:timers/promises';

import { type Fields, readAnswer } from './answer.js';
import { aborted, invalid, PomboError, withKey } from './errors.js';
import { isSafeToRepeat, waitBefore } from './retry.js';

/** Time and waiting, so that tests need not wait. */
export interface Clock {
  now(): number;
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
}

/** The options of a client. */
export interface Options {
  apiKey: string;
  /** The base URL of the API, with or without `/v1`. */
  baseUrl: string;
  /** The maximum number of retries of a call; 3 by default. */
  maxRetries?: number;
  /** The timeout of one attempt; 30 seconds by default. */
  timeoutMs?: number;
  /** The timeout of a call with all its attempts and waits; 90 seconds by default. `media.upload` may take longer. */
  totalTimeoutMs?: number;
  /** Replaces the global `fetch`. */
  fetch?: typeof fetch;
  clock?: Clock;
}

/** The options of every call. */
export interface CallOptions {
  /** Aborts the call, also between attempts. */
  signal?: AbortSignal;
}

/** Values that are undefined are left out. */
export type Query = Record<string, string | number | undefined>;

/** A call of the API. */
export interface Call {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  path: string;
  query?: Query | undefined;
  body?: unknown;
  idempotencyKey?: string;
  signal?: AbortSignal | undefined;
}

/** The bytes of a file. */
export type Bytes = Blob | Uint8Array;

/** Statuses whose responses have no body. */
const NO_BODY = new Set([204, 205, 304]);

/** The lowest speed of an upload, in bytes per millisecond: 100 KB a second. */
const UPLOAD_SPEED = 100;

/** Bytes that `fetch` writes at once. */
const PIECE = 1_048_576;

/** The longest wait that timers support. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

const SYSTEM_CLOCK: Clock = {
  now: () => performance.now(),
  sleep: (milliseconds, signal) => sleep(milliseconds, undefined, { signal }),
};

/** Makes calls of one API with one key. */
export class Http {
  readonly clock: Clock;
  readonly totalTimeoutMs: number;
  readonly #apiKey: string;
  readonly #origin: string;
  readonly #maxRetries: number;
  readonly #timeoutMs: number;
  readonly #fetch: typeof fetch;

  constructor(options: Options) {
    if (typeof options.apiKey !== 'string' || !/^[\x21-\x7e]+$/.test(options.apiKey)) {
      throw new PomboError('missing_api_key', 'apiKey must be the text of an API key', { field: 'apiKey' });
    }
    if (typeof options.baseUrl !== 'string' || !/^https?:/.test(options.baseUrl) || !URL.canParse(options.baseUrl)) {
      throw invalid('baseUrl', 'must be an http or https URL: where the API is');
    }
    this.#apiKey = options.apiKey;
    this.#origin = options.baseUrl.replace(/\/+$/, '').replace(/\/v1$/, '');
    this.#maxRetries = options.maxRetries ?? 3;
    this.#timeoutMs = options.timeoutMs ?? 30_000;
    this.totalTimeoutMs = options.totalTimeoutMs ?? 90_000;
    this.#fetch = options.fetch ?? fetch;
    this.clock = options.clock ?? SYSTEM_CLOCK;
  }

  /** The whole answer. */
  async answer<T>(call: Call): Promise<T> {
    return (await this.#ask(call)) as T;
  }

  /** The content of `data`; nothing for 204. */
  async data<T>(call: Call): Promise<T> {
    return (await this.#ask(call))?.['data'] as T;
  }

  /** A list with its pagination. */
  async page<T>(call: Call): Promise<T> {
    const answer = await this.#ask(call);
    return { data: answer?.['data'], pagination: answer?.['pagination'] } as T;
  }

  async #ask(call: Call): Promise<Fields | undefined> {
    try {
      return await this.#attempts(call);
    } catch (error) {
      throw withKey(error, call.idempotencyKey);
    }
  }

  async #attempts(call: Call): Promise<Fields | undefined> {
    const url = this.#url(call);
    const request = this.#request(call);
    const end = this.clock.now() + this.totalTimeoutMs;
    for (let retries = 0; ; ) {
      const answer = await this.#attempt(url, request, end - this.clock.now(), call.signal);
      if (!(answer instanceof PomboError)) {
        return answer;
      }
      // Waits for the first request with the same key by time and not by count: 10 seconds, one attempt a second.
      retries += answer.code === 'idempotency_in_progress' && this.#maxRetries > 0 ? 0 : 1;
      const wait = waitBefore(retries, answer);
      const isSafe = isSafeToRepeat(answer, call.method, call.idempotencyKey);
      if (!isSafe || retries > this.#maxRetries || this.clock.now() + wait >= end) {
        throw answer;
      }
      await this.wait(wait, call.signal);
    }
  }

  /**
   * Puts bytes to a signed URL, which is not the API's. A repeat puts the same bytes. An attempt may take `totalTimeoutMs` and
   * the time that the bytes need at `UPLOAD_SPEED`.
   */
  async put(url: string, headers: Record<string, string>, body: Bytes, signal?: AbortSignal): Promise<void> {
    // `fetch` sets the length by itself, and refuses to be told.
    const { 'Content-Length': _, ...others } = headers;
    const content = inPieces(body);
    const time = this.totalTimeoutMs + content.size / UPLOAD_SPEED;
    const request = { method: 'PUT', headers: others, body: content, redirect: 'manual' as const };
    for (let retries = 0; ; retries += 1) {
      const response = await this.#fetched(url, request, time, signal);
      // 412: it is there already. A put whose answer was lost has put these bytes, since the URL takes no others.
      if (!(response instanceof PomboError) && (response.ok || response.status === 412)) {
        return;
      }
      const error = response instanceof PomboError ? response : refused(response, await response.text());
      if (retries >= this.#maxRetries || !(error.status === 0 || error.status >= 500) || error.code === 'aborted') {
        throw error;
      }
      await this.wait(waitBefore(retries + 1, error), signal);
    }
  }

  /** Waits, unless the signal ends it. */
  async wait(milliseconds: number, signal?: AbortSignal): Promise<void> {
    await this.clock.sleep(milliseconds, signal).catch((cause: unknown) => {
      throw signal?.aborted ? aborted(cause) : cause;
    });
  }

  async #attempt(url: string, request: RequestInit, timeLeft: number, signal: AbortSignal | undefined) {
    const response = await this.#fetched(url, request, Math.min(this.#timeoutMs, timeLeft), signal);
    return response instanceof PomboError ? response : readAnswer(response, await response.text());
  }

  /** The response with its body, or why there is none in time. */
  async #fetched(url: string, request: RequestInit, time: number, signal: AbortSignal | undefined) {
    const limit = Math.min(time, LONGEST_TIMER_MS);
    const timeout = AbortSignal.timeout(Math.max(0, Math.ceil(limit)));
    const either = signal === undefined ? timeout : AbortSignal.any([signal, timeout]);
    try {
      const send = this.#fetch; // called without a `this`, as the global one is
      const response = await send(url, { ...request, signal: either });
      return new Response(NO_BODY.has(response.status) ? null : await response.arrayBuffer(), response);
    } catch (cause) {
      if (signal?.aborted) {
        return aborted(cause);
      }
      if (timeout.aborted) {
        return new PomboError('timeout', `no answer within ${Math.ceil(limit)} ms`, { cause });
      }
      return new PomboError('network_error', `no answer: ${reason(cause)}`, { cause });
    }
  }

  #url(call: Call): string {
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries(call.query ?? {})) {
      if (value !== undefined) {
        query.set(name, String(value));
      }
    }
    return `${this.#origin}/v1${call.path}${query.size > 0 ? `?${query}` : ''}`;
  }

  /**
   * Built once, since a retry must have the same bytes under the same key. Redirects are not followed: that would make
   * a GET of a POST.
   */
  #request({ method, body, idempotencyKey }: Call): RequestInit {
    const headers = new Headers({ authorization: `Bearer ${this.#apiKey}`, accept: 'application/json' });
    if (idempotencyKey !== undefined) {
      headers.set('idempotency-key', idempotencyKey);
    }
    if (body === undefined) {
      return { method, headers, redirect: 'manual' };
    }
    headers.set('content-type', 'application/json');
    return { method, headers, body: JSON.stringify(body), redirect: 'manual' };
  }
}

/** The same bytes as a blob of pieces: Node's `fetch` gives up when a piece takes more than five minutes. */
function inPieces(bytes: Bytes): Blob {
  const size = bytes instanceof Blob ? bytes.size : bytes.byteLength;
  const starts = Array.from({ length: Math.ceil(size / PIECE) }, (_, index) => index * PIECE);
  // The type of an array's buffer is not declared, since TypeScript before 5.7 has none.
  return new Blob(starts.map((start) => bytes.slice(start, start + PIECE) as Blob | Uint8Array<ArrayBuffer>));
}

/** A signed URL that takes no bytes: its answer is not the API's. */
function refused(response: Response, text: string): PomboError {
  const code = /<Code>([^<]+)<\/Code>/.exec(text)?.[1] ?? response.statusText;
  return new PomboError(`http_${response.status}`, `the upload was refused: ${code}`, { status: response.status });
}

/** An id as one segment of a path. */
export function segment(id: string): string {
  if (typeof id !== 'string' || id === '' || id === '.' || id === '..') {
    throw invalid('id', 'must be an id as the API gives them');
  }
  return encodeURIComponent(id);
}

/** The message of the error that `fetch` has as its cause. */
function reason(error: unknown): string {
  const inner = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return inner instanceof Error ? inner.message || inner.name : String(inner);
}
