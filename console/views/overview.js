/** Overview: what happened to messages in a period, and how the account stands. It asks for statistics once a minute. */
import { html, useEffect } from '../vendor/htm-preact.js';
import { get, getAll } from '../lib/api.js';
import { duration, hourAndMinute, number, percent } from '../lib/format.js';
import { t } from '../lib/i18n.js';
import { useLive } from '../lib/live.js';
import { useLoad } from '../lib/load.js';
import { refine } from '../lib/router.js';
import { may, session } from '../lib/session.js';
import { barsOf, countsOf, PERIODS, statistics } from '../lib/statistics.js';
import { Empty, Head, Loaded } from '../parts/basics.js';
import { Chart } from '../parts/chart.js';
import { Choice } from '../parts/forms.js';
import { AccountCard, InstancesCard, WebhooksCard } from './overview_cards.js';

/** How often statistics are asked for while they are seen, in milliseconds: they are counted when somebody asks. */
const REFRESH = 60_000;

/** @param {{ query: Record<string, string> }} props */
export function Overview({ query }) {
  const period = PERIODS[query.period] ? query.period : '24h';
  const counted = useLoad((signal) => (may('messages:read') ? statistics(period, session.get()?.instanceId, signal) : Promise.resolve(null)), [period]);
  const account = useLoad((signal) => get('/v1/account', {}, signal).then(({ data }) => data), []);
  const instances = useLoad(() => (may('instances:read') ? getAll('/v1/instances') : Promise.resolve([])), []);
  const webhooks = useLoad(() => (may('webhooks:read') ? getAll('/v1/webhooks') : Promise.resolve([])), []);
  useRefresh(() => (counted.reload(), account.reload()));
  useLive((events) => {
    if (events.some(({ body }) => body.event.startsWith('instance.'))) instances.reload();
  });
  const names = { '6h': t('6 hours'), '24h': t('24 hours'), '7d': t('7 days'), '30d': t('30 days') };
  return html`
    <${Head} title=${t('Overview')}>
      <${Choice} label=${t('Period')} value=${period} options=${Object.entries(names)} onChange=${(/** @type {string} */ next) => refine({ period: next })} />
    <//>
    <div class="stack">
      ${counted.data !== null && html`<div class="statistics"><${Loaded} of=${counted} rows=${9}><${Statistics} found=${counted.data} /><//></div>`}
      <div class="cards">
        <${AccountCard} account=${account} />
        ${may('instances:read') && html`<${InstancesCard} instances=${instances} />`}
        ${may('webhooks:read') && html`<${WebhooksCard} webhooks=${webhooks} />`}
      </div>
    </div>
  `;
}

/** Calls `refresh` once a minute while the tab is seen, and when it is seen again. @param {() => void} refresh */
function useRefresh(refresh) {
  useEffect(() => {
    const seen = () => void (document.hidden || refresh());
    const timer = setInterval(seen, REFRESH);
    document.addEventListener('visibilitychange', seen);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', seen);
    };
  }, []);
}

/** @param {{ found: any }} props */
function Statistics({ found }) {
  if (!found) return null;
  const counts = countsOf(found.total);
  const sent = counts.read + counts.delivered + counts.sent + counts.queued + counts.failed;
  if (sent + counts.received === 0) {
    return html`<div class="card"><${Empty} title=${t('No messages in this period')}>${t('They are shown here as soon as somebody writes or is written to.')}<//></div>`;
  }
  return html`
    <dl class="figures">
      <div><dt>${t('Sent')}</dt><dd>${number(sent)}</dd></div>
      <div><dt>${t('Delivered')}</dt><dd>${percent(found.total.deliveryRate)}</dd></div>
      <div><dt>${t('Read')}</dt><dd>${percent(found.total.readRate)}</dd></div>
      <div><dt>${t('Failed')}</dt><dd class=${counts.failed ? 'bad' : ''}>${number(counts.failed)}</dd></div>
      <div><dt>${t('Received')}</dt><dd>${number(counts.received)}</dd></div>
    </dl>
    <section class="card">
      <${Chart} bars=${barsOf(found)} isByDay=${found.interval === 'day'} />
      <p class="fine">${found.partial ? t('Still counting: the numbers grow.') : t('Counted at {time}.', { time: hourAndMinute(found.asOf ?? Date.now()) })}</p>
    </section>
    <div class="cards">
      <${Failures} failures=${found.total.failures} />
      <${Times} total=${found.total} />
      <${Prices} pricing=${found.total.pricing} />
    </div>
  `;
}

/** @param {{ failures: { code: string, count: number }[] }} props */
function Failures({ failures }) {
  const most = Math.max(1, ...failures.map(({ count }) => count));
  return html`
    <section class="card">
      <h2>${t('Failures by reason')}</h2>
      ${failures.length === 0 && html`<p class="fine">${t('None in this period.')}</p>`}
      <table class="simple"><tbody>${failures.map(({ code, count }) => html`
        <tr key=${code}><td><a href="#/messages?status=failed">${code}</a><div class="bar"><svg viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true"><rect class="fill-failed" width=${(count / most) * 100} height="4" /></svg></div></td><td class="number">${number(count)}</td></tr>
      `)}</tbody></table>
    </section>
  `;
}

/** @param {{ total: any }} props */
function Times({ total }) {
  const rows = [[t('Accepted to sent'), total.acceptedToSent], [t('Sent to delivered'), total.sentToDelivered]];
  const heads = [t('Median'), '95 %', t('Longest')];
  return html`
    <section class="card">
      <h2>${t('Times')}</h2>
      <table class="simple">
        <thead><tr><th><span class="unseen">${t('Step')}</span></th>${heads.map((head) => html`<th key=${head} scope="col" class="number">${head}</th>`)}</tr></thead>
        <tbody>${rows.map(([name, of]) => html`<tr key=${name}><td>${name}</td><td class="number">${duration(of.median)}</td><td class="number">${duration(of.percentile95)}</td><td class="number">${duration(of.longest)}</td></tr>`)}</tbody>
      </table>
    </section>
  `;
}

/** @param {{ pricing: { category: string, count: number, billable: number }[] }} props */
const Prices = ({ pricing }) => html`
  <section class="card">
    <h2>${t('WhatsApp’s categories')}</h2>
    ${pricing.length === 0 && html`<p class="fine">${t('None in this period.')}</p>`}
    ${pricing.length > 0 && html`
      <table class="simple">
        <thead><tr><th scope="col">${t('Category')}</th><th scope="col" class="number">${t('Messages')}</th><th scope="col" class="number">${t('Billed')}</th></tr></thead>
        <tbody>${pricing.map(({ category, count, billable }) => html`<tr key=${category}><td>${category}</td><td class="number">${number(count)}</td><td class="number">${number(billable)}</td></tr>`)}</tbody>
      </table>
    `}
  </section>
`;
