/** How the account, its instances and its webhooks stand. */
import { html } from '../vendor/htm-preact.js';
import { number } from '../lib/format.js';
import { t } from '../lib/i18n.js';
import { to } from '../lib/router.js';
import { Fact, Loaded, Status } from '../parts/basics.js';

/** The state of an instance: paused counts before connected. @param {any} instance */
export const instanceState = (instance) => (instance.pausedUntil || instance.pauseReason || instance.heldUntil ? 'paused' : instance.status);

/** The state of a webhook: one that fails is active all the same. @param {any} webhook */
export const webhookState = (webhook) => (webhook.status === 'active' && webhook.failingSince ? 'failing' : webhook.status);

/** @param {{ account: any }} props */
export const AccountCard = ({ account }) => html`
  <section class="card">
    <h2>${t('Account')}</h2>
    <${Loaded} of=${account}>
      <dl class="facts">
        <${Fact} name=${t('Credits')}>${number(account.data?.credits)}<//>
        <${Fact} name=${t('Plan')}>${account.data?.plan}<//>
        <${Fact} name=${t('Requests a minute')}>${number(account.data?.limits.requestsPerMinute)}<//>
        <${Fact} name=${t('Name')}>${account.data?.name}<//>
      </dl>
    <//>
  </section>
`;

/** @param {{ instances: any }} props */
export const InstancesCard = ({ instances }) => html`
  <section class="card">
    <h2>${t('Instances')}</h2>
    <${Loaded} of=${instances} isEmpty=${instances.data?.length === 0} empty=${html`<p><a href="#/instances">${t('Connect the first number')}</a></p>`}>
      <${Rows} rows=${instances.data} view="instances" nameOf=${(/** @type {any} */ one) => one.name} stateOf=${instanceState} />
    <//>
  </section>
`;

/** @param {{ webhooks: any }} props */
export const WebhooksCard = ({ webhooks }) => html`
  <section class="card">
    <h2>${t('Webhooks')}</h2>
    <${Loaded} of=${webhooks} isEmpty=${webhooks.data?.length === 0} empty=${html`<p><a href="#/webhooks/new">${t('Create a webhook')}</a></p>`}>
      <${Rows} rows=${webhooks.data} view="webhooks" nameOf=${(/** @type {any} */ one) => one.name ?? one.url} stateOf=${webhookState} />
    <//>
  </section>
`;

/** Those that need a look first. @param {{ rows?: any[], view: string, nameOf: (row: any) => string, stateOf: (row: any) => string }} props */
function Rows({ rows = [], view, nameOf, stateOf }) {
  const isWell = (/** @type {any} */ row) => ['active', 'connected'].includes(stateOf(row));
  const first = [...rows].sort((one, other) => Number(isWell(one)) - Number(isWell(other))).slice(0, 6);
  return html`
    <table class="simple"><tbody>${first.map((row) => html`
      <tr key=${row.id}><td><a href=${to([view, row.id])}>${nameOf(row)}</a></td><td class="number"><${Status} of=${stateOf(row)} /></td></tr>
    `)}</tbody></table>
    ${rows.length > 6 && html`<p class="fine"><a href="#/${view}">${t('All {n}', { n: number(rows.length) })}</a></p>`}
  `;
}
