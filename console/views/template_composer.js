/** Sends a template: one of the approved, its parameters as fields, and how the person will see it. */
import { html, useState } from '../vendor/htm-preact.js';
import { t } from '../lib/i18n.js';
import { useAction, useLoad } from '../lib/load.js';
import { approvedTemplates, parameterLabel, parametersOf, templateBody, templateId, templateOptions } from '../lib/templates.js';
import { Icon, Loaded, Problem } from '../parts/basics.js';
import { Field } from '../parts/forms.js';
import { TemplatePreview } from '../parts/template_preview.js';

/** @param {{ send: (content: Record<string, unknown>) => Promise<void> }} props */
export function TemplateComposer({ send }) {
  const list = useLoad(approvedTemplates, []);
  const [chosen, setChosen] = useState('');
  const [values, setValues] = useState(/** @type {Record<string, string>} */ ({}));
  const template = list.data?.find((/** @type {any} */ one) => templateId(one) === chosen) ?? list.data?.[0];
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
              <${Field} as="select" label=${t('Template')} value=${templateId(template)} onInput=${(/** @type {string} */ next) => (setChosen(next), setValues({}))} options=${templateOptions(list.data ?? [])} />
              ${parametersOf(template).map((parameter) => html`
                <${Field} key=${parameter.id} label=${parameterLabel(parameter)} value=${values[parameter.id]} onInput=${(/** @type {string} */ value) => setValues({ ...values, [parameter.id]: value })} />
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
