/** Waiting for something to come true. */

import { setTimeout as sleep } from 'node:timers/promises';

/** What a probe finds, asked until it finds something. */
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
