/** Text as WhatsApp formats it: *bold*, _italic_, ~struck~, ```code```, and links. Every piece stays text. */
import { html } from '../vendor/htm-preact.js';
import { OutLink } from './basics.js';

const PIECE = /```([^`]+)```|(?<![\w*])\*(\S(?:[^*\n]*\S)?)\*(?![\w*])|(?<![\w_])_(\S(?:[^_\n]*\S)?)_(?![\w_])|(?<![\w~])~(\S(?:[^~\n]*\S)?)~(?![\w~])|(https?:\/\/[^\s<>"']+[^\s<>"'.,;:!?)])/g;

/** @param {{ text: string }} props @returns {any} */
export function RichText({ text }) {
  const pieces = [];
  let end = 0;
  for (const match of text.matchAll(PIECE)) {
    pieces.push(text.slice(end, match.index), piece(match));
    end = match.index + match[0].length;
  }
  return html`<span>${[...pieces, text.slice(end)]}</span>`;
}

/** @param {RegExpMatchArray} match */
function piece([whole, code, bold, italic, struck, url]) {
  if (code) return html`<code>${code}</code>`;
  if (bold) return html`<strong><${RichText} text=${bold} /></strong>`;
  if (italic) return html`<em><${RichText} text=${italic} /></em>`;
  if (struck) return html`<s><${RichText} text=${struck} /></s>`;
  return url ? html`<${OutLink} href=${url} />` : whole;
}
