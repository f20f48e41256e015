/** Templates: what may be sent to people who have not written, with WhatsApp's word on each. The list asks WhatsApp at once. */
import { html } from '../vendor/htm-preact.js';
import { call, get } from '../lib/api.js';
import { t } from '../lib/i18n.js';
import { useLive } from '../lib/live.js';
import { useLoad, usePages } from '../lib/load.js';
import { go, to } from '../lib/router.js';
import { may, session } from '../lib/session.js';
import { Empty, Fact, Head, Loaded, More, Status } from '../parts/basics.js';
import { ask } from '../parts/dialogs.js';
import { Table } from '../parts/table.js';
import { TemplatePreview } from '../parts/template_preview.js';
import { CreateTemplate } from './template_create.js';

/** @param {{ parts: string[] }} props */
export function Templates({ parts: [name, language] }) {
  if (!session.get()?.instanceId) return html`<${Head} title=${t('Templates')} /><${Empty} title=${t('No instance')}>${t('Templates belong to the business of an instance.')}<//>`;
  if (name === 'new') return html`<${CreateTemplate} />`;
  return name ? html`<${TemplatePage} name=${name} language=${language} />` : html`<${TemplateList} />`;
}

function TemplateList() {
  const instanceId = session.get()?.instanceId;
  const pages = usePages((after, signal) => get('/v1/templates', { instanceId, limit: 100, after }, signal), [instanceId]);
  useLive((events) => {
    if (events.length === 0 || events.some(({ body }) => body.event === 'template.updated')) pages.reload();
  });
  return html`
    <${Head} title=${t('Templates')}>${may('messages:write') && html`<a class="button primary" href="#/templates/new">${t('Create a template')}</a>`}<//>
    <${Loaded} of=${pages} isEmpty=${pages.rows.length === 0} empty=${html`<${Empty} title=${t('No templates')}>${t('A template is approved by WhatsApp before it can be sent.')}<//>`}>
      <${Table} label=${t('Templates')} rows=${pages.rows} columns=${templateColumns()} idOf=${(/** @type {any} */ row) => row.id} linkOf=${(/** @type {any} */ row) => to(['templates', row.name, row.language])} />
      <${More} pages=${pages} />
    <//>
  `;
}

const templateColumns = () => [
  { title: t('Name'), isWide: true, isName: true, cell: (/** @type {any} */ row) => row.name },
  { title: t('Language'), cell: (/** @type {any} */ row) => row.language },
  { title: t('Status'), cell: (/** @type {any} */ row) => html`<${Status} of=${row.status ?? 'unknown'} />` },
  { title: t('Category'), hidesOnPhone: true, cell: (/** @type {any} */ row) => t(row.category ?? '') },
  { title: t('Quality'), hidesOnPhone: true, cell: (/** @type {any} */ row) => t(row.quality ?? '') },
];

/** @param {{ name: string, language: string }} props */
function TemplatePage({ name, language }) {
  const instanceId = session.get()?.instanceId;
  const path = `/v1/templates/${encodeURIComponent(name)}`;
  const template = useLoad((signal) => get(path, { instanceId, language }, signal).then(({ data }) => data), [path, language]);
  const found = template.data;
  const askDelete = () => ask({
    title: t('Delete this template?'), action: t('Delete the template'), isDangerous: true,
    text: t('{name} ({language}) is deleted at WhatsApp. Messages that wait to be sent with it fail, and its name cannot be used again for 30 days.', { name, language }),
    run: async () => {
      await call('DELETE', path, { query: { instanceId, language } });
      go(['templates']);
    },
  });
  return html`
    <${Head} title=${name} back="#/templates">${found && may('messages:write') && html`<button type="button" onClick=${askDelete}>${t('Delete')}</button>`}<//>
    <${Loaded} of=${template}>
      ${found && html`<div class="sides">
        <${TemplatePreview} template=${found} />
        <section class="card"><dl class="facts">
          <${Fact} name=${t('Status')}><${Status} of=${found.status ?? 'unknown'} /><//>
          <${Fact} name=${t('Language')}>${found.language}<//>
          <${Fact} name=${t('Category')}>${t(found.category ?? '')}<//>
          <${Fact} name=${t('Quality')}>${t(found.quality ?? '')}<//>
          <${Fact} name=${t('Parameters')}>${found.parameters?.join(', ') || t('none')}<//>
          ${found.rejectedReason && found.rejectedReason !== 'NONE' && html`<${Fact} name=${t('Why it was refused')}>${found.rejectedReason}<//>`}
        </dl></section>
      </div>`}
    <//>
  `;
}
