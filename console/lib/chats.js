/** What is said of a conversation: whose it is, and until when everything may be sent. */
import { address, duration } from './format.js';
import { t } from './i18n.js';

/** How long everything may be sent, or that only templates may. @param {any} chat */
export function windowOf(chat) {
  const left = Date.parse(chat.windowClosesAt ?? '') - Date.now();
  return left > 0 ? { isOpen: true, text: t('{time} left', { time: duration(left) }) } : { isOpen: false, text: t('only templates') };
}

/** The name of a conversation. @param {any} chat */
export const nameOf = (chat) => chat.name || chat.username || address(chat.phone ?? chat.userId);
