// The API process: accepts messages, shows their status, and receives WhatsApp's callbacks.

import express, { type NextFunction, type Request, type Response } from 'express';
import { ApiError, errorBody, internal } from '../../common/api_error.js';
import { parse } from '../../common/send_request.js';
import { accept } from './accept.js';
import { authenticate } from './accounts.js';
import { receive, subscribe } from './callbacks.js';
import { database } from './database.js';
import { apiVariables } from './environment.js';
import { newId } from './ids.js';
import { log } from './log.js';
import { sending, webhooks } from './queues.js';
import { ending } from './shutdown.js';

const app = express();
app.disable('x-powered-by').disable('etag');
app.use((_request: Request, response: Response, next: NextFunction) => {
  response.set('x-request-id', newId('req_'));
  next();
});
app.post('/v1/messages/send', express.text({ type: () => true, limit: '1mb' }), send);
app.get('/v1/messages/:id/status', status);
app.get('/callbacks', subscribe);
app.post('/callbacks', express.raw({ type: () => true, limit: '4mb' }), receive);
app.use(refuse);

async function send(request: Request, response: Response): Promise<void> {
  const caller = await authenticate(request.get('authorization'), 'messages:write');
  const body = typeof request.body === 'string' ? request.body : '';
  const accepted = await accept(caller, parse(body), body, request.get('idempotency-key'));
  log({ event: 'message.queued', messageId: accepted.messageId });
  response.set({
    'x-ratelimit-limit': String(caller.requestsPerMinute),
    'x-ratelimit-remaining': String(accepted.remaining),
    'x-ratelimit-reset': String(accepted.reset),
  });
  const { messageId, acceptedAt } = accepted;
  response.status(202).json({ success: true, messageId, status: 'queued', timestamp: acceptedAt.toISOString() });
}

async function status(request: Request, response: Response): Promise<void> {
  const { accountId } = await authenticate(request.get('authorization'), 'messages:read');
  const { rows } = await database.query(
    `SELECT id AS "messageId", CASE WHEN rank IN (1, 2) THEN 'queued' ELSE status END AS status, recipient AS to,
       sent_at AS "sentAt", delivered_at AS "deliveredAt", read_at AS "readAt", error
     FROM messages WHERE id = $1 AND account_id = $2`,
    [request.params['id'], accountId],
  );
  if (!rows[0]) throw new ApiError(404, 'message_not_found', 'there is no such message in this account');
  const { error, ...data } = rows[0];
  response.json({ success: true, data: error ? { ...data, error } : data });
}

function refuse(error: unknown, _request: Request, response: Response, next: NextFunction): void {
  if (response.headersSent) return next(error);
  const refusal = refusalOf(error);
  if (refusal.retryAfter) response.set('retry-after', String(refusal.retryAfter));
  response.status(refusal.status).json(errorBody(refusal, response.get('x-request-id')!));
}

function refusalOf(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  // Express's parser refuses a body by its size.
  if ((error as { status?: number }).status === 413) return new ApiError(413, 'payload_too_large', 'the body is larger than 256 KB');
  log({ event: 'request.failed', error: String(error) });
  return internal();
}

const server = app.listen(apiVariables().port, '127.0.0.1');
ending.addEventListener('abort', () => server.close(() => void Promise.all([sending.close(), webhooks.close(), database.end()])));
