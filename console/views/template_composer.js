/** Sends a template: one of the approved, its parameters as fields, and how the person will see it. */
import { html, useState } from '../vendor/htm-preact.js';
import { get } from '../lib/api.js';
import { t } from '../lib/i18n.js';
import { useAction, useLoad } from '../lib/load.js';
import { session } from '../lib/session.js';
import { parametersOf, templateBody } from '../lib/templates.js';
import { Icon, Loaded, Problem } from '../parts/basics.js';
import { Field } from '../parts/forms.js';
import { TemplatePreview } from '../parts/template_preview.js';

/** @param {{ send: (content: Record<string, unknown>) => Promise<void> }} props */
export function TemplateComposer({ send }) {
  const list = useLoad((signal) => get('/v1/templates', { instanceId: session.get()?.instanceId, status: 'APPROVED', limit: 100 }, signal).then(({ data }) => data), []);
  const [chosen, setChosen] = useState('');
  const [values, setValues] = useState(/** @type {Record<string, string>} */ ({}));
  const idOf = (/** @type {any} */ one) => `${one.name} ${one.language}`;
  const template = list.data?.find((/** @type {any} */ one) => idOf(one) === chosen) ?? list.data?.[0];
  const sent = useAction(async () => {
    await send({ template: templateBody(template, values) });
    setValues({});
  });
  const submit = (/** @type {Event} */ event) => (event.preventDefault(), sent.run());
  return html`
    <${Loaded} of=${list} rows=${2} isEmpty=${list.data?.length === 0} empty=${html`<p class="fine">${t('There is no approved template.')} <a href="#/templates/new">${t('Create a template')}</a></p>`}>
      ${template && html`
        <form class="stack" onSubmit=${submit}>
          <div class="sides">
            <div class="stack">
              <${Field} as="select" label=${t('Template')} value=${idOf(template)} onInput=${(/** @type {string} */ next) => (setChosen(next), setValues({}))} options=${list.data.map((/** @type {any} */ one) => [idOf(one), `${one.name} · ${one.language}`])} />
              ${parametersOf(template).map((parameter) => html`
                <${Field} key=${parameter.id} label=${labelOf(parameter)} value=${values[parameter.id]} onInput=${(/** @type {string} */ value) => setValues({ ...values, [parameter.id]: value })} />
              `)}
            </div>
            <${TemplatePreview} template=${template} values=${values} />
          </div>
          <${Problem} error=${sent.error} />
          <div class="buttons"><button class="primary" disabled=${sent.isBusy}><${Icon} name="send" />${t('Send the template')}</button></div>
        </form>
      `}
    <//>
  `;
}

/** @param {import('../lib/templates.js').Parameter} parameter */
function labelOf({ part, kind, name }) {
  if (part === 'button') return t('Parameter of the button {name}', { name });
  if (kind !== 'text') return t('URL of the {kind} in the header', { kind: t(kind) });
  return part === 'header' ? t('Header: {name}', { name: `{{${name}}}` }) : t('Text: {name}', { name: `{{${name}}}` });
}
