/** The blocks of code of a document, and a project as `tsc --init` makes it, which compiles them. */

import { execFile } from 'node:child_process';
import { access, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const TSC = resolve('node_modules/typescript/bin/tsc');
const TYPES = ['--types', 'node', '--typeRoots', resolve('node_modules/@types')];

/** The blocks of one language. */
export function blocks(document: string, language: string): string[] {
  return [...document.matchAll(new RegExp(`\`\`\`${language}\\n([^]*?)\`\`\``, 'g'))].map(([, block = '']) => block);
}

/** Compiles the files of a folder with the options of a new project: they are strict. */
export async function compile(folder: string): Promise<void> {
  const run = promisify(execFile);
  await rm(join(folder, 'tsconfig.json'), { force: true });
  await run(process.execPath, [TSC, '--init'], { cwd: folder });
  await access(join(folder, 'tsconfig.json'));
  await run(process.execPath, [TSC, ...TYPES], { cwd: folder }).catch((error: { stdout: string }) => {
    throw new Error(`the code does not compile: ${error.stdout}`, { cause: error });
  });
}

/** The names of an event's fields, as they are nested; those of metadata are the customer's own. */
export function fields(value: object): unknown {
  const nested = Object.entries(value).map(([name, field]) => [
    name,
    typeof field === 'object' && field !== null && name !== 'metadata' ? fields(field) : null,
  ]);
  return Object.fromEntries(nested.sort());
}
