/** Messages: search, and a message's page. Reading a page of the list costs half a read unit a message. */
import { html, useState } from '../vendor/htm-preact.js';
import { ApiError, get } from '../lib/api.js';
import { t } from '../lib/i18n.js';
import { useLive } from '../lib/live.js';
import { usePages } from '../lib/load.js';
import { personOf, statusOf, summary } from '../lib/message_content.js';
import { searchMessages } from '../lib/message_search.js';
import { go, refine, to } from '../lib/router.js';
import { session } from '../lib/session.js';
import { Empty, Head, Loaded, More, Status, Time } from '../parts/basics.js';
import { Field, useFields } from '../parts/forms.js';
import { Table } from '../parts/table.js';
import { MessagePage } from './message.js';

const FILTERS = ['search', 'status', 'direction', 'type', 'from', 'to'];
const TYPES = ['text', 'image', 'video', 'audio', 'document', 'sticker', 'template', 'interactive', 'location', 'contacts', 'reaction'];
/** @type {Record<string, string>} */
const NONE = Object.fromEntries(FILTERS.map((name) => [name, '']));

/** @param {{ parts: string[], query: Record<string, string> }} props */
export const Messages = ({ parts, query }) => (parts[0] ? html`<${MessagePage} key=${parts[0]} id=${parts[0]} />` : html`<${Search} query=${query} />`);

/** What is searched for: times as the API has them, in the instance that is looked at.
 * @param {Record<string, string>} filters */
function queryOf({ from, to: until, ...rest }) {
  const time = (/** @type {string} */ local) => (local ? new Date(local).toISOString() : undefined);
  return { ...rest, from: time(from), to: time(until), instanceId: rest.batchId ? undefined : session.get()?.instanceId };
}

/** @param {{ query: Record<string, string> }} props */
function Search({ query }) {
  const [typed, change] = useFields({ ...NONE, ...query });
  const [fresh, setFresh] = useState(/** @type {string[]} */ ([]));
  const asked = queryOf({ ...NONE, ...query });
  const pages = usePages((cursor, signal) => searchMessages(asked, cursor, signal), [asked]);
  useLive((events) => {
    if (events.length === 0) return pages.reload();
    const others = applyEvents(pages, events);
    setFresh((before) => [...new Set([...before, ...others])]);
  });
  const choose = (/** @type {string} */ name) => (/** @type {string} */ value) => (change(name)(value), refine({ ...query, [name]: value }));
  const search = async (/** @type {Event} */ event) => {
    event.preventDefault();
    if (await isMessage(typed.search.trim())) return go(['messages', typed.search.trim()]);
    refine({ ...query, search: typed.search });
  };
  const any = (/** @type {string} */ name) => /** @type {[string, string]} */ (['', name]);
  const options = (/** @type {string[]} */ values) => values.map((value) => /** @type {[string, string]} */ ([value, t(value)]));
  return html`
    <${Head} title=${t('Messages')}>
      ${fresh.length > 0 && html`<button type="button" onClick=${() => (setFresh([]), pages.reload())}>${t('{n} new', { n: fresh.length })}</button>`}
      <button type="button" onClick=${() => (setFresh([]), pages.reload())}>${t('Refresh')}</button>
    <//>
    ${query.batchId && html`<p class="hint line spread"><span>${t('Messages of a batch')} <a href=${to(['batches', query.batchId])}>${query.batchId}</a></span><button type="button" class="small" onClick=${() => refine({ ...query, batchId: '' })}>${t('Show all messages')}</button></p>`}
    <form class="filters" role="search" onSubmit=${search}>
      <div class="search"><${Field} label=${t('Number, user id, reference or message id')} type="search" value=${typed.search} onInput=${change('search')} /><button>${t('Search')}</button></div>
      <${Field} as="select" label=${t('Status')} value=${typed.status} onInput=${choose('status')} options=${[any(t('Any')), ...options(['scheduled', 'queued', 'sent', 'delivered', 'read', 'failed'])]} />
      <${Field} as="select" label=${t('Direction')} value=${typed.direction} onInput=${choose('direction')} options=${[any(t('Any')), ...options(['outbound', 'inbound'])]} />
      <${Field} as="select" label=${t('Type')} value=${typed.type} onInput=${choose('type')} options=${[any(t('Any')), ...options(TYPES)]} />
      <${Field} type="datetime-local" label=${t('From')} value=${typed.from} onInput=${choose('from')} />
      <${Field} type="datetime-local" label=${t('Until')} value=${typed.to} onInput=${choose('to')} />
    </form>
    <${Loaded} of=${pages} rows=${10} isEmpty=${pages.rows.length === 0} empty=${html`<${Empty} title=${t('No messages')}>${t('Nothing matches this search.')}<//>`}>
      <${Table} label=${t('Messages')} rows=${pages.rows} columns=${COLUMNS()} idOf=${(/** @type {any} */ row) => row.messageId} linkOf=${(/** @type {any} */ row) => to(['messages', row.messageId])} onEnd=${pages.rows.length >= 100 ? pages.loadMore : undefined} />
      <${More} pages=${pages} />
    <//>
  `;
}

const COLUMNS = () => [
  { title: t('Person'), isName: true, cell: (/** @type {any} */ row) => personOf(row) },
  { title: t('Message'), isWide: true, cell: summary },
  { title: t('Status'), isSlim: true, cell: (/** @type {any} */ row) => html`<${Status} of=${statusOf(row)} label=${row.error ? row.error.code : undefined} />` },
  { title: t('Reference'), hidesOnPhone: true, cell: (/** @type {any} */ row) => row.reference ?? '' },
  { title: t('Time'), isNumber: true, isSlim: true, cell: (/** @type {any} */ row) => html`<${Time} at=${row.timestamp} />` },
];

/** Whether there is a message with this id. @param {string} text */
async function isMessage(text) {
  if (!text.startsWith('msg_')) return false;
  return get(`/v1/messages/${encodeURIComponent(text)}`).then(() => true, (error) => !(error instanceof ApiError && error.status === 404));
}

/** Shows new statuses of rows. Returns the ids of messages that are not among them.
 * @param {any} pages @param {import('../lib/types.js').LiveEvent[]} events @returns {string[]} */
function applyEvents(pages, events) {
  const changes = new Map(events.filter(({ body }) => body.event.startsWith('message.')).map(({ body }) => [body.data.messageId, body]));
  const known = new Set();
  const data = pages.rows.map((/** @type {any} */ row) => {
    const change = changes.get(row.messageId);
    if (!change) return row;
    known.add(row.messageId);
    return row.direction === 'outbound' ? { ...row, status: change.data.status, error: change.data.error } : row;
  });
  if (known.size) pages.change({ ...pages.data, data });
  return [...changes.keys()].filter((id) => !known.has(id));
}
