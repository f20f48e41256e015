/** Files: upload one, and send it by its id. */

import { PomboError } from './errors.js';
import { type Bytes, type CallOptions, type Http, segment } from './http.js';
import type { Failure } from './messages.js';

/** `waiting` for its bytes, on its way to WhatsApp, there, or not to be sent. */
export type MediaStatus = 'waiting' | 'uploading' | 'ready' | 'failed';

export interface Media {
  id: string;
  instanceId: string;
  filename?: string;
  mimeType: string;
  /** In bytes. */
  size: number;
  status: MediaStatus;
  /** Why it cannot be sent. */
  error?: Failure;
  createdAt: string;
  /** Until when it can be sent. */
  expiresAt: string;
}

export interface CreateMedia {
  instanceId: string;
  /** The name that WhatsApp shows for a document. */
  filename?: string;
  /** Such as `image/jpeg`. */
  mimeType: string;
  /** The exact size in bytes. */
  size: number;
}

/** Where the bytes are to be put, until `expiresAt`. */
export interface MediaUpload {
  id: string;
  uploadUrl: string;
  /** The headers that the `PUT` must have. `fetch` sets `Content-Length` by itself. */
  uploadHeaders: Record<string, string>;
  expiresAt: string;
  status: MediaStatus;
}

/** A file and its bytes. */
export type UploadMedia = Omit<CreateMedia, 'size'> & { content: Bytes };

/** How long an upload waits before it asks again whether its bytes have arrived: at first, and at most. */
const FIRST_POLL_MS = 500;
const LONGEST_POLL_MS = 2_000;

export class MediaFiles {
  readonly #http: Http;

  constructor(http: Http) {
    this.#http = http;
  }

  /** Names a file, and returns where its bytes are to be put. */
  async create(body: CreateMedia, { signal }: CallOptions = {}): Promise<MediaUpload> {
    return this.#http.data({ method: 'POST', path: '/media', body, signal });
  }

  /** Gets a file, and how far it is. */
  async get(id: string, { signal }: CallOptions = {}): Promise<Media> {
    return this.#http.data({ method: 'GET', path: `/media/${segment(id)}`, signal });
  }

  /**
   * Uploads a file. When it returns, the file can be sent, unless its `status` is `failed`.
   *
   * Each attempt to put the bytes may take `totalTimeoutMs`, and a second more for each 100 KB. Bytes that have not arrived
   * `totalTimeoutMs` after they were put are a `timeout`; `get` says what becomes of them.
   */
  async upload({ content, ...file }: UploadMedia, options: CallOptions = {}): Promise<Media> {
    const size = content instanceof Blob ? content.size : content.byteLength;
    const { id, uploadUrl, uploadHeaders } = await this.create({ ...file, size }, options);
    await this.#http.put(uploadUrl, uploadHeaders, content, options.signal);
    const end = this.#http.clock.now() + this.#http.totalTimeoutMs;
    for (let wait = FIRST_POLL_MS; ; wait = Math.min(wait * 2, LONGEST_POLL_MS)) {
      const media = await this.get(id, options);
      if (media.status !== 'waiting') {
        return media;
      }
      if (this.#http.clock.now() + wait >= end) {
        throw new PomboError('timeout', `the bytes of ${id} were put and have not arrived`);
      }
      await this.#http.wait(wait, options.signal);
    }
  }
}
