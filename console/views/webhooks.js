/** Webhooks: who is told of what, and how that goes. */
import { html } from '../vendor/htm-preact.js';
import { getAll } from '../lib/api.js';
import { number } from '../lib/format.js';
import { t } from '../lib/i18n.js';
import { useLoad } from '../lib/load.js';
import { to } from '../lib/router.js';
import { may, session } from '../lib/session.js';
import { Empty, Head, Loaded, Status, Time } from '../parts/basics.js';
import { Table } from '../parts/table.js';
import { InboundUrls } from './inbound_urls.js';
import { webhookState } from './overview_cards.js';
import { CreateWebhook } from './webhook_create.js';
import { WebhookPage } from './webhook.js';

/** @param {{ parts: string[] }} props */
export function Webhooks({ parts: [id] }) {
  if (id === 'new') return html`<${CreateWebhook} />`;
  return id ? html`<${WebhookPage} key=${id} id=${id} />` : html`<${WebhookList} />`;
}

function WebhookList() {
  const list = useLoad(() => getAll('/v1/webhooks'), []);
  return html`
    <${Head} title=${t('Webhooks')}>${may('webhooks:write') && html`<a class="button primary" href="#/webhooks/new">${t('Create a webhook')}</a>`}<//>
    <div class="stack">
      <${Loaded} of=${list} isEmpty=${list.data?.length === 0} empty=${html`<${Empty} title=${t('No webhooks')}>${t('A webhook is told of each message and each change of its status.')}<//>`}>
        <${Table} label=${t('Webhooks')} rows=${list.data ?? []} columns=${webhookColumns()} idOf=${(/** @type {any} */ row) => row.id} linkOf=${(/** @type {any} */ row) => to(['webhooks', row.id])} />
      <//>
      <${InboundUrls} />
    </div>
  `;
}

const webhookColumns = () => [
  { title: t('Name'), isName: true, cell: (/** @type {any} */ row) => row.name || row.id },
  { title: 'URL', isWide: true, cell: (/** @type {any} */ row) => row.url },
  { title: t('Status'), cell: (/** @type {any} */ row) => html`<${Status} of=${webhookState(row)} />` },
  { title: t('Instance'), hidesOnPhone: true, cell: (/** @type {any} */ row) => session.get()?.instances.find(({ id }) => id === row.instanceId)?.name ?? row.instanceId },
  { title: t('Events'), isNumber: true, hidesOnPhone: true, cell: (/** @type {any} */ row) => number(row.events.length) },
  { title: t('Since'), isNumber: true, hidesOnPhone: true, cell: (/** @type {any} */ row) => html`<${Time} at=${row.createdAt} />` },
];
