// What WhatsApp's error codes mean for a message.

import type { GraphError } from './whatsapp.js';

export interface Failure {
  code: string;
  message: string;
  providerCode?: number;
}

// WhatsApp's temporary errors.
const TEMPORARY = [1, 2, 4, 80007, 130429, 131000, 131016, 131056, 131057, 133004];

export const isTemporary = ({ code }: GraphError) => TEMPORARY.includes(code);

export function failureOf(error: GraphError): Failure {
  return { code: word(error.code), message: error.error_data?.details ?? error.message ?? '', providerCode: error.code };
}

function word(code: number): string {
  if (code === 131026) return 'recipient_unreachable';
  if (code === 131047) return 'outside_window';
  if (code >= 132000 && code < 133000) return 'template_rejected';
  if (code === 131051 || code === 131053) return 'unsupported_media_type';
  if ([368, 130497, 131031, 131048, 131049, 131050].includes(code)) return 'blocked_by_policy';
  return code === 190 ? 'instance_disconnected' : 'provider_error';
}
