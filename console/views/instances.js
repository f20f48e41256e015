/** Instances: the account's WhatsApp numbers, their quality, limits and pauses. */
import { html } from '../vendor/htm-preact.js';
import { get, getAll } from '../lib/api.js';
import { address, number } from '../lib/format.js';
import { t } from '../lib/i18n.js';
import { useLive } from '../lib/live.js';
import { useLoad } from '../lib/load.js';
import { to } from '../lib/router.js';
import { changeSession, may, session } from '../lib/session.js';
import { Empty, Head, Loaded, Status } from '../parts/basics.js';
import { Table } from '../parts/table.js';
import { ConnectInstance, CreateInstance } from './instance_connect.js';
import { InstancePage } from './instance.js';
import { instanceState } from './overview_cards.js';

/** @param {{ parts: string[] }} props */
export function InstancesView({ parts: [id, step] }) {
  if (id === 'new') return html`<${CreateInstance} />`;
  if (id && step === 'connect') return html`<${ConnectInstance} id=${id} />`;
  return id ? html`<${InstancePage} key=${id} id=${id} />` : html`<${InstanceList} />`;
}

function InstanceList() {
  const list = useLoad(async () => {
    const rows = await getAll('/v1/instances');
    changeSession({ instances: rows, instanceId: session.get()?.instanceId ?? rows[0]?.id });
    return rows;
  }, []);
  const limits = useLoad((signal) => get('/v1/account', {}, signal).then(({ data }) => data.limits), []);
  useLive((events) => {
    if (events.length === 0 || events.some(({ body }) => body.event.startsWith('instance.'))) list.reload();
  });
  return html`
    <${Head} title=${t('Instances')}>${may('instances:write') && html`<a class="button primary" href="#/instances/new">${t('Connect a number')}</a>`}<//>
    <${Loaded} of=${list} isEmpty=${list.data?.length === 0} empty=${html`<${Empty} title=${t('No instances')}>${t('An instance is one WhatsApp number. Connecting it takes some minutes and Meta’s console.')}<//>`}>
      <${Table} label=${t('Instances')} rows=${list.data ?? []} columns=${instanceColumns()} idOf=${(/** @type {any} */ row) => row.id} linkOf=${(/** @type {any} */ row) => to(['instances', row.id])} />
      ${limits.data && html`<p class="fine">${t('{n} of {most} instances', { n: number(list.data?.length ?? 0), most: number(limits.data.instances) })}</p>`}
    <//>
  `;
}

const instanceColumns = () => [
  { title: t('Name'), isWide: true, isName: true, cell: (/** @type {any} */ row) => row.name },
  { title: t('Number'), cell: (/** @type {any} */ row) => address(row.phone) || '–' },
  { title: t('Status'), cell: (/** @type {any} */ row) => html`<${Status} of=${instanceState(row)} label=${row.pauseReason ? t(row.pauseReason) : undefined} />` },
  { title: t('Quality'), hidesOnPhone: true, cell: (/** @type {any} */ row) => t(row.quality ?? '–') },
  { title: t('Limit'), hidesOnPhone: true, cell: (/** @type {any} */ row) => row.messagingLimit ?? '–' },
  { title: t('A second'), isNumber: true, hidesOnPhone: true, cell: (/** @type {any} */ row) => (row.throughput ? number(row.throughput) : '–') },
];
