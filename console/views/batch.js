/** A batch's page: how far it has come, live. Looking costs half a read unit a message, so it is not looked at with each event. */
import { html, useEffect, useRef } from '../vendor/htm-preact.js';
import { call, get } from '../lib/api.js';
import { dayAndMonth, hourAndMinute, number } from '../lib/format.js';
import { t } from '../lib/i18n.js';
import { liveState, useLive } from '../lib/live.js';
import { useLoad } from '../lib/load.js';
import { to } from '../lib/router.js';
import { may, session } from '../lib/session.js';
import { useStore } from '../lib/store.js';
import { BatchCounts } from '../parts/batch_counts.js';
import { Fact, Head, Loaded, Status, Time } from '../parts/basics.js';
import { ask } from '../parts/dialogs.js';

/** How long after events it is looked at, in milliseconds: while it is sent, and when only receipts come. The latter also without events while it is sent. */
const [WHILE_SENT, AFTERWARDS] = [5_000, 30_000];
/** How often it is looked at where no events come. */
const WITHOUT_EVENTS = 10_000;
/** The longest wait that timers take. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** @param {{ id: string }} props */
export function BatchPage({ id }) {
  const path = `/v1/batches/${encodeURIComponent(id)}`;
  const batch = useLoad((signal) => get(path, {}, signal).then(({ data }) => data), [id]);
  const found = batch.data;
  useProgress(batch, id);
  const left = found ? found.counts.queued + found.counts.scheduled : 0;
  const isOpen = found && ['scheduled', 'sending'].includes(found.status);
  return html`
    <${Head} title=${found ? t('Batch of {time}', { time: `${dayAndMonth(found.timestamp)} ${hourAndMinute(found.timestamp)}` }) : t('Batch')} back="#/batches">
      ${found && html`<a class="button" href=${to(['messages'], { batchId: id })}>${t('Its messages')}</a>`}
      ${isOpen && left > 0 && may('messages:write') && html`<button type="button" onClick=${() => askCancelBatch(path, left, batch.change)}>${t('Cancel the batch')}</button>`}
    <//>
    <${Loaded} of=${batch} rows=${6}>${found && html`
      <${BatchCounts} batchId=${id} accepted=${found.accepted} counts=${found.counts} />
      <section class="card"><dl class="facts">
        <${Fact} name=${t('Status')}><${Status} of=${found.status} /><//>
        ${found.sendAt && html`<${Fact} name=${t('Scheduled for')}><${Time} at=${found.sendAt} /><//>`}
        <${Fact} name=${t('First sent')}><${Time} at=${found.firstSentAt} /><//>
        <${Fact} name=${t('Last sent')}><${Time} at=${found.lastSentAt} /><//>
        ${found.estimatedEndAt && html`<${Fact} name=${t('Estimated end')}><${Time} at=${found.estimatedEndAt} /><//>`}
        ${found.completedAt && html`<${Fact} name=${t('Completed')}><${Time} at=${found.completedAt} /><//>`}
        ${found.canceledAt && html`<${Fact} name=${t('Canceled')}><${Time} at=${found.canceledAt} /><//>`}
        <${Fact} name=${t('Rejected')}>${number(found.rejected)}<//>
        <${Fact} name=${t('Instance')}>${session.get()?.instances.find((one) => one.id === found.instanceId)?.name ?? found.instanceId}<//>
        <${Fact} name=${t('Batch id')} isWide><span class="mono">${found.batchId}</span><//>
      </dl></section>
    `}<//>
  `;
}

/** Looks again when something has happened, with pauses; and now and then until it is complete, more often where no events come.
 * @param {any} batch @param {string} id */
function useProgress(batch, id) {
  const timer = useRef(/** @type {any} */ (undefined));
  const lookedAt = useRef(0);
  const state = useStore(liveState);
  const status = batch.data?.status;
  const isOpen = ['scheduled', 'sending'].includes(status);
  const later = (/** @type {number} */ wait) => {
    timer.current ??= setTimeout(() => ((timer.current = undefined), batch.reload()), wait);
  };
  // Also what was missed is looked for with the same pauses: while much happens, every poll of the listener misses something.
  const soon = () => {
    clearTimeout(timer.current);
    timer.current = undefined;
    later(Math.max(0, lookedAt.current + WHILE_SENT - Date.now()));
  };
  useEffect(() => void (lookedAt.current = Date.now()), [batch.data]);
  useEffect(() => () => clearTimeout(timer.current), []);
  useLive((events) => {
    const isOfInstance = events.some(({ body }) => body.event.startsWith('message.') && body.event !== 'message.received' && body.data.instanceId === batch.data?.instanceId);
    if (events.length === 0 || events.some(({ body }) => body.event === 'batch.completed' && body.data.batchId === id)) soon();
    else if (isOfInstance) later(isOpen ? WHILE_SENT : AFTERWARDS);
  });
  useEffect(() => {
    if (status !== 'sending') return undefined;
    const poll = setInterval(() => document.hidden || batch.reload(), state === 'live' ? AFTERWARDS : WITHOUT_EVENTS);
    return () => clearInterval(poll);
  }, [status, state]);
  useEffect(() => {
    if (status !== 'scheduled') return undefined;
    const due = setTimeout(batch.reload, Math.min(LONGEST_TIMER, Math.max(0, Date.parse(batch.data.sendAt ?? '') - Date.now() || 0) + WHILE_SENT));
    return () => clearTimeout(due);
  }, [batch.data]);
}

/** @param {string} path @param {number} left @param {(batch: any) => void} change */
const askCancelBatch = (path, left, change) => ask({
  title: t('Cancel this batch?'), action: t('Cancel the batch'), isDangerous: true,
  text: t('{n} messages that still wait are not sent: they end as failed (canceled), and their credits come back. What has left stays sent. This cannot be undone.', { n: number(left) }),
  run: async () => change((await call('DELETE', path)).data),
});
