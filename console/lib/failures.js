/** What to do about a failed message, by its code. */
import { t } from './i18n.js';

/** @type {Record<string, string>} */
const ADVICE = {
  expired: 'It was not sent in time. Send it again, with a longer `expiresIn` if it may arrive later.',
  canceled: 'It was canceled before it was sent. Nothing was charged.',
  unknown_outcome: 'WhatsApp did not answer: it may have arrived. Ask the person before you send it again.',
  instance_disconnected: 'The instance lost its connection. Connect it again, then send again.',
  unsupported_media_type: 'WhatsApp does not take this kind of file. Send it in one of the formats of the API reference.',
  media_too_large: 'The file is too large for WhatsApp. Send a smaller one.',
  invalid_phone_number: 'This is no phone number that WhatsApp knows. Check it with the person.',
  phone_number_required: 'WhatsApp needs the phone number here, not the user id alone.',
  recipient_unreachable: 'The person has no WhatsApp, has blocked the number or uses an old version. Try another channel.',
  outside_window: 'The person has not written for 24 hours. Send an approved template instead.',
  template_rejected: 'WhatsApp refused the template or its parameters. Look at its status in Templates.',
  blocked_by_policy: 'WhatsApp refused it by its policy. Look at the instance’s quality and pauses.',
  recipient_opted_out: 'The person does not want marketing. Do not send it again.',
  payment_required: 'Meta wants a payment method. Add one in the business account, then send again.',
  provider_error: 'WhatsApp had a problem of its own. Send it again later.',
};

/** @param {string | undefined} code */
export const adviceOn = (code) => (code && ADVICE[code] ? t(ADVICE[code]) : '');
