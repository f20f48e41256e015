/** Creates a webhook. Its secret is shown once. */
import { html, useState } from '../vendor/htm-preact.js';
import { call } from '../lib/api.js';
import { MESSAGE_EVENTS } from '../lib/events.js';
import { t } from '../lib/i18n.js';
import { useAction } from '../lib/load.js';
import { to } from '../lib/router.js';
import { session } from '../lib/session.js';
import { Head } from '../parts/basics.js';
import { EventsField } from '../parts/events_field.js';
import { Check, Field, Form, useFields } from '../parts/forms.js';
import { Secrets } from '../parts/secret.js';

export function CreateWebhook() {
  const current = session.get();
  const [form, change] = useFields({ name: '', url: '', instanceId: current?.instanceId ?? '', events: MESSAGE_EVENTS, logSuccess: false });
  const [created, setCreated] = useState(/** @type {any} */ (undefined));
  const creation = useAction(async () => {
    const body = { ...form, name: form.name || undefined };
    setCreated((await call('POST', '/v1/webhooks', { body })).data);
  });
  if (created) {
    return html`
      <${Head} title=${t('The webhook exists')} back="#/webhooks" />
      <div class="card stack">
        <${Secrets} secrets=${[[t('Secret'), created.secret], [t('The same for Standard Webhooks libraries'), created.signingSecret]]}>${t('Store one of them where your receiver reads it: it is not shown again.')}<//>
        <div class="buttons"><a class="button primary" href=${to(['webhooks', created.id])}>${t('Open it and send a test')}</a></div>
      </div>
    `;
  }
  const instances = (current?.instances ?? []).map(({ id, name }) => [id, name]);
  return html`
    <${Head} title=${t('Create a webhook')} back="#/webhooks" />
    <div class="card form">
      <${Form} action=${creation} submit=${t('Create a webhook')} fields=${['url', 'name', 'instanceId']}>
        <${Field} label="URL" name="url" type="url" value=${form.url} onInput=${change('url')} error=${creation.error} placeholder="https://example.com/webhook" hint=${t('HTTPS; it answers 2xx within five seconds.')} />
        <div class="cards">
          <${Field} label=${t('Name')} name="name" value=${form.name} onInput=${change('name')} error=${creation.error} />
          <${Field} as="select" label=${t('Instance')} name="instanceId" value=${form.instanceId} onInput=${change('instanceId')} error=${creation.error} options=${instances} />
        </div>
        <${EventsField} chosen=${form.events} onChange=${change('events')} />
        <${Check} label=${t('Log successful deliveries too')} hint=${t('Failed ones are always in the log.')} checked=${form.logSuccess} onChange=${change('logSuccess')} />
      <//>
    </div>
  `;
}
