// Keys derived from the master keys: one decrypts access tokens, one signs the tags that callbacks return.

import { createDecipheriv, createHash, createHmac, hkdfSync } from 'node:crypto';
import { masterKeys } from './environment.js';

interface DerivedKey {
  id: string;
  bytes: Buffer;
}

// Newest first: the first signs, all of them decrypt.
function derive(purpose: string): DerivedKey[] {
  return masterKeys.split(',').map((text) => {
    const master = text.trim();
    const bytes = Buffer.from(hkdfSync('sha256', master, 'pombo', purpose, 32));
    return { id: createHash('sha256').update(master).digest('hex').slice(0, 8), bytes };
  });
}

const sealKeys = derive('pombo sealed field v1');
const tagKeys = derive('pombo callback tag v1');

// Decrypts `<key id>.<base64url of nonce, ciphertext and tag>` (AES-256-GCM with associated data).
export function open(sealed: string, place: string): string {
  const [id, text] = sealed.split('.', 2);
  const key = sealKeys.find((key) => key.id === id);
  if (!key || !text) throw new Error('a sealed secret has no key of ours');
  const bytes = Buffer.from(text, 'base64url');
  const cipher = createDecipheriv('aes-256-gcm', key.bytes, bytes.subarray(0, 12));
  cipher.setAAD(Buffer.from(place));
  cipher.setAuthTag(bytes.subarray(-16));
  return cipher.update(bytes.subarray(12, -16), undefined, 'utf8') + cipher.final('utf8');
}

// The tag of an attempt at a message: `<key id>.<message id>.<attempt>.<MAC>`.
export function tag(messageId: string, attempt: number): string {
  const key = tagKeys[0]!;
  const content = `${key.id}.${messageId}.${attempt}`;
  const mac = createHmac('sha256', key.bytes).update(content).digest().subarray(0, 16);
  return `${content}.${mac.toString('base64url')}`;
}
