/** A message as WhatsApp shows it. Nothing in it is more than text, and a file is loaded when somebody asks for it. */
import { html, useState } from '../vendor/htm-preact.js';
import { call, pause } from '../lib/api.js';
import { hourAndMinute } from '../lib/format.js';
import { t } from '../lib/i18n.js';
import { useAction } from '../lib/load.js';
import { partsOf, statusOf, summary } from '../lib/message_content.js';
import { to } from '../lib/router.js';
import { OutLink, Problem, Status } from './basics.js';
import { RichText } from './rich_text.js';

/** How often a file is asked for while WhatsApp delivers it. */
const MOST_ASKED = 10;

/** @param {{ message: any, quoted?: any, isAlone?: boolean }} props */
export function Bubble({ message, quoted, isAlone }) {
  const status = statusOf(message);
  const failed = message.status === 'failed' ? 'is-failed' : '';
  return html`
    <div class="bubble ${failed}">
      ${message.context && html`<blockquote>${quoted ? summary(quoted) : t('An earlier message')}</blockquote>`}
      <${Content} message=${message} />
      <div class="meta">
        ${message.referral && html`<span>${t('From an ad')}</span>`}
        ${isAlone ? html`<span>${hourAndMinute(message.timestamp)}</span>` : html`<a href=${to(['messages', message.messageId])}>${hourAndMinute(message.timestamp)}<span class="unseen"> ${t('Open this message')}</span></a>`}
        ${status !== 'received' && html`<${Status} of=${status} />`}
      </div>
    </div>
  `;
}

/** @param {{ message: any }} props */
function Content({ message }) {
  const { template, interactive, reaction, caption, mediaUrl, media, type } = message;
  const { location, contacts } = partsOf(message);
  if (template) return html`<${TemplateSent} template=${template} />`;
  if (reaction) return html`<span>${reaction.emoji || t('Reaction removed')} <span class="fine">${t('reaction')}</span></span>`;
  if (location) return html`<div>${location.name && html`<p class="strong">${plain(location.name)}</p>`}<p>${plain(location.address)}</p><p class="fine">${plain(location.latitude)}, ${plain(location.longitude)}</p></div>`;
  if (contacts) return html`<div>${contacts.map((/** @type {any} */ one, /** @type {number} */ index) => html`<p key=${index}><span class="strong">${plain(one.name?.formatted_name)}</span> ${phones(one)}</p>`)}</div>`;
  if (interactive) return html`<${InteractiveSent} interactive=${interactive} />`;
  if (mediaUrl || media) return html`<div><${File} message=${message} />${(caption || (type !== 'document' && message.content)) && html`<p><${RichText} text=${caption || message.content} /></p>`}</div>`;
  if (message.content) return html`<${RichText} text=${message.content} />`;
  return html`<em>${t(type)}</em>`;
}

/** What should be a text or a number, as text: a stranger may have sent an object. @param {unknown} value */
const plain = (value) => (value === undefined || value === null ? '' : String(value));

/** @param {any} card */
const phones = (card) => (Array.isArray(card.phones) ? card.phones.map((/** @type {any} */ one) => plain(one?.phone)).join(', ') : '');

/** @param {{ template: any }} props */
const TemplateSent = ({ template }) => html`
  <div>
    <p><span class="fine">${t('template')}</span> <span class="strong">${template.name}</span> <span class="fine">${template.language}</span></p>
    ${template.components?.map((/** @type {any} */ component, /** @type {number} */ index) => html`
      <p key=${index} class="fine">${plain(component.type)}: ${component.parameters?.map((/** @type {any} */ parameter) => parameter.text ?? parameter.payload ?? parameter.type).join(' · ')}</p>
    `)}
  </div>
`;

/** @param {{ interactive: any }} props */
function InteractiveSent({ interactive }) {
  const { header, body, footer, action = {} } = interactive;
  const options = [...(action.buttons ?? []).map((/** @type {any} */ one) => one.reply?.title), action.button, action.parameters?.display_text].filter(Boolean);
  return html`
    <div>
      ${header?.text && html`<p class="strong">${header.text}</p>`}
      ${body?.text && html`<p><${RichText} text=${body.text} /></p>`}
      ${footer?.text && html`<p class="fine">${footer.text}</p>`}
      ${options.map((option, index) => html`<p key=${index} class="option">${option}</p>`)}
    </div>
  `;
}

/** A file: the link that was sent, or a received one, which is fetched when asked for. @param {{ message: any }} props */
function File({ message }) {
  const [url, setUrl] = useState('');
  const fetched = useAction(async () => setUrl(await fileUrl(message.messageId)));
  const name = message.filename ?? t(message.type);
  if (message.direction === 'outbound') return html`<p>${t(message.type)}: ${message.mediaUrl ? html`<${OutLink} href=${message.mediaUrl}>${message.filename ?? message.mediaUrl}<//>` : name}</p>`;
  if (url && ['image', 'sticker'].includes(message.type)) return html`<img src=${url} alt=${message.caption ?? name} />`;
  if (url) return html`<p><${OutLink} href=${url}>${t('Download {name}', { name })}<//></p>`;
  return html`
    <p>${name} <button type="button" class="small" disabled=${fetched.isBusy} onClick=${() => fetched.run()}>${fetched.isBusy ? t('Loading') : t('Show')}</button></p>
    <${Problem} error=${fetched.error} />
  `;
}

/** The URL of a received file, for which WhatsApp may be asked first. @param {string} id @returns {Promise<string>} */
async function fileUrl(id) {
  for (let asked = 1; ; asked += 1) {
    const answer = await call('GET', `/v1/messages/${encodeURIComponent(id)}/media`, { query: { redirect: false } });
    if (answer?.data?.url || asked === MOST_ASKED) return answer?.data?.url ?? '';
    await pause(1000);
  }
}
