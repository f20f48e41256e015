/** What a person chose in an answer to buttons or a list. */

import { isObject } from './answer.js';
import type { WebhookEvent } from './events.js';

/** A button or a row that was chosen. */
export interface ChosenReply {
  /** The id that you gave it when you sent it; of a template's button, its payload. */
  id: string;
  /** What it says. */
  title: string;
}

/** Returns the reply button, the row of a list or the quick reply of a template that an event says was chosen. */
export function chosenReply(event: WebhookEvent): ChosenReply | undefined {
  if (event.event !== 'message.received' || event.data.details === undefined) {
    return undefined;
  }
  const { type, details } = event.data;
  if (type === 'button') {
    return replyOf(details['payload'], details['text']);
  }
  const chosen = type === 'interactive' ? (details['button_reply'] ?? details['list_reply']) : undefined;
  return isObject(chosen) ? replyOf(chosen['id'], chosen['title']) : undefined;
}

function replyOf(id: unknown, title: unknown): ChosenReply | undefined {
  return typeof id === 'string' && typeof title === 'string' ? { id, title } : undefined;
}
