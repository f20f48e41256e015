/** The commands of docs/files.md as they stand: a file is uploaded and sent, and one that somebody sent is got. */

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';

import { blocks } from './documents.js';
import { eventually, PATIENCE_MS } from './eventually.js';
import { Stack } from './stack.js';

test('the commands of the page about files work', async () => {
  const stack = await Stack.start();
  const folder = await mkdtemp(join(tmpdir(), 'pombo-files-'));
  try {
    const { apiUrl: API, apiKey: KEY, instanceId } = stack.state;
    await writeFile(join(folder, 'invoice.pdf'), '%PDF-1.7');
    const image = { mime_type: 'image/png', data: Buffer.from('a picture').toString('base64') };
    await stack.say('5511988887777', { type: 'image', image });
    const received = await eventually(PATIENCE_MS, 'the picture', async () => {
      const { data } = await stack.client().messages.list({ instanceId, type: 'image' });
      return data[0];
    });
    const commands = blocks(await readFile('../../docs/files.md', 'utf8'), 'sh');
    assert.equal(commands.length, 4);
    const env = { ...process.env, API, KEY, INSTANCE: instanceId, MESSAGE: received.messageId };
    const options = { cwd: folder, env, timeout: PATIENCE_MS };
    const { stdout } = await promisify(execFile)('bash', ['-euc', commands.join('')], options);
    const { messageId } = JSON.parse(stdout) as { messageId: string };
    await stack.untilRead(messageId);
    const sent = await stack.client().messages.get(messageId);
    assert.ok('media' in sent && sent.media?.id.startsWith('media_'));
    assert.equal(await readFile(join(folder, 'received'), 'utf8'), 'a picture');
  } finally {
    await stack.stop();
    await rm(folder, { recursive: true });
  }
});
