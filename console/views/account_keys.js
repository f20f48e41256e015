/** An account's API keys. A key is shown once. */
import { html, useState } from '../vendor/htm-preact.js';
import { call, getAll, newIdempotencyKey } from '../lib/api.js';
import { fullTime } from '../lib/format.js';
import { t } from '../lib/i18n.js';
import { useAction, useLoad } from '../lib/load.js';
import { Loaded, Time } from '../parts/basics.js';
import { ask, Dialog } from '../parts/dialogs.js';
import { Check, Field, Form, useFields } from '../parts/forms.js';
import { Secrets } from '../parts/secret.js';

const SCOPES = ['messages:read', 'messages:write', 'instances:read', 'instances:write', 'webhooks:read', 'webhooks:write'];

/** @param {{ path: string }} props */
export function Keys({ path }) {
  const keys = useLoad(() => getAll(`${path}/keys`), [path]);
  const [isOpen, setOpen] = useState(false);
  const revoke = (/** @type {any} */ key) => ask({
    title: t('Revoke this key?'), action: t('Revoke the key'), isDangerous: true,
    text: t('Whatever uses “{name}” is refused within 60 seconds. This cannot be undone.', { name: key.name }),
    run: async () => {
      await call('DELETE', `${path}/keys/${encodeURIComponent(key.id)}`);
      keys.reload();
    },
  });
  return html`
    <section class="card">
      <header class="head"><h2>${t('API keys')}</h2><div class="actions"><button type="button" onClick=${() => setOpen(true)}>${t('Create a key')}</button></div></header>
      <${Loaded} of=${keys} isEmpty=${keys.data?.length === 0} empty=${html`<p class="fine">${t('It has no key yet.')}</p>`}>
        <div class="scrolls"><table class="simple">
          <thead><tr><th scope="col">${t('Name')}</th><th scope="col" class="not-on-phone">${t('Scopes')}</th><th scope="col" class="number">${t('Last used')}</th><th scope="col" class="number">${t('Expires')}</th><th><span class="unseen">${t('Actions')}</span></th></tr></thead>
          <tbody>${keys.data?.map((/** @type {any} */ key) => html`
            <tr key=${key.id}><td>${key.name}<p class="fine mono">${key.id}</p></td><td class="not-on-phone fine">${key.scopes.length === SCOPES.length ? t('all') : key.scopes.join(', ')}</td><td class="number"><${Time} at=${key.lastUsedAt} /></td><td class="number">${key.expiresAt ? fullTime(key.expiresAt) : t('never')}</td><td class="number"><button type="button" class="small" onClick=${() => revoke(key)}>${t('Revoke')}</button></td></tr>
          `)}</tbody>
        </table></div>
      <//>
      ${isOpen && html`<${CreateKey} path=${path} onClose=${() => (setOpen(false), keys.reload())} />`}
    </section>
  `;
}

/** @param {{ path: string, onClose: () => void }} props */
function CreateKey({ path, onClose }) {
  const [form, change] = useFields({ name: '', scopes: SCOPES, expiresAt: '' });
  const [made, setMade] = useState('');
  const created = useAction(async () => {
    const body = { name: form.name, scopes: form.scopes, expiresAt: form.expiresAt ? new Date(form.expiresAt).toISOString() : undefined };
    setMade((await call('POST', `${path}/keys`, { body, idempotencyKey: newIdempotencyKey() })).data.key);
  });
  const toggle = (/** @type {string} */ scope) => (/** @type {boolean} */ on) => change('scopes')(on ? [...form.scopes, scope] : form.scopes.filter((one) => one !== scope));
  return html`
    <${Dialog} title=${t('Create a key')} onClose=${onClose}>
      ${made
        ? html`<div class="stack"><${Secrets} secrets=${[[t('API key'), made]]} /><div class="buttons"><button type="button" class="primary" onClick=${onClose}>${t('I have stored it')}</button></div></div>`
        : html`<${Form} action=${created} submit=${t('Create a key')} onCancel=${onClose} fields=${['name', 'expiresAt']}>
            <${Field} label=${t('Name')} name="name" value=${form.name} onInput=${change('name')} error=${created.error} />
            <fieldset><legend>${t('Scopes')}</legend>${SCOPES.map((scope) => html`<${Check} key=${scope} label=${scope} checked=${form.scopes.includes(scope)} onChange=${toggle(scope)} />`)}</fieldset>
            <${Field} label=${t('Expires')} name="expiresAt" type="datetime-local" value=${form.expiresAt} onInput=${change('expiresAt')} error=${created.error} hint=${t('Empty: never')} />
          <//>`}
    <//>
  `;
}
