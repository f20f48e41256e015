// WhatsApp's callbacks: verified, written to the table, and only then acknowledged.

import type { Request, Response } from 'express';
import { createHmac, timingSafeEqual } from 'node:crypto';
import { failureOf } from '../../common/error_codes.js';
import type { GraphError } from '../../common/whatsapp.js';
import { apiVariables } from './environment.js';
import { enqueueEvents } from './queues.js';
import { fail, reach } from './transitions.js';

const { appSecret, verifyToken } = apiVariables();

interface Status {
  id: string;
  status: string;
  timestamp: string;
  biz_opaque_callback_data?: string;
  errors?: GraphError[];
}

// Meta asks once whether the URL is ours.
export function subscribe(request: Request, response: Response): void {
  const { 'hub.verify_token': token, 'hub.challenge': challenge } = request.query;
  response.type('text').status(token === verifyToken ? 200 : 403);
  response.send(token === verifyToken ? String(challenge) : '');
}

export async function receive(request: Request, response: Response): Promise<void> {
  const body: Buffer = request.body;
  if (!isSigned(body, request.get('x-hub-signature-256'))) {
    response.status(401).end();
    return;
  }
  const events: string[] = [];
  for (const status of statuses(body)) events.push(...(await apply(status)));
  await enqueueEvents(events);
  response.status(200).end();
}

function isSigned(body: Buffer, header: string | undefined): boolean {
  const signature = Buffer.from(header?.replace(/^sha256=/, '') ?? '', 'hex');
  const expected = createHmac('sha256', appSecret).update(body).digest();
  return signature.length === expected.length && timingSafeEqual(signature, expected);
}

function statuses(body: Buffer): Status[] {
  const callback = JSON.parse(body.toString());
  const changes = (callback.entry ?? []).flatMap((entry: any) => entry.changes ?? []);
  return changes.flatMap((change: any) => change.value?.statuses ?? []);
}

async function apply({ id, status, timestamp, biz_opaque_callback_data: messageId, errors }: Status): Promise<string[]> {
  if (!messageId) return []; // sent by another program
  switch (status) {
    case 'sent':
    case 'delivered':
    case 'read':
      return reach(messageId, status, new Date(Number(timestamp) * 1000), id);
    case 'failed':
      return fail(messageId, errors?.[0] ? failureOf(errors[0]) : { code: 'provider_error', message: '' });
    default:
      return [];
  }
}
