/** Uploads to storage that is slow, has the bytes already, or never announces them. Waits between questions are not made. */

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';

import { type Clock, Pombo } from '@pombo/client';

import { type Reaction, type Running, serveBy } from './servers.js';

const PNG = { instanceId: 'inst_1', mimeType: 'image/png' };

/** An API that creates a file and stores it; the n-th question about the file is answered with the n-th status. */
async function serveFile(put: number, statuses: string[]): Promise<Running> {
  const server: Running = await serveBy(({ method }, number): Reaction => {
    if (method === 'PUT') {
      return { status: put };
    }
    const uploadHeaders = { 'Content-Length': '3', 'If-None-Match': '*' };
    const created = { id: 'media_1', uploadUrl: `${server.url}/put`, uploadHeaders };
    const data = method === 'POST' ? created : { id: 'media_1', status: statuses[number - 3] };
    return { status: 200, body: { success: true, data } };
  });
  return server;
}

/** A client with a total timeout of ten seconds, and its waits. */
function clientOf(baseUrl: string, send = fetch) {
  const slept: number[] = [];
  const clock: Clock = {
    now: () => slept.reduce((sum, each) => sum + each, 0),
    sleep: async (milliseconds) => {
      slept.push(milliseconds);
    },
  };
  return { client: new Pombo({ apiKey: 'key', baseUrl, clock, fetch: send, totalTimeoutMs: 10_000 }), slept };
}

describe('an upload', () => {
  test('whose bytes are there already has put them: the answer of an earlier attempt was lost', async () => {
    await using server = await serveFile(412, ['ready']);
    const media = await clientOf(server.url).client.media.upload({ ...PNG, content: new Uint8Array(3) });
    assert.equal(media.status, 'ready');
    assert.deepEqual([server.seen[1]?.method, server.seen[1]?.headers['if-none-match']], ['PUT', '*']);
    assert.deepEqual([server.seen[1]?.bytes.length, server.seen[1]?.headers['content-type']], [3, undefined]);
  });

  test('asks less and less often whether its bytes have arrived, and ends in timeout', async () => {
    const late = [...Array<string>(50).fill('waiting'), 'ready'];
    await using server = await serveFile(200, late);
    const { client, slept } = clientOf(server.url);
    const uploaded = client.media.upload({ ...PNG, content: new Uint8Array(3) });
    await assert.rejects(uploaded, { name: 'PomboError', code: 'timeout', status: 0, message: /media_1/ });
    assert.deepEqual(slept, [500, 1_000, 2_000, 2_000, 2_000, 2_000]);
  });

  test('is written in pieces, since Node gives up one that takes more than five minutes', async () => {
    const bytes = randomBytes(2_500_000);
    for (const content of [bytes, new Uint8Array(bytes), new Blob([bytes], { type: 'image/png' })]) {
      const pieces: number[] = [];
      const watched: typeof fetch = async (input, init = {}) => {
        if (init.body instanceof Blob) {
          for await (const piece of init.body.stream()) {
            pieces.push(piece.length);
          }
        }
        return fetch(input, init);
      };
      await using server = await serveFile(200, ['ready']);
      await clientOf(server.url, watched).client.media.upload({ ...PNG, content });
      assert.deepEqual(pieces, [1_048_576, 1_048_576, 402_848]);
      assert.ok(server.seen[1]?.bytes.equals(bytes));
    }
  });

  test('may take longer the more bytes it puts', async () => {
    const slow: typeof fetch = async (_, { method, signal } = {}) => {
      if (method === 'PUT') {
        await setTimeout(1_000, undefined, { signal: signal ?? undefined });
        return new Response();
      }
      const data = method === 'POST' ? { id: 'media_1', uploadUrl: 'http://127.0.0.1/put', uploadHeaders: {} } : { status: 'ready' };
      return Response.json({ success: true, data });
    };
    const options = { apiKey: 'key', baseUrl: 'http://127.0.0.1', fetch: slow, maxRetries: 0, totalTimeoutMs: 500 };
    const { media } = new Pombo(options);
    await assert.rejects(media.upload({ ...PNG, content: new Uint8Array(3) }), { code: 'timeout' });
    const { status } = await media.upload({ ...PNG, content: new Uint8Array(500_000) });
    assert.equal(status, 'ready');
  });
});
