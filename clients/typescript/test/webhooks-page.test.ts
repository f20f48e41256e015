/** The TypeScript of docs/webhooks.md as it stands: it compiles, and receives genuine webhooks only. */

import assert from 'node:assert/strict';
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';

import type { CreatedWebhook } from '@pombo/client';

import { eventually, PATIENCE_MS } from './eventually.js';
import { Stack } from './stack.js';

const COMPILER_OPTIONS = ['--ignoreConfig', '--strict', '--target', 'es2022', '--module', 'nodenext', '--types', 'node'];
/** The port of the page's receiver. */
const PORT = '8080';

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
    const port = await freePort();
    url = `http://127.0.0.1:${port}/`;
    const { instanceId } = stack.state;
    webhook = await stack.client().webhooks.create({ url, instanceId, events: ['message.sent'] });
    receiver = await start(port);
  });
  after(async () => {
    receiver?.kill();
    await stack?.stop();
    await rm(folder, { recursive: true });
  });

  test('takes what Pombo has signed', async () => {
    const { status, statusCode } = await stack.client().webhooks.test(webhook.id, { event: 'message.sent' });
    assert.deepEqual([status, statusCode], ['success', 204]);
    await eventually(PATIENCE_MS, 'the event is printed', async () => printed.includes('message.sent') || undefined);
  });

  test('refuses anything else', async () => {
    const headers = {
      'webhook-id': 'evt_1',
      'webhook-timestamp': String(Math.floor(Date.now() / 1000)),
      'webhook-signature': `v1,${Buffer.alloc(32).toString('base64')}`,
      'x-enviaai-signature': `sha256=${'0'.repeat(64)}`,
    };
    const response = await fetch(url, { method: 'POST', body: '{"event":"message.forged"}', headers });
    assert.equal(response.status, 400);
    assert.doesNotMatch(printed, /forged/);
  });

  /** Compiles and starts the page's program, and returns when it listens. */
  async function start(port: number): Promise<ChildProcess> {
    const page = await readFile('../../docs/webhooks.md', 'utf8');
    const [code = '', ...more] = [...page.matchAll(/```ts\n([^]*?)```/g)].map(([, block = '']) => block);
    assert.deepEqual(more, []);
    assert.ok(code.includes(PORT));
    await writeFile(join(folder, 'receiver.ts'), code.replace(PORT, String(port)));
    const compile = ['node_modules/typescript/bin/tsc', ...COMPILER_OPTIONS, join(folder, 'receiver.ts')];
    await promisify(execFile)(process.execPath, compile).catch((error: { stdout: string }) => {
      throw new Error(`the page's code does not compile: ${error.stdout}`);
    });
    const env = { ...process.env, POMBO_WEBHOOK_SECRET: webhook.secret };
    const child = spawn(process.execPath, [join(folder, 'receiver.js')], { env, stdio: ['ignore', 'pipe', 'inherit'] });
    child.stdout.setEncoding('utf8').on('data', (text: string) => (printed += text));
    process.once('exit', () => child.kill());
    await eventually(PATIENCE_MS, 'the receiver listens', async () => {
      assert.equal(child.exitCode, null);
      return fetch(url).then(() => true, () => undefined);
    });
    return child;
  }
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
