// The body of a send request: validated once, or refused with the field that is wrong.

import { ApiError, invalid } from './api_error.js';

export type Content =
  | { type: 'text'; body: string }
  | { type: 'media'; media: string; url: string; caption?: string; filename?: string };

export type Quoted = { message: string } | { provider: string };

export interface SendRequest {
  instanceId: string;
  to: string;
  content: Content;
  quoted?: Quoted;
  metadata?: string;
  expiresIn: number;
}

const FIELDS = ['instanceId', 'to', 'message', 'mediaUrl', 'mediaType', 'filename', 'caption', 'quotedMessageId', 'metadata', 'expiresIn'];
const TEXTS = FIELDS.slice(0, 8);
const MAX_BODY = 256 * 1024;
const DAY = 86_400;
const FORMATS: Record<string, string[]> = {
  image: ['jpg', 'jpeg', 'png', 'webp'],
  video: ['mp4', '3gp'],
  audio: ['mp3', 'ogg', 'aac'],
  document: ['pdf', 'doc', 'docx', 'xls', 'xlsx', 'ppt', 'pptx', 'txt'],
};

export function parse(body: string): SendRequest {
  const fields = read(body);
  const { instanceId, to, quotedMessageId, metadata, expiresIn = DAY } = fields;
  if (instanceId === undefined) throw invalid('instanceId', 'is missing');
  if (!/^inst_[A-Za-z0-9_-]{1,59}$/.test(instanceId)) throw new ApiError(404, 'invalid_instance', 'there is no such instance', 'instanceId');
  if (to === undefined) throw invalid('to', 'is missing');
  if (!/^[1-9][0-9]{6,14}$/.test(to)) {
    throw new ApiError(400, 'invalid_phone_number', 'must have 7 to 15 digits, country code first', 'to');
  }
  if (!Number.isInteger(expiresIn) || expiresIn < 1 || expiresIn > DAY) throw invalid('expiresIn', `must be from 1 to ${DAY} seconds`);
  return { instanceId, to, content: content(fields), quoted: quoted(quotedMessageId), metadata: text(metadata), expiresIn };
}

function read(body: string): Record<string, any> {
  if (body.length > MAX_BODY) throw new ApiError(413, 'payload_too_large', 'the body is larger than 256 KB');
  let fields: any;
  try {
    fields = JSON.parse(body);
  } catch {
    throw new ApiError(400, 'invalid_request', 'the body must be JSON');
  }
  if (typeof fields !== 'object' || fields === null || Array.isArray(fields)) {
    throw new ApiError(400, 'invalid_request', 'the body must be a JSON object');
  }
  for (const [field, value] of Object.entries(fields)) {
    if (!FIELDS.includes(field)) throw invalid(field, 'is not a field of this request');
    if (value === null) delete fields[field];
    else if (TEXTS.includes(field) && typeof value !== 'string') throw invalid(field, 'must be a text');
  }
  return fields;
}

function content(fields: Record<string, any>): Content {
  const { message, mediaUrl, mediaType, filename, caption } = fields;
  if (message !== undefined) {
    if (mediaUrl !== undefined || mediaType !== undefined) throw invalid('message', 'does not go with what else is there');
    if (filename !== undefined) throw invalid('filename', 'goes with a document only');
    if (caption !== undefined) throw invalid('caption', 'goes with an image, video or document only');
    limit('message', message, 4096);
    if (!message.trim()) throw invalid('message', 'has nothing to show');
    return { type: 'text', body: message };
  }
  if (mediaUrl === undefined) throw invalid(mediaType === undefined ? 'message' : 'mediaUrl', 'is missing');
  if (mediaType === undefined) throw invalid('mediaType', 'is missing: image, video, audio or document');
  const formats = FORMATS[mediaType];
  if (!formats) throw new ApiError(400, 'unsupported_media_type', 'must be image, video, audio or document', 'mediaType');
  if (caption !== undefined && mediaType === 'audio') throw invalid('caption', 'does not go with audio');
  if (filename !== undefined && mediaType !== 'document') throw invalid('filename', 'goes with a document only');
  limit('caption', caption ?? '', 1024);
  limit('filename', filename ?? '', 255);
  checkUrl(mediaUrl, formats);
  return { type: 'media', media: mediaType, url: mediaUrl, caption, filename };
}

function checkUrl(mediaUrl: string, formats: string[]): void {
  const url = URL.canParse(mediaUrl) ? new URL(mediaUrl) : undefined;
  if (mediaUrl.length > 2048 || !url || !/^https?:$/.test(url.protocol) || url.username || url.password) {
    throw invalid('mediaUrl', 'must be an http or https URL without a user, of at most 2048 bytes');
  }
  const extension = /\.([^./]+)$/.exec(url.pathname)?.[1]?.toLowerCase();
  if (extension && Object.values(FORMATS).flat().includes(extension) && !formats.includes(extension)) {
    throw new ApiError(400, 'unsupported_media_type', `the file is .${extension}`, 'mediaType');
  }
}

// Characters are Unicode code points, not UTF-16 units.
function limit(field: string, text: string, most: number): void {
  if (text.length > most && [...text].length > most) throw invalid(field, `has more than ${most} characters`);
}

function quoted(id: string | undefined): Quoted | undefined {
  if (id === undefined) return undefined;
  if (/^wamid\.[!-~]{1,250}$/.test(id)) return { provider: id };
  if (/^msg_[A-Za-z0-9_-]{1,60}$/.test(id)) return { message: id };
  throw invalid('quotedMessageId', 'must be `msg_…`, or WhatsApp\'s own `wamid.…`');
}

// As every webhook repeats it.
function text(metadata: unknown): string | undefined {
  if (metadata === undefined) return undefined;
  if (typeof metadata !== 'object' || Array.isArray(metadata)) throw invalid('metadata', 'must be a JSON object');
  const json = JSON.stringify(metadata);
  if (Buffer.byteLength(json) > 4096) throw invalid('metadata', 'has more than 4096 bytes');
  return json;
}
