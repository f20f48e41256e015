/** A batch that is being sent in parts: how far it is, what it waits for, and what was rejected. */
import { html, useMemo } from '../vendor/htm-preact.js';
import { ApiError, ConnectionError, newIdempotencyKey } from '../lib/api.js';
import { changeSending, forgetDraft, ownDraft } from '../lib/batch_draft.js';
import { requestOf } from '../lib/batch_rows.js';
import { sendParts, sendState, stopSending } from '../lib/batch_send.js';
import { fullTime, number, secondsOfDay } from '../lib/format.js';
import { t } from '../lib/i18n.js';
import { go, to } from '../lib/router.js';
import { useStore } from '../lib/store.js';
import { Head, Problem } from '../parts/basics.js';
import { ask } from '../parts/dialogs.js';
import { BatchFile } from './batch_file.js';
import { ProblemRows } from './batch_problems.js';

/** @typedef {import('../lib/batch_draft.js').Sending} Sending */

/** @param {{ sending: Sending, batch?: import('./batch_create.js').Batch, template: any }} props */
export function BatchSending({ sending, batch, template }) {
  const { fileName } = ownDraft();
  const isDone = sending.done === sending.total;
  const recipients = useMemo(() => (batch ? requestOf(batch.good, batch.mapping, template).recipients : undefined), [batch]);
  const rejected = batch ? sending.rejected.map(({ index, code, message }) => ({ ...batch.good[index], code, problem: message })) : [];
  const close = () => (forgetDraft(), go(['batches']));
  return html`
    <${Head} title=${fileName} back="#/batches">
      ${isDone && html`<button type="button" class="primary" onClick=${close}>${t('Done')}</button>`}
    <//>
    <div class="stack">
      <${Progress} sending=${sending} />
      ${!isDone && (recipients ? html`<${State} sending=${sending} recipients=${recipients} />` : html`
        <p class="hint">${t('The file was too large to be kept over a reload. Choose it again to send the rest; nobody gets a message twice.')}</p><${BatchFile} />
      `)}
      ${sending.rejected.length > 0 && html`<${ProblemRows} title=${t('Rejected: {n}', { n: number(sending.rejected.length) })} rows=${rejected} names=${batch?.names ?? []} fileName=${fileName} />`}
      <${Parts} sending=${sending} />
    </div>
  `;
}

/** @param {{ sending: Sending }} props */
function Progress({ sending: { done, total, batches, rejected, common } }) {
  const accepted = batches.reduce((sum, one) => sum + one.accepted, 0);
  return html`
    <section class="card stack">
      <p class="strong" role="status">${t('{n} of {m} recipients sent', { n: number(done), m: number(total) })}</p>
      <svg class="progress" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true"><rect class="fill-read" width=${(done / total) * 100} height="8" /></svg>
      <p class="fine">${t('{n} accepted, {m} rejected.', { n: number(accepted), m: number(rejected.length) })} ${common.sendAt ? t('Scheduled for {time}.', { time: fullTime(/** @type {string} */ (common.sendAt)) }) : ''}</p>
    </section>
  `;
}

/** What happens now, and what can be done about it. @param {{ sending: Sending, recipients: object[] }} props */
function State({ sending, recipients }) {
  const { isBusy, error, waitsFor, until } = useStore(sendState);
  const proceed = () => void sendParts(recipients);
  const isLate = error instanceof ApiError && error.field === 'sendAt';
  const proceedAtOnce = () => {
    const { sendAt, ...common } = sending.common;
    changeSending({ key: newIdempotencyKey(), common, from: sending.done, parts: 0 });
    proceed();
  };
  const askDiscard = () => ask({
    title: t('Send no more of it?'), action: t('Leave the rest'), isDangerous: true,
    text: t('{n} recipients get nothing. What is sent stays sent; a batch that has not left can be canceled on its page.', { n: number(sending.total - sending.done) }),
    run: async () => (forgetDraft(), go(['batches'])),
  });
  if (isBusy) {
    return html`
      <section class="card line spread">
        <p role="status">${waitsFor ? `${waitsFor instanceof ConnectionError ? t('The API did not answer.') : waitsFor.message} ${t('It is tried again at {time}.', { time: secondsOfDay(until) })}` : t('Sending. You may look at other views; keep this tab open.')}</p>
        <button type="button" onClick=${stopSending}>${t('Stop')}</button>
      </section>
    `;
  }
  return html`
    <${Problem} error=${error} />
    <section class="card line spread">
      <p>${t('It has stopped.')} ${t('What is sent stays sent, and nobody gets a message twice.')}</p>
      <div class="buttons">
        <button type="button" onClick=${askDiscard}>${t('Leave the rest')}</button>
        <button type="button" class="primary" onClick=${isLate ? proceedAtOnce : proceed}>${isLate ? t('Send the rest at once') : t('Send the rest')}</button>
      </div>
    </section>
  `;
}

/** @param {{ sending: Sending }} props */
const Parts = ({ sending: { id, batches } }) => (batches.length === 0 ? null : html`
  <section class="card">
    <div class="line spread"><h2>${t('Batches')}</h2>${batches.length > 1 && html`<a href=${to(['batches', 'files', id])}>${t('All parts together')}</a>`}</div>
    <p class="fine">${t('The API takes 1,000 recipients at a time: each part is a batch of its own.')}</p>
    <div class="scrolls" tabindex="0" role="group" aria-label=${t('Batches')}>
      <table class="simple"><tbody>${batches.map(({ batchId, accepted }, index) => html`
        <tr key=${batchId}><td><a href=${to(['batches', batchId])}>${t('Part {n}', { n: index + 1 })}</a></td><td class="number">${t('{n} messages', { n: number(accepted) })}</td></tr>
      `)}</tbody></table>
    </div>
  </section>
`);
