// The connection to WhatsApp: one POST, never repeated, and its outcome.

import type { Content } from './send_request.js';

const ANSWER_TIME = 15_000;

export interface GraphError {
  code: number;
  message?: string;
  error_data?: { details?: string };
}

export type Outcome =
  | { kind: 'accepted'; providerId: string }
  | { kind: 'rejected'; error: GraphError }
  | { kind: 'notSent'; reason: string }
  | { kind: 'unknown'; reason: string };

// Node's fetch keeps connections alive; no redirect is followed, since a POST would be sent again.
export async function post(whatsapp: string, numberId: string, token: string, body: object): Promise<Outcome> {
  let text: string;
  let ok: boolean;
  try {
    const response = await fetch(`${whatsapp}/${numberId}/messages`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
      redirect: 'manual',
      signal: AbortSignal.timeout(ANSWER_TIME),
    });
    ok = response.ok;
    text = await response.text();
  } catch (error) {
    const code = (error as { cause?: { code?: string } }).cause?.code;
    const reason = `${error} ${code ?? ''}`;
    // Nothing of the request was sent before the connection was established.
    const unconnected = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT'].includes(code ?? '');
    return { kind: unconnected ? 'notSent' : 'unknown', reason };
  }
  return outcome(ok, text);
}

// WhatsApp's answer decides; after one that cannot be read, the message may have been accepted.
function outcome(ok: boolean, text: string): Outcome {
  try {
    const answer = JSON.parse(text);
    if (typeof answer.error?.code === 'number') return { kind: 'rejected', error: answer.error };
    if (ok && answer.messages?.[0]?.id) return { kind: 'accepted', providerId: answer.messages[0].id };
  } catch {
    // below
  }
  return { kind: 'unknown', reason: 'an answer that can\'t be read' };
}

export function body(to: string, content: Content, quoted: string | undefined, tag: string): object {
  const type = content.type === 'text' ? 'text' : content.media;
  const part =
    content.type === 'text'
      ? { body: content.body, preview_url: true }
      : { link: content.url, caption: content.caption, filename: content.filename };
  return {
    messaging_product: 'whatsapp',
    recipient_type: 'individual',
    to: `+${to}`,
    biz_opaque_callback_data: tag,
    type,
    [type]: part,
    context: quoted ? { message_id: quoted } : undefined,
  };
}
