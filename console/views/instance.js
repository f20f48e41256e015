/** An instance's page. */
import { html, useState } from '../vendor/htm-preact.js';
import { call, get } from '../lib/api.js';
import { address, fullTime, number } from '../lib/format.js';
import { t } from '../lib/i18n.js';
import { useLive } from '../lib/live.js';
import { useAction, useLoad } from '../lib/load.js';
import { go, to } from '../lib/router.js';
import { may } from '../lib/session.js';
import { Fact, Head, Loaded, Status, Time } from '../parts/basics.js';
import { ask, Dialog } from '../parts/dialogs.js';
import { Field, Form, useFields } from '../parts/forms.js';
import { instanceState } from './overview_cards.js';

/** Why an instance is paused, and what ends it. @type {Record<string, string>} */
const PAUSES = {
  policy: 'WhatsApp holds the number back because of its policy. Messages wait, and are sent when it ends.',
  payment_required: 'Meta wants a payment method: add one in the business account. Messages wait meanwhile.',
  account_restricted: 'Meta has restricted the business account: look at Business Support. Messages wait meanwhile.',
  account_disabled: 'Meta has disabled the business account: appeal in Business Support.',
};

/** @param {{ id: string }} props */
export function InstancePage({ id }) {
  const path = `/v1/instances/${encodeURIComponent(id)}`;
  const instance = useLoad((signal) => get(path, {}, signal).then(({ data }) => data), [id]);
  const status = useLoad((signal) => get(`${path}/status`, {}, signal).then(({ data }) => data), [id]);
  const [isEditing, setEditing] = useState(false);
  const reload = () => (instance.reload(), status.reload());
  useLive((events) => {
    if (events.length === 0 || events.some(({ body }) => body.event.startsWith('instance.') && body.data?.instanceId === id)) reload();
  });
  const found = instance.data;
  return html`
    <${Head} title=${found?.name ?? t('Instance')} back="#/instances">
      ${found && may('instances:write') && html`
        ${found.status === 'connected' ? html`<button type="button" onClick=${() => askDisconnect(path, found, reload)}>${t('Disconnect')}</button>` : html`<a class="button primary" href=${to(['instances', id, 'connect'])}>${t('Connect')}</a>`}
        <button type="button" onClick=${() => setEditing(true)}>${t('Edit')}</button>
        <button type="button" onClick=${() => askDeleteInstance(path, found)}>${t('Delete')}</button>
      `}
    <//>
    <${Loaded} of=${instance}>${found && html`
      ${(found.pauseReason || found.pausedUntil) && html`<div class="hint"><p>${PAUSES[found.pauseReason] ? t(PAUSES[found.pauseReason]) : found.pauseReason}</p>${found.pausedUntil && html`<p class="fine">${t('Until {time}', { time: fullTime(found.pausedUntil) })}</p>`}</div>`}
      ${found.heldUntil && html`<div class="hint"><p>${t('Its messages wait until {time}: WhatsApp wants fewer of them, or does not answer.', { time: fullTime(found.heldUntil) })}</p></div>`}
      <section class="card"><dl class="facts">
        <${Fact} name=${t('Status')}><${Status} of=${instanceState(found)} /><//>
        <${Fact} name=${t('Number')}>${address(found.phone) || '–'}<//>
        <${Fact} name=${t('Name at WhatsApp')}>${found.profileName ?? '–'}<//>
        <${Fact} name=${t('Quality')}>${found.quality ? t(found.quality) : '–'}<//>
        <${Fact} name=${t('People a day')}>${found.messagingLimit ?? '–'}<//>
        <${Fact} name=${t('Messages a second')}>${found.throughput ? number(found.throughput) : '–'}<//>
        <${Fact} name=${t('Outside the window')}>${found.settings?.outsideWindow === 'refuse' ? t('is refused') : t('is sent')}<//>
        <${Fact} name=${t('Connected')}><${Time} at=${status.data?.connectedAt} /><//>
        ${status.data?.disconnectedAt && html`<${Fact} name=${t('Disconnected')}><${Time} at=${status.data.disconnectedAt} /> ${status.data.reason}<//>`}
        ${found.accountState && html`<${Fact} name=${t('Business account')}>${found.accountState.event} ${found.accountState.reason ?? ''}<//>`}
        <${Fact} name=${t('Created')}><${Time} at=${found.createdAt} /><//>
        <${Fact} name=${t('Instance id')}><span class="mono">${found.id}</span><//>
      </dl></section>
    `}<//>
    ${found && isEditing && html`<${EditInstance} path=${path} instance=${found} onClose=${() => (setEditing(false), reload())} />`}
  `;
}

/** @param {string} path @param {any} instance @param {() => void} reload */
const askDisconnect = (path, instance, reload) => ask({
  title: t('Disconnect this number?'), action: t('Disconnect'), isDangerous: true,
  text: t('{name} sends and receives nothing until it is connected again. Its queued messages fail and are refunded.', { name: instance.name }),
  run: async () => {
    await call('POST', `${path}/disconnect`, { body: {} });
    reload();
  },
});

/** @param {string} path @param {any} instance */
const askDeleteInstance = (path, instance) => ask({
  title: t('Delete this instance?'), action: t('Delete the instance'), isDangerous: true,
  text: t('{name} is deleted with its webhooks and its inbound URLs. This cannot be undone.', { name: instance.name }),
  run: async () => {
    await call('DELETE', path);
    go(['instances']);
  },
});

/** @param {{ path: string, instance: any, onClose: () => void }} props */
function EditInstance({ path, instance, onClose }) {
  const [form, change] = useFields({ name: instance.name, outsideWindow: instance.settings?.outsideWindow ?? 'send' });
  const saved = useAction(async () => {
    await call('PATCH', path, { body: { name: form.name, settings: { ...instance.settings, outsideWindow: form.outsideWindow } } });
    onClose();
  });
  return html`
    <${Dialog} title=${t('Edit the instance')} onClose=${onClose}>
      <${Form} action=${saved} submit=${t('Save')} onCancel=${onClose} fields=${['name']}>
        <${Field} label=${t('Name')} name="name" value=${form.name} onInput=${change('name')} error=${saved.error} />
        <${Field} as="select" label=${t('What is no template, when the 24-hour window is closed')} value=${form.outsideWindow} onInput=${change('outsideWindow')} options=${[['send', t('is sent, and WhatsApp decides')], ['refuse', t('is refused before it costs anything')]]} />
      <//>
    <//>
  `;
}
