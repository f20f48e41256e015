/** Batches: one message to many people, from a file. The list, and what is still being sent from this tab. */
import { html } from '../vendor/htm-preact.js';
import { get } from '../lib/api.js';
import { batchDraft, ownDraft } from '../lib/batch_draft.js';
import { sendState } from '../lib/batch_send.js';
import { number } from '../lib/format.js';
import { t } from '../lib/i18n.js';
import { useLive } from '../lib/live.js';
import { usePages } from '../lib/load.js';
import { to } from '../lib/router.js';
import { ownSentFiles, unknownOf } from '../lib/sent_files.js';
import { may, session } from '../lib/session.js';
import { useStore } from '../lib/store.js';
import { Empty, Head, Loaded, More, Status, Time } from '../parts/basics.js';
import { Table } from '../parts/table.js';
import { BatchPage } from './batch.js';
import { CreateBatch } from './batch_create.js';
import { SentFilePage } from './sent_file.js';

/** @param {{ parts: string[] }} props */
export function Batches({ parts: [id, fileId] }) {
  if (id === 'files' && fileId) return html`<${SentFilePage} key=${fileId} id=${fileId} />`;
  if (id === 'new' && may('messages:write')) return html`<${CreateBatch} />`;
  return id && id !== 'new' ? html`<${BatchPage} key=${id} id=${id} />` : html`<${BatchList} />`;
}

function BatchList() {
  const instanceId = session.get()?.instanceId;
  const pages = usePages((after, signal) => get('/v1/batches', { instanceId, limit: 100, after }, signal), [instanceId]);
  useLive((events) => {
    if (events.length === 0 || events.some(({ body }) => body.event === 'batch.completed')) pages.reload();
  });
  const mayCreate = may('messages:write') && instanceId;
  return html`
    <${Head} title=${t('Batches')}>
      <button type="button" onClick=${pages.reload}>${t('Refresh')}</button>
      ${mayCreate && html`<a class="button primary" href="#/batches/new">${t('New batch')}</a>`}
    <//>
    <div class="stack">
      <${Unfinished} />
      <${SentFiles} instanceId=${instanceId} />
      <${Loaded} of=${pages} isEmpty=${pages.rows.length === 0} empty=${html`<${Empty} title=${t('No batches')}>${t('A batch sends a template or a text to everybody in a file.')}<//>`}>
        <${Table} label=${t('Batches')} rows=${pages.rows} columns=${batchColumns()} idOf=${(/** @type {any} */ row) => row.batchId} linkOf=${(/** @type {any} */ row) => to(['batches', row.batchId])} />
        <${More} pages=${pages} />
      <//>
    </div>
  `;
}

/** What this tab sends, or has begun. */
function Unfinished() {
  useStore(batchDraft);
  const { isBusy } = useStore(sendState);
  const { fileName, sending } = ownDraft();
  if (!fileName || !may('messages:write')) return null;
  const parts = { name: fileName, n: number(sending?.done ?? 0), m: number(sending?.total ?? 0) };
  const isDone = sending && sending.done === sending.total;
  const text = !sending ? t('{name} is not sent yet.', parts) : isDone ? t('{name} is sent: {m} recipients.', parts) : t('{name}: {n} of {m} recipients are sent.', parts);
  return html`<div class="hint line"><p>${text} ${sending && !isDone && !isBusy && html`<strong>${t('It has stopped.')}</strong>`}</p><a class="button" href="#/batches/new">${t('Open')}</a></div>`;
}

/** The files that this tab has sent, each the sum of its batches. @param {{ instanceId?: string }} props */
function SentFiles({ instanceId }) {
  const files = ownSentFiles().filter((file) => file.instanceId === instanceId);
  if (files.length === 0) return null;
  return html`
    <section class="stack">
      <h2>${t('Files sent from this tab')}</h2>
      <${Table} label=${t('Files sent from this tab')} rows=${files} columns=${fileColumns()} idOf=${(/** @type {any} */ { id }) => id} linkOf=${(/** @type {any} */ file) => to(file.batches.length === 1 && unknownOf(file) === 0 ? ['batches', file.batches[0].batchId] : ['batches', 'files', file.id])} />
      <h2>${t('All batches')}</h2>
    </section>
  `;
}

const fileColumns = () => [
  { title: t('File'), isWide: true, isName: true, cell: (/** @type {any} */ { name }) => name },
  { title: t('Parts'), isNumber: true, cell: (/** @type {any} */ file) => [number(file.batches.length), unknownOf(file) > 0 && t('incomplete')].filter(Boolean).join(', ') },
  { title: t('Messages'), isNumber: true, cell: (/** @type {any} */ { batches }) => number(batches.reduce((/** @type {number} */ sum, /** @type {any} */ { accepted }) => sum + accepted, 0)) },
  { title: t('Rejected'), isNumber: true, hidesOnPhone: true, cell: (/** @type {any} */ { rejected }) => number(rejected) },
  { title: t('Begun'), isNumber: true, hidesOnPhone: true, cell: (/** @type {any} */ { begunAt }) => html`<${Time} at=${begunAt} />` },
];

const batchColumns = () => [
  { title: t('Time'), cell: (/** @type {any} */ row) => html`<${Time} at=${row.timestamp} />` },
  { title: t('Status'), cell: (/** @type {any} */ row) => html`<${Status} of=${row.status} />` },
  { title: t('Messages'), isNumber: true, cell: (/** @type {any} */ row) => number(row.accepted) },
  { title: t('Rejected'), isNumber: true, hidesOnPhone: true, cell: (/** @type {any} */ row) => number(row.rejected) },
  { title: t('Scheduled for'), isNumber: true, hidesOnPhone: true, cell: (/** @type {any} */ row) => (row.sendAt ? html`<${Time} at=${row.sendAt} />` : '') },
  { title: t('Completed'), isNumber: true, hidesOnPhone: true, cell: (/** @type {any} */ row) => (row.completedAt ? html`<${Time} at=${row.completedAt} />` : '') },
];
