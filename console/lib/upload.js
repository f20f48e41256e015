/** Sends a file: its bytes go to the bucket by a signed URL, then the message names it. */
import { call, ConnectionError, get, pause } from './api.js';

/** How often it is asked whether the bytes have arrived, a second apart. */
const MOST_CHECKS = 30;

/** The kinds by the beginning of a content type. @type {[string, string][]} */
const MEDIA_KINDS = [['image/webp', 'sticker'], ['image/', 'image'], ['video/', 'video'], ['audio/', 'audio'], ['', 'document']];

/** @param {string} mimeType */
export const mediaTypeOf = (mimeType) => MEDIA_KINDS.find(([start]) => mimeType.startsWith(start))?.[1] ?? 'document';

/** Uploads a file, and returns its id when WhatsApp can be told of it. @param {string} instanceId @param {globalThis.File} file */
export async function upload(instanceId, file) {
  const mimeType = file.type || 'application/octet-stream';
  const { data } = await call('POST', '/v1/media', { body: { instanceId, filename: file.name, mimeType, size: file.size } });
  const { 'Content-Length': _, ...headers } = data.uploadHeaders; // the browser sets it, and refuses to be told
  const put = await fetch(data.uploadUrl, { method: 'PUT', headers, body: file }).catch(() => undefined);
  if (!put?.ok) throw new ConnectionError('The file was not uploaded.');
  for (let asked = 0; asked < MOST_CHECKS; asked += 1) {
    const { data: media } = await get(`/v1/media/${data.id}`);
    if (media.status === 'failed') throw new Error(media.error?.message ?? 'The file was refused.');
    if (media.status !== 'waiting') break;
    await pause(1000);
  }
  return data.id;
}
