// Encrypts access tokens and webhook secrets: AES-256-GCM, bound to the row to which they belong.

import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { encryptionKey } from './environment.js';

export function encrypt(text: string, row: string): Buffer {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', encryptionKey, nonce).setAAD(Buffer.from(row));
  return Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
}

export function decrypt(bytes: Buffer, row: string): string {
  const cipher = createDecipheriv('aes-256-gcm', encryptionKey, bytes.subarray(0, 12)).setAAD(Buffer.from(row));
  cipher.setAuthTag(bytes.subarray(-16));
  return cipher.update(bytes.subarray(12, -16), undefined, 'utf8') + cipher.final('utf8');
}
