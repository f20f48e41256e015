/** Numbers, times and addresses as people read them. */
import { locale, t } from './i18n.js';

/** Formats that were used before: making one takes longer than using it a hundred times. @type {Map<string, any>} */
const formats = new Map();

/** @param {'NumberFormat' | 'DateTimeFormat'} kind @param {any} [options] */
function format(kind, options) {
  const key = `${kind} ${locale()} ${JSON.stringify(options)}`;
  if (!formats.has(key)) formats.set(key, new /** @type {any} */ (Intl)[kind](locale(), options));
  return formats.get(key);
}

/** @param {number} value */
export const number = (value) => format('NumberFormat').format(value);

/** @param {number | null | undefined} share */
export const percent = (share) =>
  share === null || share === undefined ? '–' : format('NumberFormat', { style: 'percent', maximumFractionDigits: 1 }).format(share);

/** @param {number | null | undefined} milliseconds */
export function duration(milliseconds) {
  if (milliseconds === null || milliseconds === undefined) return '–';
  const seconds = milliseconds / 1000;
  if (seconds < 1) return `${Math.round(milliseconds)} ms`;
  if (seconds < 60) return `${format('NumberFormat', { maximumFractionDigits: 1 }).format(seconds)} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60)];
  return hours < 48 ? `${hours} h ${minutes} min` : t('{n} days', { n: Math.floor(hours / 24) });
}

/** @param {string | number | null | undefined} at @param {Intl.DateTimeFormatOptions} options */
const formatted = (at, options) => (at ? format('DateTimeFormat', options).format(new Date(at)) : '–');

/** A day and time to the second. @param {string | null | undefined} at */
export const fullTime = (at) => formatted(at, { dateStyle: 'medium', timeStyle: 'medium' });

/** A time with what it differs from UTC by, as this browser has it. @param {string} at */
export const timeWithOffset = (at) => formatted(at, { year: 'numeric', month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit', timeZoneName: 'longOffset' });

/** What the browser's time differs from UTC by, such as GMT-03:00: at a time, since summer changes it. @param {string} at none for now */
export const offsetOf = (at) => format('DateTimeFormat', { timeZoneName: 'longOffset' }).formatToParts(at ? new Date(at) : new Date()).find((/** @type {any} */ part) => part.type === 'timeZoneName').value;

/** @param {string | number | null | undefined} at */
export const hourAndMinute = (at) => formatted(at, { hour: '2-digit', minute: '2-digit' });

/** A time of today to the second. @param {number | undefined} at */
export const secondsOfDay = (at) => formatted(at, { timeStyle: 'medium' });

/** @param {string | number | null | undefined} at */
export const dayAndMonth = (at) => formatted(at, { day: 'numeric', month: 'short' });

/** A time today, otherwise a day with its time. @param {string | null | undefined} at */
export function shortTime(at) {
  if (!at) return '–';
  const isToday = new Date(at).toDateString() === new Date().toDateString();
  return isToday ? hourAndMinute(at) : `${dayAndMonth(at)} ${hourAndMinute(at)}`;
}

/** A phone number with its plus sign; a user id as it is. @param {string | null | undefined} address */
export const address = (address) => (address && /^\d+$/.test(address) ? `+${address}` : (address ?? ''));

/** @param {number} bytes */
export const fileSize = (bytes) => (bytes < 1e6 ? `${number(Math.ceil(bytes / 1000))} kB` : `${number(Math.round(bytes / 1e5) / 10)} MB`);

/** A URL that may be a link: http or https alone. @param {unknown} text */
export function linkable(text) {
  try {
    const url = new URL(String(text));
    return ['http:', 'https:'].includes(url.protocol) ? url.href : undefined;
  } catch {
    return undefined;
  }
}
