/** The TypeScript of docs/webhooks.md as it stands: it compiles, stores genuine webhooks only, and each once. */

import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join, resolve } from 'node:path';
import { after, before, describe, test } from 'node:test';

import type { CreatedWebhook } from '@pombo/client';

import { blocks, compile } from './documents.js';
import { eventually, PATIENCE_MS } from './eventually.js';
import { Stack } from './stack.js';

/** The port of the page's receivers. */
const PORT = '8080';
/** Runs before the page's program, which is given a free port as it listens, and tells the test which. */
const TELLS_ITS_PORT = `
  import { subscribe } from 'node:diagnostics_channel';
  subscribe('tracing:net.server.listen:asyncEnd', ({ server }) => process.send(server.address().port));
`;
/** Where nothing listens: a webhook needs a URL before its receiver, which needs the webhook's secret, has one. */
const NOWHERE = 'http://127.0.0.1:9/';
/** A program of the page that cannot store one event, and not work on another. */
const FAULTS = [
  ['const isNew = ', "if (id === 'evt_not_stored') throw new Error('no database');\n  const isNew = "],
  ['console.log(event.event, event.data);', "console.log(id, event.event);\n    if (id === 'evt_not_done') throw new Error('no work');"],
] as const;

for (const [server, place] of [['node:http', 1], ['Express', 2]] as const) {
  describe(`the receiver of the page about webhooks, with ${server}`, () => {
    let stack: Stack;
    let folder: string;
    let webhook: CreatedWebhook;
    let receiver: ChildProcess;
    let printed = '';
    let url: string;

    before(async () => {
      stack = await Stack.start();
      folder = await mkdtemp(resolve('dist-test', 'page-')); // inside the package, where its own name leads to it
      const { instanceId } = stack.state;
      webhook = await stack.client().webhooks.create({ url: NOWHERE, instanceId, events: ['message.sent'] });
      url = `http://127.0.0.1:${await start()}/webhook`;
      await stack.client().webhooks.update(webhook.id, { url });
    });
    after(async () => {
      receiver?.kill();
      await stack?.stop();
      await rm(folder, { recursive: true });
    });

    test('takes what Pombo has signed', takesAnEvent);

    test('refuses anything else', async () => {
      assert.equal(await post('evt_forged', '0'.repeat(64)), 400);
      const headers = { 'x-enviaai-signature': `sha256=${createHmac('sha256', webhook.secret).update(body('a')).digest('hex')}` };
      assert.equal((await fetch(url, { method: 'POST', body: body('a'), headers })).status, 400); // without an id
      await takesAnEvent(); // what the receiver prints comes in order: now all of before is here
      assert.doesNotMatch(printed, /forged/);
    });

    test('works once on an event that comes twice', async () => {
      assert.deepEqual([await post('evt_twice'), await post('evt_twice')], [204, 204]);
      await takesAnEvent();
      assert.equal(printed.split('evt_twice').length, 2);
    });

    test('asks for an event again that it could not store', async () => {
      assert.equal(await post('evt_not_stored'), 500);
      await takesAnEvent();
      assert.doesNotMatch(printed, /evt_not_stored/);
    });

    test('goes on after work that fails, and after a connection that breaks', async () => {
      assert.equal(await post('evt_not_done'), 204);
      const socket = connect(Number(new URL(url).port), '127.0.0.1');
      socket.end('POST /webhook HTTP/1.1\r\nhost: a\r\ncontent-length: 9\r\n\r\n{');
      await once(socket.resume(), 'close');
      await takesAnEvent();
      assert.match(printed, /evt_not_done/);
      assert.equal(receiver.exitCode, null);
    });

    /** Has Pombo send an event, and returns when it is printed. */
    async function takesAnEvent(): Promise<void> {
      const before = printed.length;
      const { status, statusCode } = await stack.client().webhooks.test(webhook.id, { event: 'message.sent' });
      assert.deepEqual([status, statusCode], ['success', 204]);
      const isPrinted = async () => printed.slice(before).includes('message.sent') || undefined;
      await eventually(PATIENCE_MS, 'the event is printed', isPrinted);
    }

    function body(id: string): string {
      return JSON.stringify({ event: 'message.read', timestamp: '2026-02-03T12:00:00.000Z', data: { messageId: id } });
    }

    /** Posts an event of an id, signed as Pombo signs it unless a signature is given. */
    async function post(id: string, signature?: string): Promise<number> {
      const timestamp = String(Math.floor(Date.now() / 1000));
      const signed = createHmac('sha256', webhook.secret).update(`${id}.${timestamp}.${body(id)}`).digest('base64');
      const headers = {
        'webhook-id': id,
        'webhook-timestamp': timestamp,
        'webhook-signature': `v1,${signature ?? signed}`,
      };
      return (await fetch(url, { method: 'POST', body: body(id), headers })).status;
    }

    /** Compiles and starts the page's program, and returns its port when it listens. */
    async function start(): Promise<number> {
      const page = blocks(await readFile('../../docs/webhooks.md', 'utf8'), 'ts');
      assert.equal(page.length, 3);
      let code = `${page[0]}\n${page[place]}`;
      await writeFile(join(folder, 'receiver.ts'), code);
      await compile(folder);
      for (const [old, faulty] of [...FAULTS, [PORT, '0'] as const]) {
        assert.equal(code.split(old).length, 2, old);
        code = code.replace(old, faulty);
      }
      await writeFile(join(folder, 'receiver.ts'), code);
      await compile(folder);
      const env = { ...process.env, POMBO_WEBHOOK_SECRET: webhook.secret };
      const preload = `data:text/javascript,${encodeURIComponent(TELLS_ITS_PORT)}`;
      const program = ['--import', preload, join(folder, 'receiver.js')];
      receiver = spawn(process.execPath, program, { env, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
      receiver.stdout?.setEncoding('utf8').on('data', (text: string) => (printed += text));
      receiver.stderr?.resume(); // what fails on purpose
      process.once('exit', () => receiver.kill());
      let port: number | undefined;
      receiver.once('message', (told: number) => (port = told));
      return eventually(PATIENCE_MS, 'the receiver listens', async () => {
        assert.equal(receiver.exitCode, null);
        return port;
      });
    }
  });
}
