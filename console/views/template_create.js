/** Creates a template: WhatsApp checks and approves it. */
import { html } from '../vendor/htm-preact.js';
import { call } from '../lib/api.js';
import { t } from '../lib/i18n.js';
import { useAction } from '../lib/load.js';
import { go } from '../lib/router.js';
import { session } from '../lib/session.js';
import { Head } from '../parts/basics.js';
import { notify } from '../parts/dialogs.js';
import { Field, Form, useFields } from '../parts/forms.js';
import { TemplatePreview } from '../parts/template_preview.js';

const HOLES = /\{\{\s*(\d+)\s*\}\}/g;

/** @param {string} text */
const holesOf = (text) => [...new Set([...text.matchAll(HOLES)].map(([, name]) => name))].sort((one, other) => Number(one) - Number(other));

/** WhatsApp's components. @param {Record<string, any>} form */
function componentsOf({ header, body, footer, buttons, examples }) {
  const replies = buttons.split('\n').map((/** @type {string} */ text) => text.trim()).filter(Boolean);
  const holes = holesOf(body);
  return [
    header && { type: 'HEADER', format: 'TEXT', text: header },
    { type: 'BODY', text: body, ...(holes.length && { example: { body_text: [holes.map((name) => examples[name] ?? '')] } }) },
    footer && { type: 'FOOTER', text: footer },
    replies.length && { type: 'BUTTONS', buttons: replies.map((/** @type {string} */ text) => ({ type: 'QUICK_REPLY', text })) },
  ].filter(Boolean);
}

export function CreateTemplate() {
  const [form, change] = useFields({ name: '', language: 'pt_BR', category: 'UTILITY', header: '', body: '', footer: '', buttons: '', examples: /** @type {Record<string, string>} */ ({}) });
  const components = componentsOf(form);
  const creation = useAction(async () => {
    const { name, language, category } = form;
    await call('POST', '/v1/templates', { body: { instanceId: session.get()?.instanceId, name, language, category, components } });
    notify(t('WhatsApp has the template and looks at it'));
    go(['templates', name, language]);
  });
  const categories = /** @type {[string, string][]} */ (['UTILITY', 'MARKETING', 'AUTHENTICATION'].map((one) => [one, t(one)]));
  return html`
    <${Head} title=${t('Create a template')} back="#/templates" />
    <div class="sides">
      <div class="card">
        <${Form} action=${creation} submit=${t('Create a template')} fields=${['name', 'language', 'category']}>
          <div class="cards">
            <${Field} label=${t('Name')} name="name" value=${form.name} onInput=${change('name')} error=${creation.error} hint=${t('Small letters, digits and _')} />
            <${Field} label=${t('Language')} name="language" value=${form.language} onInput=${change('language')} error=${creation.error} hint=${t('Such as pt_BR or en_US')} />
            <${Field} as="select" label=${t('Category')} name="category" value=${form.category} onInput=${change('category')} error=${creation.error} options=${categories} />
          </div>
          <${Field} label=${t('Header')} value=${form.header} onInput=${change('header')} maxlength="60" />
          <${Field} as="textarea" label=${t('Text')} value=${form.body} onInput=${change('body')} maxlength="1024" hint=${t('{{1}}, {{2}} … are parameters.')} />
          ${holesOf(form.body).map((name) => html`<${Field} key=${name} label=${t('Example of {name}', { name: `{{${name}}}` })} value=${form.examples[name]} onInput=${(/** @type {string} */ value) => change('examples')({ ...form.examples, [name]: value })} />`)}
          <${Field} label=${t('Footer')} value=${form.footer} onInput=${change('footer')} maxlength="60" />
          <${Field} as="textarea" label=${t('Quick replies, one a line')} value=${form.buttons} onInput=${change('buttons')} />
        <//>
      </div>
      <${TemplatePreview} template=${{ components }} values=${Object.fromEntries(Object.entries(form.examples).map(([name, value]) => [`body.${name}`, value]))} />
    </div>
  `;
}
