/** Waiting for a condition. */

import { setTimeout as sleep } from 'node:timers/promises';

/** How long anything may take on a machine that is busy with other work. */
export const PATIENCE_MS = 60_000;

/** Calls a probe until it returns a value. */
export async function eventually<T>(
  limitMs: number,
  what: string | (() => Promise<string>),
  probe: () => Promise<T | undefined>,
): Promise<T> {
  const end = Date.now() + limitMs;
  while (Date.now() < end) {
    const found = await probe();
    if (found !== undefined) {
      return found;
    }
    await sleep(50);
  }
  throw new Error(`not within ${limitMs} ms: ${typeof what === 'string' ? what : await what()}`);
}
