/** Small things that every view shows: icons, links, statuses, times, errors, empty and loading states. */
import { html, useEffect, useState } from '../vendor/htm-preact.js';
import { ApiError, ConnectionError } from '../lib/api.js';
import { fullTime, linkable, shortTime } from '../lib/format.js';
import { t } from '../lib/i18n.js';

/** @type {Record<string, string>} 16 by 16, drawn with strokes */
const ICONS = {
  overview: 'M2 13V8M6 13V4M10 13V6M14 13V2',
  conversations: 'M2 3h9v6H6l-3 2.5V9H2zM12.5 6H14v5.5h-1V14l-3-2.5H7.5',
  messages: 'M2 4h12M2 8h12M2 12h8',
  batches: 'M2 6l6-3 6 3-6 3zM2 9.5l6 3 6-3',
  webhooks: 'M5.5 8.5L8 4a2 2 0 1 1 2.5 2.6M9 6l2.5 4.2a2 2 0 1 1-2 2.6M9 12.5H4.2A2 2 0 1 1 4 9',
  templates: 'M3 2h10v12H3zM3 6h10M6 9h4M6 11.5h4',
  instances: 'M5 1.5h6v13H5zM7.5 12.3h1',
  operator: 'M8 1.5l5 2v4c0 3.5-2.2 5.8-5 7-2.8-1.2-5-3.5-5-7v-4zM6 8l1.5 1.5L10.5 6.5',
  close: 'M4 4l8 8M12 4l-8 8',
  back: 'M10 3L5 8l5 5',
  send: 'M2 8l12-5-5 12-2-5.5z',
  attach: 'M12 7.5L7.5 12a2.5 2.5 0 0 1-4-3.5L9 3a1.7 1.7 0 0 1 2.5 2.5L6.5 10.5',
  moon: 'M13 9.5A5.5 5.5 0 1 1 6.5 3 4.5 4.5 0 0 0 13 9.5z',
};

/** @param {{ name: string }} props */
export const Icon = ({ name }) => html`
  <svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true"><path d=${ICONS[name]} /></svg>
`;

/** A link out of the console, if what it names is http or https, else the text alone. @param {{ href: unknown, children?: any }} props */
export function OutLink({ href, children }) {
  const url = linkable(href);
  return url ? html`<a href=${url} target="_blank" rel="noopener noreferrer">${children ?? href}</a>` : html`<span>${children ?? href}</span>`;
}

/** The tone of each status: how it is coloured. @type {Record<string, string>} */
const TONES = {
  read: 'good', delivered: 'good', sent: 'calm', queued: 'wait', scheduled: 'wait', failed: 'bad', received: 'plain',
  active: 'good', connected: 'good', disabled: 'bad', disconnected: 'wait', success: 'good', paused: 'wait', failing: 'wait',
  APPROVED: 'good', PENDING: 'wait', REJECTED: 'bad', PAUSED: 'wait', DISABLED: 'bad', running: 'wait', done: 'good', sending: 'calm', completed: 'good', canceled: 'bad', closing: 'wait', closed: 'bad',
};
/** @type {Record<string, string>} */
const MARKS = { queued: '◷', scheduled: '◷', sent: '✓', delivered: '✓✓', read: '✓✓', failed: '!', received: '↓' };

/** @param {{ of: string, label?: string }} props */
export const Status = ({ of, label }) => html`
  <span class="status ${TONES[of] ?? 'plain'} ${of === 'read' ? 'is-read' : ''}"><span class="mark" aria-hidden="true">${MARKS[of] ?? '●'}</span><span>${label ?? t(of)}</span></span>
`;

/** A time; its whole date is in its title. @param {{ at?: string | null }} props */
export const Time = ({ at }) => html`<time datetime=${at ?? undefined} title=${at ? fullTime(at) : undefined}>${shortTime(at)}</time>`;

/** An error in the API's own words, with the id that the operator finds it by. @param {{ error?: Error, retry?: () => void }} props */
export function Problem({ error, retry }) {
  if (!error) return null;
  const isApi = error instanceof ApiError;
  return html`
    <div class="problem" role="alert">
      <p>${error instanceof ConnectionError ? t('The API did not answer.') : error.message}</p>
      ${isApi && html`<p class="fine">${error.code}${error.providerCode ? ` · WhatsApp ${error.providerCode}` : ''} · ${error.requestId}</p>`}
      ${retry && html`<button type="button" class="small" onClick=${retry}>${t('Try again')}</button>`}
    </div>
  `;
}

/** Rows that are on their way, as high as the rows will be. @param {{ rows?: number }} props */
export function Loading({ rows = 4 }) {
  const [isSlow, setSlow] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setSlow(true), 4000);
    return () => clearTimeout(timer);
  }, []);
  return html`
    <div class="loading" role="status" aria-label=${t('Loading')}>
      ${Array.from({ length: rows }, (_, index) => html`<div class="bone" key=${index}></div>`)}
      ${isSlow && html`<p class="fine">${t('The API takes longer than usual.')}</p>`}
    </div>
  `;
}

/** @param {{ title: string, children?: any }} props */
export const Empty = ({ title, children }) => html`<div class="empty"><p class="strong">${title}</p>${children && html`<p>${children}</p>`}</div>`;

/** What is loaded, or that it loads, failed or is empty. A page without rows is not the end of a list that has more.
 * @param {{ of: { data?: any, error?: Error, isLoading: boolean, reload: () => void, hasMore?: boolean }, isEmpty?: boolean, empty?: any, rows?: number, children?: any }} props */
export function Loaded({ of, isEmpty, empty, rows, children }) {
  if (of.data === undefined) return of.error ? html`<${Problem} error=${of.error} retry=${of.reload} />` : html`<${Loading} rows=${rows} />`;
  return html`<div class="stack">${of.error && html`<${Problem} error=${of.error} retry=${of.reload} />`}${isEmpty && !of.hasMore ? empty : children}</div>`;
}

/** A button that copies a text and says so. @param {{ text: string, children?: any, label?: string, isLarge?: boolean }} props */
export function Copy({ text, children, label, isLarge }) {
  const [isCopied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
    setTimeout(() => setCopied(false), 1500);
  };
  return html`<button type="button" class=${isLarge ? '' : 'small'} onClick=${copy} aria-label=${label}><span aria-live="polite">${isCopied ? t('Copied') : (children ?? t('Copy'))}</span></button>`;
}

/** A name and its value, in a `dl`. @param {{ name: string, isWide?: boolean, children?: any }} props */
export const Fact = ({ name, isWide, children }) => html`<div class=${isWide ? 'fact is-wide' : 'fact'}><dt>${name}</dt><dd>${children ?? '–'}</dd></div>`;

/** The head of a view. @param {{ title: any, back?: string, children?: any }} props */
export function Head({ title, back, children }) {
  return html`
    <header class="head">
      ${back && html`<a class="back" href=${back} aria-label=${t('Back')}><${Icon} name="back" /></a>`}
      <h1 tabindex="-1">${title}</h1>
      <div class="actions">${children}</div>
    </header>
  `;
}

/** A button for the rest of a list. @param {{ pages: any }} props */
export const More = ({ pages }) => html`
  <${Problem} error=${pages.moreError} />
  ${pages.hasMore && html`<button type="button" class="more" disabled=${pages.isLoadingMore} onClick=${pages.loadMore}>${pages.isLoadingMore ? t('Loading') : t('Show more')}</button>`}
`;
