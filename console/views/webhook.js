/** A webhook's page: its health, its log, and what can be done about it. */
import { html, useState } from '../vendor/htm-preact.js';
import { call, get } from '../lib/api.js';
import { fullTime } from '../lib/format.js';
import { t } from '../lib/i18n.js';
import { useAction, useLoad } from '../lib/load.js';
import { go } from '../lib/router.js';
import { may } from '../lib/session.js';
import { Fact, Head, Loaded, Status, Time } from '../parts/basics.js';
import { ask, Dialog, notify } from '../parts/dialogs.js';
import { EventsField } from '../parts/events_field.js';
import { Check, Field, Form, useFields } from '../parts/forms.js';
import { Secrets } from '../parts/secret.js';
import { webhookState } from './overview_cards.js';
import { DeliveryLog } from './webhook_log.js';
import { ReplayDialog, TestDialog } from './webhook_dialogs.js';

/** @param {{ id: string }} props */
export function WebhookPage({ id }) {
  const path = `/v1/webhooks/${encodeURIComponent(id)}`;
  const webhook = useLoad((signal) => get(path, {}, signal).then(({ data }) => data), [id]);
  const [open, setOpen] = useState('');
  const [logRound, setLogRound] = useState(0);
  const close = () => (setOpen(''), webhook.reload(), setLogRound(logRound + 1));
  const found = webhook.data;
  return html`
    <${Head} title=${found ? found.name || found.url : t('Webhook')} back="#/webhooks">
      ${found && may('webhooks:write') && html`
        <button type="button" class="primary" onClick=${() => setOpen('test')}>${t('Send a test')}</button>
        <button type="button" onClick=${() => setOpen('replay')}>${t('Replay a period')}</button>
        <button type="button" onClick=${() => setOpen('edit')}>${t('Edit')}</button>
        <button type="button" onClick=${() => setOpen('rotate')}>${t('Rotate the secret')}</button>
        <button type="button" onClick=${() => askDeleteWebhook(path, found)}>${t('Delete')}</button>
      `}
    <//>
    <${Loaded} of=${webhook}>
      ${found && html`<${Health} webhook=${found} path=${path} reload=${webhook.reload} />`}
      <${DeliveryLog} key=${logRound} path=${path} />
    <//>
    ${found && open === 'test' && html`<${TestDialog} path=${path} events=${found.events} onClose=${close} />`}
    ${found && open === 'replay' && html`<${ReplayDialog} path=${path} onClose=${close} />`}
    ${found && open === 'edit' && html`<${EditWebhook} path=${path} webhook=${found} onClose=${close} />`}
    ${found && open === 'rotate' && html`<${RotateDialog} path=${path} onClose=${close} />`}
  `;
}

/** @param {{ webhook: any, path: string, reload: () => void }} props */
function Health({ webhook, path, reload }) {
  const enabled = useAction(async () => {
    await call('PUT', path, { body: { status: 'active' } });
    notify(t('The webhook is active again'));
    reload();
  });
  return html`
    <section class="card stack">
      <dl class="facts">
        <${Fact} name=${t('Status')}><${Status} of=${webhookState(webhook)} /><//>
        <${Fact} name=${t('Created')}><${Time} at=${webhook.createdAt} /><//>
        <${Fact} name=${t('Log of successes')}>${webhook.logSuccess ? t('yes') : t('no')}<//>
        <${Fact} name="URL" isWide>${webhook.url}<//>
      </dl>
      <p class="fine">${webhook.events.join(', ')}</p>
      ${webhook.failingSince && html`<div class="hint"><p>${t('It has failed since {time}.', { time: fullTime(webhook.failingSince) })}</p><p class="fine">${webhook.lastError}</p>${webhook.pausedUntil && html`<p class="fine">${t('It is not called until {time}: its events wait. A successful test ends that.', { time: fullTime(webhook.pausedUntil) })}</p>`}</div>`}
      ${webhook.status === 'disabled' && html`<div class="problem"><p>${webhook.disabledReason ?? t('It is disabled: nothing is delivered.')}</p>${may('webhooks:write') && html`<button type="button" class="small" disabled=${enabled.isBusy} onClick=${() => enabled.run()}>${t('Make it active')}</button>`}</div>`}
    </section>
  `;
}

/** @param {string} path @param {any} webhook */
const askDeleteWebhook = (path, webhook) => ask({
  title: t('Delete this webhook?'), action: t('Delete the webhook'), isDangerous: true,
  text: t('{url} gets no further event, also none that waits for another attempt. Its log goes with it.', { url: webhook.url }),
  run: async () => {
    await call('DELETE', path);
    go(['webhooks']);
  },
});

/** @param {{ path: string, webhook: any, onClose: () => void }} props */
function EditWebhook({ path, webhook, onClose }) {
  const [form, change] = useFields({ name: webhook.name ?? '', url: webhook.url, events: webhook.events, logSuccess: webhook.logSuccess, status: webhook.status });
  const saved = useAction(async () => {
    await call('PUT', path, { body: { ...form, name: form.name || undefined } });
    onClose();
  });
  return html`
    <${Dialog} title=${t('Edit the webhook')} onClose=${onClose} isWide>
      <${Form} action=${saved} submit=${t('Save')} onCancel=${onClose} fields=${['url', 'name']}>
        <${Field} label="URL" name="url" value=${form.url} onInput=${change('url')} error=${saved.error} />
        <${Field} label=${t('Name')} name="name" value=${form.name} onInput=${change('name')} error=${saved.error} />
        <${EventsField} chosen=${form.events} onChange=${change('events')} />
        <${Check} label=${t('Log successful deliveries too')} checked=${form.logSuccess} onChange=${change('logSuccess')} />
        <${Check} label=${t('Active')} checked=${form.status === 'active'} onChange=${(/** @type {boolean} */ on) => change('status')(on ? 'active' : 'disabled')} />
      <//>
    <//>
  `;
}

/** @param {{ path: string, onClose: () => void }} props */
function RotateDialog({ path, onClose }) {
  const [rotated, setRotated] = useState(/** @type {any} */ (undefined));
  const rotation = useAction(async () => setRotated((await call('POST', `${path}/rotate`, { body: {} })).data));
  return html`
    <${Dialog} title=${t('Rotate the secret')} onClose=${onClose}>
      ${rotated
        ? html`<div class="stack"><${Secrets} secrets=${[[t('Secret'), rotated.secret], [t('The same for Standard Webhooks libraries'), rotated.signingSecret]]} /><p>${t('The former secret signs too until {time}.', { time: fullTime(rotated.previousSecretExpiresAt) })}</p><div class="buttons"><button type="button" class="primary" onClick=${onClose}>${t('I have stored it')}</button></div></div>`
        : html`<${Form} action=${rotation} submit=${t('Rotate the secret')} onCancel=${onClose}><p>${t('A new secret is made and shown once. For 24 hours the old one signs webhook-signature as well; X-EnviaAI-Signature is made with the new one alone.')}</p><//>`}
    <//>
  `;
}
