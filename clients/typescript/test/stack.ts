/** The local stack as a child process, for tests that need the real API. */

import { type ChildProcess, spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { access, constants, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { type MessageState, Pombo } from '@pombo/client';

import { eventually, PATIENCE_MS } from './eventually.js';

/** The content of the stack's state file. */
interface State {
  apiUrl: string;
  apiKey: string;
  instanceId: string;
  phoneNumberId: string;
  callbackUrl: string;
  appSecret: string;
  simulatorUrl: string;
}

/** The messages that were posted to WhatsApp, and those that reached the phones. */
interface Ledger {
  asked: number;
  taken: { wamid: string; message: { to: string } }[];
}

const PROGRAM = resolve(process.env['POMBO_PROGRAM'] ?? '../../target/debug/local');

export class Stack {
  private constructor(
    readonly state: State,
    private readonly child: ChildProcess,
    private readonly folder: string,
  ) {}

  /** Starts a stack and returns when it accepts requests. */
  static async start(): Promise<Stack> {
    await access(PROGRAM, constants.X_OK).catch(() => {
      throw new Error(`there is no program at ${PROGRAM}: build it with cargo, or set POMBO_PROGRAM`);
    });
    const folder = await mkdtemp(join(tmpdir(), 'pombo-'));
    const file = join(folder, 'stack.json');
    const options = ['--no-demo', '--window', 'off', '--port', '0', '--state-file', file];
    const child = spawn(PROGRAM, options, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
    process.once('exit', () => child.kill()); // a test that fails leaves no process behind
    const text = await eventually(PATIENCE_MS, 'the stack starts', async () => {
      if (child.exitCode !== null) {
        throw new Error(`the stack did not start: ${said}`);
      }
      return readFile(file, 'utf8').catch(() => undefined);
    });
    return new Stack(JSON.parse(text) as State, child, folder);
  }

  /** A client of it; another base URL for a proxy. */
  client(baseUrl = this.state.apiUrl): Pombo {
    return new Pombo({ apiKey: this.state.apiKey, baseUrl });
  }

  /** The messages that reached a recipient's phone. */
  async takenBy(digits: string): Promise<Ledger['taken']> {
    const response = await fetch(`${this.state.simulatorUrl}/ledger`);
    const ledger = (await response.json()) as Ledger;
    return ledger.taken.filter(({ message }) => message.to.replace('+', '') === digits);
  }

  /** A person writes a text to the instance. */
  write(person: string, text: string): Promise<void> {
    return this.say(person, { type: 'text', text: { body: text } });
  }

  /** A person sends a message, in WhatsApp's own form, to the instance. */
  async say(person: string, message: object): Promise<void> {
    const body = JSON.stringify({ to: this.state.phoneNumberId, ...message });
    const response = await fetch(`${this.state.simulatorUrl}/people/${person}/messages`, { method: 'POST', body });
    if (!response.ok) {
      throw new Error(`${person} could not write: ${await response.text()}`);
    }
  }

  /** Posts JSON as it is written to the API, with the customer's key. */
  post(path: string, body: string | Uint8Array): Promise<Response> {
    const headers = { authorization: `Bearer ${this.state.apiKey}`, 'content-type': 'application/json' };
    return fetch(`${this.state.apiUrl}${path}`, { method: 'POST', headers, body });
  }

  /** Posts JSON unchanged to the callback URL, signed as WhatsApp signs it. */
  postCallback(body: string): Promise<Response> {
    const signature = `sha256=${createHmac('sha256', this.state.appSecret).update(body).digest('hex')}`;
    const headers = { 'content-type': 'application/json', 'x-hub-signature-256': signature };
    return fetch(this.state.callbackUrl, { method: 'POST', headers, body });
  }

  /** A message's state once its recipient has read it. */
  untilRead(id: string): Promise<MessageState> {
    const client = this.client();
    return eventually(PATIENCE_MS, `${id} is read`, async () => {
      const state = await client.messages.getStatus(id);
      return state.status === 'read' ? state : undefined;
    });
  }

  async stop(): Promise<void> {
    const ended = once(this.child, 'exit', { signal: AbortSignal.timeout(PATIENCE_MS) });
    this.child.kill();
    await ended;
    await rm(this.folder, { recursive: true });
  }
}
