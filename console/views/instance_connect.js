/** Connects a number step by step, with what Meta shows where. */
import { html } from '../vendor/htm-preact.js';
import { call } from '../lib/api.js';
import { t } from '../lib/i18n.js';
import { useAction } from '../lib/load.js';
import { go } from '../lib/router.js';
import { changeSession, session } from '../lib/session.js';
import { Head, OutLink } from '../parts/basics.js';
import { Field, Form, useFields } from '../parts/forms.js';

export function CreateInstance() {
  const [form, change] = useFields({ name: '' });
  const created = useAction(async () => {
    const { data } = await call('POST', '/v1/instances', { body: form });
    const current = session.get();
    changeSession({ instances: [...(current?.instances ?? []), data], instanceId: current?.instanceId ?? data.id });
    go(['instances', data.id, 'connect']);
  });
  return html`
    <${Head} title=${t('Connect a number')} back="#/instances" />
    <div class="card form">
      <${Form} action=${created} submit=${t('Continue')} fields=${['name']}>
        <${Field} label=${t('Name')} name="name" value=${form.name} onInput=${change('name')} error=${created.error} hint=${t('For yourself, such as Sales or Support. Then you enter what Meta shows.')} />
      <//>
    </div>
  `;
}

/** @param {{ id: string }} props */
export function ConnectInstance({ id }) {
  const [form, change] = useFields({ businessId: '', phoneNumberId: '', accessToken: '', appSecret: '' });
  const connected = useAction(async () => {
    const body = { method: 'official', ...form, appSecret: form.appSecret || undefined };
    await call('POST', `/v1/instances/${encodeURIComponent(id)}/connect`, { body });
    go(['instances', id]);
  });
  const field = (/** @type {'businessId' | 'phoneNumberId' | 'accessToken' | 'appSecret'} */ name, /** @type {string} */ label, /** @type {any} */ more = {}) =>
    html`<${Field} label=${label} name=${name} value=${form[name]} onInput=${change(name)} error=${connected.error} spellcheck="false" ...${more} />`;
  return html`
    <${Head} title=${t('Connect a number')} back="#/instances" />
    <div class="card form">
      <${Form} action=${connected} submit=${t('Connect')} fields=${Object.keys(form)}>
        <ol class="steps">
          <li class="stack"><h2>${t('Open the app in Meta’s console')}</h2>
            <p>${t('Meta for Developers › My apps › your app › WhatsApp › API setup. The two ids stand there, below the number in “From”.')}</p>
            <p><${OutLink} href="https://developers.facebook.com/apps">developers.facebook.com/apps<//></p></li>
          <li class="stack"><h2>${t('Copy the two ids')}</h2>
            <div class="cards">${field('phoneNumberId', t('Phone number ID'), { inputmode: 'numeric' })}${field('businessId', t('WhatsApp Business Account ID'), { inputmode: 'numeric' })}</div></li>
          <li class="stack"><h2>${t('Make a token that does not expire')}</h2>
            <p>${t('Business settings › Users › System users: a system user with the app and the WhatsApp account as assets; then Generate token with whatsapp_business_messaging and whatsapp_business_management, never expiring.')}</p>
            ${field('accessToken', t('Access token'), { type: 'password', hint: t('It is stored encrypted and never shown again.') })}</li>
          <li class="stack"><h2>${t('Only if the token is of another app than the deployment’s')}</h2>
            <p>${t('App settings › Basic › App secret. With it the callbacks of that app are believed.')}</p>
            ${field('appSecret', t('App secret'), { type: 'password' })}</li>
          <li class="stack"><h2>${t('Connect')}</h2><p>${t('The number is checked with WhatsApp, and its callbacks are subscribed to.')}</p></li>
        </ol>
      <//>
    </div>
  `;
}
