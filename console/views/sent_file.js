/** A file that this tab has sent: the sum of its parts, each part, and the cancellation of all. */
import { html } from '../vendor/htm-preact.js';
import { call } from '../lib/api.js';
import { ownDraft } from '../lib/batch_draft.js';
import { useParts } from '../lib/batch_parts.js';
import { sendState } from '../lib/batch_send.js';
import { number } from '../lib/format.js';
import { t } from '../lib/i18n.js';
import { to } from '../lib/router.js';
import { ownSentFiles, sentFiles, unknownOf } from '../lib/sent_files.js';
import { may } from '../lib/session.js';
import { useStore } from '../lib/store.js';
import { BatchCounts } from '../parts/batch_counts.js';
import { Empty, Fact, Head, Loaded, Status, Time } from '../parts/basics.js';
import { ask } from '../parts/dialogs.js';
import { Table } from '../parts/table.js';

/** @typedef {import('../lib/batch_parts.js').Part} Part */

/** @param {{ id: string }} props */
export function SentFilePage({ id }) {
  useStore(sentFiles);
  const file = ownSentFiles().find((one) => one.id === id);
  if (file) return html`<${PartsOfFile} file=${file} />`;
  return html`<${Head} title=${t('Sent file')} back="#/batches" /><${Empty} title=${t('This tab has not sent the file')}>${t('Which batches a file became is known only to the tab that sent it. The batches themselves are in the list.')}<//>`;
}

/** @param {{ file: import('../lib/sent_files.js').SentFile }} props */
function PartsOfFile({ file }) {
  const { isBusy } = useStore(sendState);
  const parts = useParts(file);
  const isUnfinished = file.done < file.total && ownDraft().sending?.id === file.id;
  const unknown = unknownOf(file);
  const open = parts.data?.filter(({ status }) => status === 'scheduled' || status === 'sending') ?? [];
  const { queued, scheduled } = sumOf(open);
  const mayCancel = queued + scheduled > 0 && may('messages:write') && !(isUnfinished && isBusy);
  return html`
    <${Head} title=${file.name} back="#/batches">
      <button type="button" onClick=${parts.reload}>${t('Refresh')}</button>
      ${mayCancel && html`<button type="button" onClick=${() => askCancelAll(open, queued + scheduled, unknown > 0, parts.put)}>${t('Cancel all')}</button>`}
    <//>
    <div class="stack">
      ${isUnfinished && html`<div class="hint line"><p>${t('{name}: {n} of {m} recipients are sent.', { name: file.name, n: number(file.done), m: number(file.total) })} ${isBusy ? '' : t('It has stopped.')}</p><a class="button" href="#/batches/new">${t('Open')}</a></div>`}
      ${!isUnfinished && unknown > 0 && html`<div class="hint"><p>${t('{n} of {m} recipients are in no part that this tab knows. If they were sent, their parts are in the list of batches alone.', { n: number(unknown), m: number(file.total) })}</p></div>`}
      <${Loaded} of=${parts} rows=${6}>${parts.data && html`
        <${BatchCounts} accepted=${acceptedOf(parts.data)} counts=${sumOf(parts.data)} />
        <section class="card"><dl class="facts">
          <${Fact} name=${t('Begun')}><${Time} at=${file.begunAt} /><//>
          <${Fact} name=${t('Recipients')}>${number(file.total)}<//>
          <${Fact} name=${t('Messages')}>${number(acceptedOf(parts.data))}<//>
          <${Fact} name=${t('Rejected')}>${number(file.rejected)}<//>
          ${unknown > 0 && html`<${Fact} name=${isUnfinished ? t('Not sent') : t('In no known part')}>${number(unknown)}<//>`}
        </dl></section>
        <${Table} label=${t('Parts')} rows=${parts.data} columns=${partColumns(parts.data)} idOf=${(/** @type {Part} */ { batchId }) => batchId} linkOf=${(/** @type {Part} */ { batchId }) => to(['batches', batchId])} />
      `}<//>
    </div>
  `;
}

/** @param {Part[]} parts */
const acceptedOf = (parts) => parts.reduce((sum, part) => sum + part.accepted, 0);

/** The counts of several parts. @param {Part[]} parts */
function sumOf(parts) {
  /** @type {Record<string, number>} */
  const sum = { scheduled: 0, queued: 0, sent: 0, delivered: 0, read: 0, failed: 0 };
  for (const { counts } of parts) for (const name of Object.keys(sum)) sum[name] += counts[name];
  return sum;
}

/** @param {Part[]} parts */
const partColumns = (parts) => [
  { title: t('Part'), cell: (/** @type {Part} */ part) => t('Part {n}', { n: number(parts.indexOf(part) + 1) }) },
  { title: t('Status'), isSlim: true, cell: (/** @type {Part} */ part) => html`<${Status} of=${part.status} />` },
  { title: t('Messages'), isNumber: true, cell: (/** @type {Part} */ part) => number(part.accepted) },
  { title: t('waiting'), isNumber: true, cell: (/** @type {Part} */ { counts }) => number(counts.scheduled + counts.queued) },
  ...['sent', 'delivered', 'read', 'failed'].map((name) => ({ title: t(name), isNumber: true, hidesOnPhone: true, cell: (/** @type {Part} */ { counts }) => number(counts[name]) })),
];

/** @param {Part[]} open @param {number} left @param {boolean} isIncomplete @param {(changes: import('../lib/batch_parts.js').Change[]) => void} put */
const askCancelAll = (open, left, isIncomplete, put) => ask({
  title: t('Cancel all parts?'), action: t('Cancel all'), isDangerous: true,
  text: [
    t('{n} messages that still wait are not sent: they end as failed (canceled), and their credits come back. What has left stays sent. This cannot be undone.', { n: number(left) }),
    isIncomplete && t('A part that this tab does not know is in the list of batches, and has to be canceled there.'),
  ].filter(Boolean).join(' '),
  run: async () => {
    for (const { batchId } of open) put([{ ...(await call('DELETE', `/v1/batches/${encodeURIComponent(batchId)}`)).data, lookedAt: Date.now(), error: undefined }]);
  },
});
