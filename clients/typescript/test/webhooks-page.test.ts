/** The TypeScript of docs/webhooks.md as it stands: it compiles, and receives genuine webhooks only. */

import assert from 'node:assert/strict';
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';

import type { CreatedWebhook } from '@pombo/client';

import { eventually, PATIENCE_MS } from './eventually.js';
import { Stack } from './stack.js';

const COMPILER_OPTIONS = ['--ignoreConfig', '--strict', '--target', 'es2022', '--module', 'nodenext', '--types', 'node'];
/** The port of the page's receiver. */
const PORT = '8080';
/** Runs before the page's program, which is given a free port as it listens, and tells the test which. */
const TELLS_ITS_PORT = `
  import { subscribe } from 'node:diagnostics_channel';
  subscribe('tracing:net.server.listen:asyncEnd', ({ server }) => process.send(server.address().port));
`;
/** Where nothing listens: a webhook needs a URL before its receiver, which needs the webhook's secret, has one. */
const NOWHERE = 'http://127.0.0.1:9/';

describe('the receiver of the page about webhooks', () => {
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
    url = `http://127.0.0.1:${await start()}/`;
    await stack.client().webhooks.update(webhook.id, { url });
  });
  after(async () => {
    receiver?.kill();
    await stack?.stop();
    await rm(folder, { recursive: true });
  });

  test('takes what Pombo has signed', takesAnEvent);

  test('refuses anything else', async () => {
    const headers = {
      'webhook-id': 'evt_1',
      'webhook-timestamp': String(Math.floor(Date.now() / 1000)),
      'webhook-signature': `v1,${Buffer.alloc(32).toString('base64')}`,
      'x-enviaai-signature': `sha256=${'0'.repeat(64)}`,
    };
    const response = await fetch(url, { method: 'POST', body: '{"event":"message.forged"}', headers });
    assert.equal(response.status, 400);
    await takesAnEvent(); // what the receiver prints comes in order: now all of before is here
    assert.doesNotMatch(printed, /forged/);
  });

  /** Has Pombo send an event, and returns when it is printed. */
  async function takesAnEvent(): Promise<void> {
    const before = printed.length;
    const { status, statusCode } = await stack.client().webhooks.test(webhook.id, { event: 'message.sent' });
    assert.deepEqual([status, statusCode], ['success', 204]);
    const isPrinted = async () => printed.slice(before).includes('message.sent') || undefined;
    await eventually(PATIENCE_MS, 'the event is printed', isPrinted);
  }

  /** Compiles and starts the page's program, and returns its port when it listens. */
  async function start(): Promise<number> {
    const page = await readFile('../../docs/webhooks.md', 'utf8');
    const [code = '', ...more] = [...page.matchAll(/```ts\n([^]*?)```/g)].map(([, block = '']) => block);
    assert.deepEqual(more, []);
    assert.ok(code.includes(PORT));
    await writeFile(join(folder, 'receiver.ts'), code.replace(PORT, '0'));
    const compile = ['node_modules/typescript/bin/tsc', ...COMPILER_OPTIONS, join(folder, 'receiver.ts')];
    await promisify(execFile)(process.execPath, compile).catch((error: { stdout: string }) => {
      throw new Error(`the page's code does not compile: ${error.stdout}`);
    });
    const env = { ...process.env, POMBO_WEBHOOK_SECRET: webhook.secret };
    const preload = `data:text/javascript,${encodeURIComponent(TELLS_ITS_PORT)}`;
    const program = ['--import', preload, join(folder, 'receiver.js')];
    receiver = spawn(process.execPath, program, { env, stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
    receiver.stdout?.setEncoding('utf8').on('data', (text: string) => (printed += text));
    process.once('exit', () => receiver.kill());
    let port: number | undefined;
    receiver.once('message', (told: number) => (port = told));
    return eventually(PATIENCE_MS, 'the receiver listens', async () => {
      assert.equal(receiver.exitCode, null);
      return port;
    });
  }
});
