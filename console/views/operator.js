/** What the operator does, with the admin key: accounts, unread callbacks and dead letters. */
import { html } from '../vendor/htm-preact.js';
import { call, get } from '../lib/api.js';
import { fileSize, fullTime, number } from '../lib/format.js';
import { t } from '../lib/i18n.js';
import { useAction, usePages } from '../lib/load.js';
import { go, to } from '../lib/router.js';
import { Empty, Head, Loaded, More, Problem, Status, Time } from '../parts/basics.js';
import { notify } from '../parts/dialogs.js';
import { Choice } from '../parts/forms.js';
import { Table } from '../parts/table.js';
import { AccountPage, CreateAccount } from './account.js';

/** @param {{ parts: string[] }} props */
export function Operator({ parts: [section = 'accounts', id] }) {
  if (section === 'accounts' && id === 'new') return html`<${CreateAccount} />`;
  if (section === 'accounts' && id) return html`<${AccountPage} key=${id} id=${id} />`;
  const sections = /** @type {[string, string][]} */ ([['accounts', t('Accounts')], ['callbacks', t('Unread callbacks')], ['dead-letters', t('Dead letters')]]);
  return html`
    <${Head} title=${t('Operator')}>
      <${Choice} label=${t('Section')} value=${section} options=${sections} onChange=${(/** @type {string} */ next) => go(['operator', next])} />
      <a class="button primary" href="#/operator/accounts/new">${t('Create an account')}</a>
    <//>
    ${section === 'callbacks' ? html`<${UnreadCallbacks} />` : section === 'dead-letters' ? html`<${DeadLetters} />` : html`<${Accounts} />`}
  `;
}

function Accounts() {
  const pages = usePages((after, signal) => get('/v1/admin/accounts', { limit: 100, after }, signal), []);
  const columns = [
    { title: t('Name'), isWide: true, isName: true, cell: (/** @type {any} */ row) => row.name },
    { title: t('Account id'), isId: true, hidesOnPhone: true, cell: (/** @type {any} */ row) => html`<span class="mono">${row.id}</span>` },
    { title: t('Status'), isSlim: true, cell: (/** @type {any} */ row) => html`<${Status} of=${row.status} />` },
    { title: t('Plan'), cell: (/** @type {any} */ row) => row.plan },
    { title: t('Credits'), isNumber: true, cell: (/** @type {any} */ row) => number(row.credits) },
    { title: t('Created'), isNumber: true, hidesOnPhone: true, cell: (/** @type {any} */ row) => html`<${Time} at=${row.createdAt} />` },
  ];
  return html`
    <${Loaded} of=${pages} isEmpty=${pages.rows.length === 0} empty=${html`<${Empty} title=${t('No accounts')}>${t('An account is a customer: it has credits, keys and instances.')}<//>`}>
      <${Table} label=${t('Accounts')} rows=${pages.rows} columns=${columns} idOf=${(/** @type {any} */ row) => row.id} linkOf=${(/** @type {any} */ row) => to(['operator', 'accounts', row.id])} />
      <${More} pages=${pages} />
    <//>
  `;
}

function UnreadCallbacks() {
  const pages = usePages((after, signal) => get('/v1/admin/callbacks', { limit: 50, after }, signal), []);
  return html`
    <${Loaded} of=${pages} isEmpty=${pages.rows.length === 0} empty=${html`<${Empty} title=${t('Every callback was read')}>${t('What WhatsApp sends and this version cannot read is kept here.')}<//>`}>
      <ul class="log card">${pages.rows.map((/** @type {any} */ row) => html`<${UnreadCallback} key=${row.id} row=${row} reload=${pages.reload} />`)}</ul>
      <${More} pages=${pages} />
    <//>
  `;
}

/** @param {{ row: any, reload: () => void }} props */
function UnreadCallback({ row, reload }) {
  const again = useAction(async () => {
    const { data } = await call('POST', `/v1/admin/callbacks/${encodeURIComponent(row.id)}/replay`);
    notify(data.unread ? t('Still unread: {n}', { n: data.unread }) : t('It was read'));
    reload();
  });
  return html`
    <li><details>
      <summary><${Time} at=${row.receivedAt} /><span>${row.reasons.join(', ')}</span><span class="fine">${row.numberIds.join(', ')}</span><span class="number">${fileSize(row.size)}</span></summary>
      <div class="stack"><p class="fine mono">${row.id}</p><p>${row.ownApp ? t('Signed by an app of the customer’s.') : t('Signed by the deployment’s app.')}</p>
        <div><button type="button" class="small" disabled=${again.isBusy} onClick=${() => again.run()}>${t('Read it again')}</button></div><${Problem} error=${again.error} /></div>
    </details></li>
  `;
}

function DeadLetters() {
  const pages = usePages((after, signal) => get('/v1/admin/dead-letters', { limit: 50, after }, signal), []);
  const parts = (/** @type {any} */ row) => [row.accountId, row.instanceId, row.webhookId, row.eventId, row.attempts && t('{n} attempts', { n: row.attempts })].filter(Boolean).join(' · ');
  return html`
    <${Loaded} of=${pages} isEmpty=${pages.rows.length === 0} empty=${html`<${Empty} title=${t('Nothing was given up')}>${t('Events without an attempt left are listed here.')}<//>`}>
      <ul class="log card">${pages.rows.map((/** @type {any} */ row) => html`
        <li key=${row.id}><details>
          <summary><${Time} at=${row.timestamp} /><span>${row.event ?? row.kind}</span><span class="fine">${row.reason}</span><span class="fine">${row.accountId}</span></summary>
          <div class="stack"><p>${row.reason}</p><p class="fine mono">${parts(row)}</p><p class="fine">${fullTime(row.timestamp)} · ${row.id}</p></div>
        </details></li>
      `)}</ul>
      <${More} pages=${pages} />
    <//>
  `;
}
