/** A message's page: what it says, where it stands and since when, and what can be done about it. */
import { html } from '../vendor/htm-preact.js';
import { BASE, call, get, getAll, newIdempotencyKey } from '../lib/api.js';
import { adviceOn } from '../lib/failures.js';
import { address, duration, fullTime } from '../lib/format.js';
import { t } from '../lib/i18n.js';
import { useLive } from '../lib/live.js';
import { useLoad } from '../lib/load.js';
import { curl, personOf, sendBody, statusOf } from '../lib/message_content.js';
import { go, to } from '../lib/router.js';
import { may } from '../lib/session.js';
import { Copy, Fact, Head, Loaded, Status } from '../parts/basics.js';
import { Bubble } from '../parts/bubble.js';
import { ask, notify } from '../parts/dialogs.js';

/** @param {{ id: string }} props */
export function MessagePage({ id }) {
  const path = `/v1/messages/${encodeURIComponent(id)}`;
  const message = useLoad((signal) => get(path, {}, signal).then(({ data }) => data), [id]);
  const timeline = useLoad((signal) => get(`${path}/timeline`, {}, signal).then(({ data }) => data), [id]);
  const reload = () => (message.reload(), timeline.reload());
  useLive((events) => {
    if (events.length === 0 || events.some(({ body }) => body.data?.messageId === id)) reload();
  });
  const found = message.data;
  return html`
    <${Head} title=${found ? titleOf(found) : t('Message')} back="#/messages">
      ${found && html`<${Actions} message=${found} reload=${reload} />`}
    <//>
    <${Loaded} of=${message} rows=${8}>
      <div class="sides">
        <div class="stack">
          <section class="card stack">${found && html`<${Bubble} message=${found} isAlone=${true} />`}${found?.error && html`<${Failure} error=${found.error} />`}</section>
          ${found && html`<${Facts} message=${found} />`}
        </div>
        <section class="card"><h2>${t('Timeline')}</h2><${Loaded} of=${timeline}><${Timeline} timeline=${timeline.data} /><//></section>
      </div>
    <//>
  `;
}

/** @param {any} message */
const titleOf = (message) => t(message.direction === 'inbound' ? 'Message from {name}' : 'Message to {name}', { name: personOf(message) });

/** @param {{ error: any }} props */
const Failure = ({ error }) => html`
  <div class="problem"><p class="strong">${error.message}</p><p>${adviceOn(error.code)}</p><p class="fine">${error.code}${error.providerCode ? ` · WhatsApp ${error.providerCode}` : ''}</p></div>
`;

/** @param {{ message: any }} props */
const Facts = ({ message }) => html`
  <section class="card">
    <dl class="facts">
      <${Fact} name=${t('Status')}><${Status} of=${statusOf(message)} /><//>
      <${Fact} name=${t('Number')}>${address(message.to ?? message.from)}<//>
      <${Fact} name=${t('Type')}>${t(message.type)}<//>
      ${message.reference && html`<${Fact} name=${t('Reference')}>${message.reference}<//>`}
      ${message.userId && html`<${Fact} name=${t('User id')}>${message.userId}<//>`}
      ${message.pricing && html`<${Fact} name=${t('Category')}>${[message.pricing.category, message.pricing.type].filter(Boolean).join(' · ')}<//>`}
      ${message.sendAt && html`<${Fact} name=${t('Scheduled for')}>${fullTime(message.sendAt)}<//>`}
      ${message.batchId && html`<${Fact} name=${t('Batch')}><a href=${to(['batches', message.batchId])}>${t('Open')}</a><//>`}
      <${Fact} name=${t('Conversation')}><a href=${to(['conversations', message.chatId])}>${t('Open')}</a><//>
      <${Fact} name=${t('Message id')} isWide><span class="mono">${message.messageId}</span><//>
      ${message.providerId && html`<${Fact} name=${t('WhatsApp’s id')} isWide><span class="mono">${message.providerId}</span><//>`}
    </dl>
    ${message.metadata && html`<h2>metadata</h2><pre tabindex="0">${JSON.stringify(message.metadata, null, 2)}</pre>`}
    ${message.details && html`<details><summary>${t('What WhatsApp sent')}</summary><pre tabindex="0">${JSON.stringify(message.details, null, 2)}</pre></details>`}
  </section>
`;

/** @param {{ message: any, reload: () => void }} props */
function Actions({ message, reload }) {
  const body = sendBody(message);
  const path = `/v1/messages/${encodeURIComponent(message.messageId)}`;
  const key = newIdempotencyKey();
  const cancel = () => ask({
    title: t('Cancel this message?'), action: t('Cancel the message'), isDangerous: true,
    text: t('It is not sent, ends as failed (canceled), and its credit comes back. If it leaves before, nothing changes.'),
    run: async () => {
      await call('DELETE', path);
      reload();
    },
  });
  const resend = () => ask({
    title: t('Send it again?'), action: t('Send as a new message'),
    text: t('The same content goes to {to} as a new message, which costs a credit. The person may then have it twice.', { to: address(message.to) }),
    run: async () => {
      const sent = await call('POST', '/v1/messages/send', { body, idempotencyKey: key });
      go(['messages', sent.messageId]);
    },
  });
  return html`
    ${['scheduled', 'queued'].includes(message.status) && message.direction === 'outbound' && may('messages:write') && html`<button type="button" onClick=${cancel}>${t('Cancel the message')}</button>`}
    ${body && may('messages:write') && html`<button type="button" onClick=${resend}>${t('Send again')}</button>`}
    ${may('webhooks:write') && may('webhooks:read') && html`<button type="button" onClick=${() => askReplay(message)}>${t('Replay its webhooks')}</button>`}
    <${Copy} isLarge text=${body ? curl('POST', `${BASE}/v1/messages/send`, body) : curl('GET', BASE + path)}>${t('Copy as curl')}<//>
  `;
}

/** @param {any} message */
const askReplay = (message) => ask({
  title: t('Replay its webhooks?'), action: t('Replay'),
  text: t('Every webhook of the instance gets all events of this message again, with their original ids.'),
  run: async () => {
    const webhooks = await getAll('/v1/webhooks', { instanceId: message.instanceId });
    const active = webhooks.filter(({ status }) => status === 'active');
    await Promise.all(active.map(({ id }) => call('POST', `/v1/webhooks/${id}/replay`, { body: { messageId: message.messageId } })));
    notify(t('Replayed to {n} webhooks', { n: active.length }));
  },
});

/** @type {Record<string, string>} */
const STEPS = {
  accepted: 'Accepted', received: 'received', due: 'Leaves at the earliest', expires: 'Expires', sent: 'Sent to WhatsApp', delivered: 'delivered', read: 'read',
  played: 'Played', failed: 'failed',
};

/** What a timeline does not show. @type {Record<string, string>} */
const NOT_SHOWN = {
  earlier_attempts: 'earlier attempts at sending it', successful_webhook_attempts: 'successful deliveries to webhooks that do not log them',
  webhook_attempts: 'deliveries to webhooks, for which the key lacks webhooks:read', older_webhook_attempts: 'older deliveries to webhooks',
};

/** @param {{ timeline: any }} props */
function Timeline({ timeline }) {
  if (!timeline) return null;
  const start = Date.parse(timeline.entries[0]?.at ?? '');
  const attempts = timeline.attempts > 1 ? t('{n} attempts at sending it.', { n: timeline.attempts }) : '';
  return html`
    <ol class="timeline">${timeline.entries.map((/** @type {any} */ entry, /** @type {number} */ index) => html`<${Entry} key=${index} entry=${entry} start=${start} />`)}</ol>
    ${attempts && html`<p class="fine">${attempts}</p>`}
    ${timeline.outcomeUnknown && html`<p class="fine">${t('Nobody knows yet whether WhatsApp took it: within 15 minutes it is decided.')}</p>`}
    ${timeline.notShown.length > 0 && html`<p class="fine">${t('Not shown:')} ${timeline.notShown.map((/** @type {string} */ one) => t(NOT_SHOWN[one] ?? one)).join(', ')}.</p>`}
  `;
}

/** @param {{ entry: any, start: number }} props */
function Entry({ entry, start }) {
  const { webhook, error } = entry;
  const isBad = entry.type === 'failed' || webhook?.status === 'failed';
  const after = Date.parse(entry.at) - start;
  return html`
    <li class=${isBad ? 'bad' : webhook || ['due', 'expires'].includes(entry.type) ? 'calm' : ''}>
      <span>${webhook ? html`<a href=${to(['webhooks', webhook.webhookId])}>${webhook.event}</a>` : html`<span class="strong">${t(STEPS[entry.type] ?? entry.type)}</span>`}</span>
      <time class="at" datetime=${entry.at} title=${fullTime(entry.at)}>${after > 0 ? `+${duration(after)}` : fullTime(entry.at)}</time>
      ${entry.providerId && html`<span class="fine mono">${entry.providerId}</span>`}
      ${error && html`<span class="fine bad">${error.message} (${error.code}${error.providerCode ? `, WhatsApp ${error.providerCode}` : ''})</span>`}
      ${webhook && html`<span class="fine">${[webhook.statusCode, webhook.error, duration(webhook.responseTime), t('attempt {n}', { n: webhook.retryCount + 1 }), webhook.nextRetryAt && t('next at {time}', { time: fullTime(webhook.nextRetryAt) })].filter(Boolean).join(' · ')}</span>`}
    </li>
  `;
}
