/** A webhook's delivery log: each attempt with what the endpoint answered. */
import { html, useState } from '../vendor/htm-preact.js';
import { call, get } from '../lib/api.js';
import { duration, fullTime } from '../lib/format.js';
import { t } from '../lib/i18n.js';
import { useAction, usePages } from '../lib/load.js';
import { to } from '../lib/router.js';
import { may } from '../lib/session.js';
import { Empty, Loaded, More, Problem, Status, Time } from '../parts/basics.js';
import { notify } from '../parts/dialogs.js';
import { Choice } from '../parts/forms.js';

/** @param {{ path: string }} props */
export function DeliveryLog({ path }) {
  const [status, setStatus] = useState('');
  const pages = usePages((after, signal) => get(`${path}/logs`, { status, limit: 50, after }, signal), [path, status]);
  return html`
    <section class="card">
      <header class="head"><h2>${t('Delivery log')}</h2><div class="actions">
        <${Choice} label=${t('Status')} value=${status} onChange=${setStatus} options=${[['', t('All')], ['failed', t('failed')], ['success', t('success')]]} />
        <button type="button" class="small" onClick=${pages.reload}>${t('Refresh')}</button>
      </div></header>
      <${Loaded} of=${pages} isEmpty=${pages.rows.length === 0} empty=${html`<${Empty} title=${t('Nothing in the log')}>${t('Failed deliveries are listed here, and successful ones if the webhook logs them.')}<//>`}>
        <ul class="log">${pages.rows.map((/** @type {any} */ row) => html`<${Attempt} key=${row.id} row=${row} path=${path} />`)}</ul>
        <${More} pages=${pages} />
      <//>
    </section>
  `;
}

/** @param {{ row: any, path: string }} props */
function Attempt({ row, path }) {
  const replayed = useAction(async () => {
    await call('POST', `${path}/replay`, { body: { logId: row.id } });
    notify(t('The event is delivered again'));
  });
  return html`
    <li><details>
      <summary><${Status} of=${row.status} label=${row.statusCode ? String(row.statusCode) : t(row.status)} /><span class="event">${row.event}</span><span class="fine">${row.error ?? ''}</span><${Time} at=${row.timestamp} /></summary>
      <div class="stack">
        <p class="fine">${[duration(row.responseTime), t('attempt {n}', { n: row.retryCount + 1 }), row.nextRetryAt && t('next at {time}', { time: fullTime(row.nextRetryAt) }), row.eventId].filter(Boolean).join(' · ')}</p>
        ${row.error && html`<p>${row.error}</p>`}
        ${row.response && html`<h3>${t('What the endpoint answered')}</h3><pre tabindex="0">${row.response}</pre>`}
        <div class="line">
          ${row.messageId && html`<a href=${to(['messages', row.messageId])}>${t('Open its message')}</a>`}
          ${may('webhooks:write') && html`<button type="button" class="small" disabled=${replayed.isBusy} onClick=${() => replayed.run()}>${t('Replay this event')}</button>`}
        </div>
        <${Problem} error=${replayed.error} />
      </div>
    </details></li>
  `;
}
