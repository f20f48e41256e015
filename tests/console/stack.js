/** A running stack with its console, and what happens at its edges: people who write, and an endpoint that is called. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { serve } from './dev-server.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** With CONSOLE_SOURCES the files of console/ are served as they are, before a stack that may be older. */
const SOURCES = Boolean(process.env.CONSOLE_SOURCES);

/** Starts the program that POMBO_PROGRAM names. */
export async function startStack() {
  const folder = mkdtempSync(join(tmpdir(), 'pombo-console-'));
  const stateFile = join(folder, 'stack.json');
  const program = process.env.POMBO_PROGRAM ?? join(ROOT, 'target/debug/pombo-under-test');
  const stack = spawn(program, ['--port', '0', '--state-file', stateFile], { cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  stack.stdout.setEncoding('utf8').on('data', (text) => (output += text));
  await until(() => existsSync(stateFile) && output.includes('Press Ctrl-C'), 60_000);
  const state = JSON.parse(readFileSync(stateFile, 'utf8'));
  const dev = SOURCES ? await serve(stateFile) : undefined;
  return {
    ...state,
    output,
    consoleUrl: `${dev?.url ?? state.apiUrl}/console`,
    async stop() {
      dev?.close();
      stack.kill('SIGINT');
      await once(stack, 'exit');
      rmSync(folder, { recursive: true });
    },
  };
}

/** Waits until something is true. @param {() => unknown} isTrue @param {number} [most] in milliseconds @param {number} [every] in milliseconds */
export async function until(isTrue, most = 15_000, every = 50) {
  for (const end = Date.now() + most; !(await isTrue()); ) {
    if (Date.now() > end) throw new Error(`waited in vain for ${isTrue}`);
    await new Promise((resolve) => setTimeout(resolve, every));
  }
}

/** @param {any} stack */
export function clientOf(stack) {
  /** @param {string} method @param {string} path @param {unknown} [body] @param {string} [key] */
  const call = async (method, path, body, key = path.startsWith('/v1/admin') ? stack.adminKey : stack.apiKey) => {
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
    const response = await fetch(stack.apiUrl + path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return text ? JSON.parse(text) : undefined;
  };
  const simulator = async (/** @type {string} */ method, /** @type {string} */ path, /** @type {unknown} */ body) => {
    const response = await fetch(stack.simulatorUrl + path, { method, headers: { authorization: 'Bearer EAAG-of-the-simulator' }, body: JSON.stringify(body) });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return text ? JSON.parse(text) : undefined;
  };
  return {
    call,
    simulator,
    send: (/** @type {any} */ body) => call('POST', '/v1/messages/send', { instanceId: stack.instanceId, ...body }),
    /** A person writes; `message` is WhatsApp's own. @param {string} person @param {any} message */
    write: (person, message) => simulator('POST', `/people/${person}/messages`, { to: stack.phoneNumberId, ...message }),
    text: (/** @type {string} */ person, /** @type {string} */ body) => simulator('POST', `/people/${person}/messages`, { to: stack.phoneNumberId, type: 'text', text: { body } }),
    key: async (/** @type {string[]} */ scopes) => (await call('POST', `/v1/admin/accounts/${stack.accountId}/keys`, { name: scopes.join(' ') || 'none', scopes })).data,
  };
}

/** An endpoint for webhooks, which answers as `answer` says. */
export async function startEndpoint() {
  const endpoint = { status: 204, answer: '', url: '', requests: /** @type {any[]} */ ([]), stop: () => void server.close() };
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (bytes) => (body += bytes));
    request.on('end', () => {
      endpoint.requests.push(JSON.parse(body));
      response.writeHead(endpoint.status).end(endpoint.status === 204 ? undefined : endpoint.answer);
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  endpoint.url = `http://127.0.0.1:${/** @type {import('node:net').AddressInfo} */ (server.address()).port}/hook`;
  return endpoint;
}
