/** The header Idempotency-Key. */

import { invalid } from './errors.js';

/** A key that a header can carry. */
export function checkedKey(key: string): string {
  if (typeof key !== 'string' || !/^[\x20-\x7e]{1,255}$/.test(key) || key.trim() === '') {
    throw invalid('Idempotency-Key', 'must have 1 to 255 ASCII characters');
  }
  return key;
}
