/** The commands and the examples of the README, as they stand: the package is made, installed in a project, and used. */

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';

import { blocks, compile } from './documents.js';
import { Stack } from './stack.js';

const HERE = resolve('.');
const NOT_COPIED = ['node_modules', 'dist', 'dist-test'].map((name) => join(HERE, name));
/** Calls what the examples only define. The person has sent a file, and another has never written. */
const CALLS = `
const [received] = (await client.messages.list({ instanceId: 'inst_abc123', type: 'image', limit: 1 })).data;
await download(received?.messageId ?? '', 'received.png');
console.log(await mayWriteFreely('chat_5511999999999'), await mayWriteFreely('chat_5511900009999'));
const message = { type: 'interactive', details: { list_reply: { id: 'am', title: 'Morning' } } };
work({ event: 'message.received', data: message } as unknown as WebhookEvent);
process.exit();
`;

describe('the README', () => {
  let stack: Stack;
  let folder: string;

  before(async () => {
    stack = await Stack.start();
    folder = await mkdtemp(join(tmpdir(), 'pombo-readme-'));
  });
  after(async () => {
    await stack?.stop();
    await rm(folder, { recursive: true });
  });

  test('has commands and examples that work', async () => {
    const readme = await readFile('README.md', 'utf8');
    const [make = '', install = '', ...more] = blocks(readme, 'sh');
    assert.deepEqual(more, []);
    const copy = join(folder, 'pombo');
    const project = join(folder, 'project');
    await cp(HERE, copy, { recursive: true, filter: (source) => !NOT_COPIED.includes(source) });
    await shell(make, copy);
    await mkdir(project);
    await writeFile(join(project, 'package.json'), '{"type":"module"}');
    await shell(install.replace('./', `${copy}/`), project);
    const image = { mime_type: 'image/png', data: Buffer.from('a picture').toString('base64') };
    await stack.say('5511999999999', { type: 'image', image }); // the examples show that conversation's window, and fetch the file
    await writeFile(join(project, 'invoice.pdf'), '%PDF-1.7');
    await writeFile(join(project, 'customers.csv'), '5511900000001,Ana\n+55 11,Bia\n5511900000003,Caio\n');
    const examples = blocks(readme, 'ts').join('\n').replaceAll('http://127.0.0.1:3000', stack.state.apiUrl);
    await writeFile(join(project, 'readme.ts'), `${examples.replace('8080', '0')}\n${CALLS}`);
    await compile(project);
    const { stdout } = await run(process.execPath, ['readme.js'], project);
    assert.match(stdout, /^to .*req_/m); // the field, the message and the request's id of the example of an error
    assert.match(stdout, /^2 of 3 customers\nline 2: invalid_phone_number: /m);
    assert.match(stdout, /^true false\nchose am Morning\n/m);
    assert.equal(await readFile(join(project, 'received.png'), 'utf8'), 'a picture');
  });

  function shell(commands: string, cwd: string): Promise<unknown> {
    return run('bash', ['-euc', commands], cwd);
  }

  function run(program: string, options: string[], cwd: string): Promise<{ stdout: string }> {
    const env = { ...process.env, POMBO_API_KEY: stack.state.apiKey, POMBO_WEBHOOK_SECRET: 'whs_none' };
    return promisify(execFile)(program, options, { cwd, env }).catch((error: { stdout: string; stderr: string }) => {
      throw new Error(`${program} ${options.join(' ')}: ${error.stdout} ${error.stderr}`, { cause: error });
    });
  }
});
