/** What a batch says: a template or a text, which column is what, and when it leaves. */
import { html } from '../vendor/htm-preact.js';
import { changeDraft } from '../lib/batch_draft.js';
import { SAME } from '../lib/batch_rows.js';
import { offsetOf } from '../lib/format.js';
import { t } from '../lib/i18n.js';
import { templateId, templateOptions } from '../lib/templates.js';
import { Check, Choice, Field } from '../parts/forms.js';

/** @param {{ draft: import('../lib/batch_draft.js').BatchDraft, batch: import('./batch_create.js').Batch, templates: any[], template: any }} props */
export function BatchFields({ draft, batch, templates, template }) {
  const kinds = /** @type {[string, string][]} */ ([['template', t('Template')], ['message', t('Text')]]);
  const isText = draft.content === 'message';
  const chooseTemplate = (/** @type {string} */ id) => {
    const { to, reference } = draft.columns;
    changeDraft({ templateId: id, columns: { ...(to && { to }), ...(reference && { reference }) }, same: {} });
  };
  return html`
    <section class="card stack">
      <${Choice} label=${t('What to send')} value=${draft.content} options=${kinds} onChange=${(/** @type {string} */ content) => changeDraft({ content })} />
      ${isText && html`<p class="hint">${t('Somebody who has not written for 24 hours gets templates alone.')}</p>`}
      ${!isText && templates.length === 0 && html`<p class="hint">${t('There is no approved template.')} <a href="#/templates/new">${t('Create a template')}</a></p>`}
      ${!isText && template && html`<${Field} as="select" label=${t('Template')} value=${templateId(template)} options=${templateOptions(templates)} onInput=${chooseTemplate} />`}
      ${(isText || template) && html`
        <h2>${t('Columns')}</h2>
        <${Check} label=${t('The first row has names')} checked=${draft.hasHeader} onChange=${(/** @type {boolean} */ hasHeader) => changeDraft({ hasHeader, columns: {} })} />
        <div class="cards">${batch.targets.map((target) => html`<${ColumnField} key=${target.id} target=${target} draft=${draft} batch=${batch} />`)}</div>
      `}
      <${WhenFields} draft=${draft} />
    </section>
  `;
}

/** @param {{ target: import('../lib/batch_rows.js').Target, draft: import('../lib/batch_draft.js').BatchDraft, batch: import('./batch_create.js').Batch }} props */
function ColumnField({ target: { id, label, isRequired, maySame }, draft, batch: { names, mapping, first } }) {
  const column = mapping.columns[id] ?? '';
  const options = [['', isRequired ? t('Choose a column') : t('none')], ...names.map((name, index) => [String(index), name]), ...(maySame ? [[SAME, t('The same for everybody')]] : [])];
  const example = column && column !== SAME ? first[Number(column)] : '';
  return html`
    <div class="stack">
      <${Field} as="select" label=${label} value=${column} options=${options} hint=${example ? t('Such as {value}', { value: example.slice(0, 60) }) : undefined}
        onInput=${(/** @type {string} */ next) => changeDraft({ columns: { ...draft.columns, [id]: next } })} />
      ${column === SAME && html`<${Field} as=${id === 'message' ? 'textarea' : 'input'} label=${t('{name}, for everybody', { name: label })} value=${draft.same[id]}
        onInput=${(/** @type {string} */ value) => changeDraft({ same: { ...draft.same, [id]: value } })} />`}
    </div>
  `;
}

/** @param {{ draft: import('../lib/batch_draft.js').BatchDraft }} props */
function WhenFields({ draft }) {
  const hours = /** @type {[string, string][]} */ ([['', t('{n} hours', { n: 24 })], ...[12, 6, 3, 1].map((n) => [String(n * 3600), n === 1 ? t('1 hour') : t('{n} hours', { n })])]);
  return html`
    <h2>${t('When')}</h2>
    <div class="cards">
      <${Field} type="datetime-local" label=${t('Send at')} value=${draft.sendAt} onInput=${(/** @type {string} */ sendAt) => changeDraft({ sendAt })}
        hint=${t('Your time, {offset}. Empty: at once.', { offset: offsetOf(draft.sendAt) })} />
      <${Field} as="select" label=${t('Give up after')} value=${draft.expiresIn} options=${hours} onInput=${(/** @type {string} */ expiresIn) => changeDraft({ expiresIn })}
        hint=${t('What has not left by then fails, and its credit comes back.')} />
    </div>
  `;
}
