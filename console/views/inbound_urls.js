/** Inbound URLs: whoever has one sends from its instance, without a key. A URL is shown once. */
import { html, useState } from '../vendor/htm-preact.js';
import { call, getAll } from '../lib/api.js';
import { t } from '../lib/i18n.js';
import { useAction, useLoad } from '../lib/load.js';
import { may, session } from '../lib/session.js';
import { Loaded, Time } from '../parts/basics.js';
import { ask, Dialog } from '../parts/dialogs.js';
import { Field, Form, useFields } from '../parts/forms.js';
import { Secrets } from '../parts/secret.js';

export function InboundUrls() {
  const urls = useLoad(() => getAll('/v1/webhooks/inbound'), []);
  const [isOpen, setOpen] = useState(false);
  const mayChange = may('webhooks:write');
  const remove = (/** @type {any} */ url) => ask({
    title: t('Delete this inbound URL?'), action: t('Delete the inbound URL'), isDangerous: true,
    text: t('Whatever sends with “{name}” is refused within 60 seconds. This cannot be undone.', { name: url.name }),
    run: async () => {
      await call('DELETE', `/v1/webhooks/${encodeURIComponent(url.id)}`);
      urls.reload();
    },
  });
  const instanceName = (/** @type {string} */ id) => session.get()?.instances.find((one) => one.id === id)?.name ?? id;
  return html`
    <section class="card" aria-label=${t('Inbound URLs')}>
      <header class="head"><h2>${t('Inbound URLs')}</h2>${mayChange && may('messages:write') && html`<div class="actions"><button type="button" onClick=${() => setOpen(true)}>${t('Create an inbound URL')}</button></div>`}</header>
      <${Loaded} of=${urls} rows=${1} isEmpty=${urls.data?.length === 0} empty=${html`<p class="fine">${t('Whoever has an inbound URL sends messages with it, without a key. There is none yet.')}</p>`}>
        <div class="scrolls"><table class="simple">
          <thead><tr><th scope="col">${t('Name')}</th><th scope="col" class="not-on-phone">${t('Instance')}</th><th scope="col" class="number">${t('Created')}</th><th><span class="unseen">${t('Actions')}</span></th></tr></thead>
          <tbody>${urls.data?.map((/** @type {any} */ url) => html`
            <tr key=${url.id}><td>${url.name}<p class="fine mono">${url.id}</p></td><td class="not-on-phone">${instanceName(url.instanceId)}</td><td class="number"><${Time} at=${url.createdAt} /></td><td class="number">${mayChange && html`<button type="button" class="small" onClick=${() => remove(url)}>${t('Delete')}</button>`}</td></tr>
          `)}</tbody>
        </table></div>
      <//>
      ${isOpen && html`<${CreateInboundUrl} onClose=${() => (setOpen(false), urls.reload())} />`}
    </section>
  `;
}

/** @param {{ onClose: () => void }} props */
function CreateInboundUrl({ onClose }) {
  const current = session.get();
  const [form, change] = useFields({ name: '', instanceId: current?.instanceId ?? '' });
  const [made, setMade] = useState('');
  const created = useAction(async () => setMade((await call('POST', '/v1/webhooks/inbound', { body: form })).data.url));
  const instances = (current?.instances ?? []).map(({ id, name }) => [id, name]);
  return html`
    <${Dialog} title=${t('Create an inbound URL')} onClose=${onClose}>
      ${made
        ? html`<div class="stack"><${Secrets} secrets=${[['URL', made]]} /><div class="buttons"><button type="button" class="primary" onClick=${onClose}>${t('I have stored it')}</button></div></div>`
        : html`<${Form} action=${created} submit=${t('Create an inbound URL')} onCancel=${onClose} fields=${['name', 'instanceId']}>
            <${Field} label=${t('Name')} name="name" value=${form.name} onInput=${change('name')} error=${created.error} hint=${t('It acts for your key: it counts against the key’s limit, and ends with the key.')} />
            <${Field} as="select" label=${t('Instance')} name="instanceId" value=${form.instanceId} onInput=${change('instanceId')} error=${created.error} options=${instances} />
          <//>`}
    <//>
  `;
}
