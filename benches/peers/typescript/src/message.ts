// The record of a message, in the form that the rest of the stack works on.

import { randomBytes } from 'node:crypto';
import type { Content, Quoted, SendRequest } from '../../common/send_request.js';

export interface Message {
  id: string;
  accountId: string;
  instanceId: string;
  direction: 'outbound';
  phone: string;
  content: Content;
  quoted?: Quoted;
  metadata?: string;
  status: string;
  rank: number;
  nonce: string;
  slot: number;
  attempt: number;
  createdAt: number;
  deadline: number;
  expiresAt: number;
  chat: string;
  at: string;
  lease?: number;
  sentAt?: number;
}

// A message in the delivery queue.
export interface Delivery {
  messageId: string;
  accountId: string;
  instanceId: string;
  slot: number;
  deadline: number;
}

// A higher rank is never replaced by a lower one.
export const RANK = { queued: 0, sending: 1, unknown: 2, sent: 4, failed: 5 };

export const newId = (prefix: string) => prefix + randomBytes(16).toString('base64url');

export function queued(accountId: string, request: SendRequest, retentionSeconds: number): Message {
  const id = newId('msg_');
  const now = Date.now();
  return {
    id,
    accountId,
    instanceId: request.instanceId,
    direction: 'outbound',
    phone: request.to,
    content: request.content,
    quoted: request.quoted,
    metadata: request.metadata,
    status: 'queued',
    rank: RANK.queued,
    nonce: randomBytes(8).toString('base64url'),
    slot: now,
    attempt: 0,
    createdAt: now,
    deadline: now + request.expiresIn * 1000,
    expiresAt: Math.floor(now / 1000) + retentionSeconds,
    chat: `${request.instanceId}#${request.to}`,
    at: `${String(now).padStart(13, '0')}#${id}`,
  };
}
