/** The commands and the examples of the README, as they stand: the package is made, installed in a project, and used. */

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';

import { Stack } from './stack.js';

const HERE = resolve('.');
const NOT_COPIED = ['node_modules', 'dist', 'dist-test'].map((name) => join(HERE, name));
const COMPILER_OPTIONS = ['--strict', '--target', 'es2022', '--module', 'nodenext', '--types', 'node'];

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
    await stack.write('5511999999999', 'Oi'); // the example shows that conversation's window
    await writeFile(join(project, 'customers.csv'), '5511900000001,Ana\n+55 11,Bia\n5511900000003,Caio\n');
    const examples = blocks(readme, 'ts').join('\n').replaceAll('http://127.0.0.1:3000', stack.state.apiUrl);
    await writeFile(join(project, 'readme.ts'), `${examples.replace('8080', '0')}\nprocess.exit();\n`);
    const types = join(HERE, 'node_modules/@types');
    await run(process.execPath, [
      join(HERE, 'node_modules/typescript/bin/tsc'),
      ...COMPILER_OPTIONS,
      '--typeRoots',
      types,
      'readme.ts',
    ], project);
    const { stdout } = await run(process.execPath, ['readme.js'], project);
    assert.match(stdout, /^to .*req_/m); // the field, the message and the request's id of the example of an error
    assert.match(stdout, /^2 of 3 customers\nline 2: invalid_phone_number: /m);
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

function blocks(readme: string, language: string): string[] {
  return [...readme.matchAll(new RegExp(`\`\`\`${language}\\n([^]*?)\`\`\``, 'g'))].map(([, block = '']) => block);
}
