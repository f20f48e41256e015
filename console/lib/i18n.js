/** The two languages: English texts are the keys of the Portuguese ones. */
import { createStore } from './store.js';

const STORED = 'pombo.language';

/** @type {Record<string, string>} */
let translations = {};

/** The language, `en` or `pt`.
 * @type {import('./types.js').Store<string>} */
export const language = createStore('en');

/** The locale of numbers and times: the browser's own where it is of the same language. */
export function locale() {
  const own = navigator.languages.find((one) => one.startsWith(language.get()));
  return own ?? (language.get() === 'pt' ? 'pt-BR' : 'en');
}

/** @param {string} next */
export async function changeLanguage(next) {
  translations = next === 'pt' ? (await import('./pt.js')).default : {};
  localStorage.setItem(STORED, next);
  document.documentElement.lang = next === 'pt' ? 'pt-BR' : 'en';
  language.set(next);
}

/** The language chosen before, or the browser's. */
export const preferredLanguage = () => localStorage.getItem(STORED) ?? (navigator.language.startsWith('pt') ? 'pt' : 'en');

/** A text in the chosen language, with its `{parts}`.
 * @param {string} text @param {Record<string, unknown>} [parts] */
export function t(text, parts) {
  const own = Object.hasOwn(translations, text) ? translations[text] : text;
  return parts ? own.replace(/\{(\w+)\}/g, (_, name) => String(parts[name])) : own;
}
