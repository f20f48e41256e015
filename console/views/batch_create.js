/** A new batch: a file, what its columns are, how the first messages will look, and what is wrong with rows, before anything is sent. */
import { html, useMemo } from '../vendor/htm-preact.js';
import { get, newIdempotencyKey } from '../lib/api.js';
import { batchDraft, batchFile, changeDraft, forgetDraft, ownDraft } from '../lib/batch_draft.js';
import { begunBatchOf } from '../lib/begun_batches.js';
import { checkRows, requestOf, suggestedColumns, tableOf, targetsOf, unchosen } from '../lib/batch_rows.js';
import { sendParts } from '../lib/batch_send.js';
import { readCsv } from '../lib/csv.js';
import { address, fullTime, number, timeWithOffset } from '../lib/format.js';
import { language, t } from '../lib/i18n.js';
import { useLoad } from '../lib/load.js';
import { session } from '../lib/session.js';
import { useStore } from '../lib/store.js';
import { approvedTemplates, templateId } from '../lib/templates.js';
import { Empty, Head, Icon, Loaded } from '../parts/basics.js';
import { ask } from '../parts/dialogs.js';
import { TemplatePreview } from '../parts/template_preview.js';
import { BatchFields } from './batch_fields.js';
import { BatchFile } from './batch_file.js';
import { ProblemRows } from './batch_problems.js';
import { BatchSending } from './batch_sending.js';

/** How many rows are shown as they will look. */
const PREVIEWED = 3;
/** How far ahead a batch may be scheduled, in milliseconds. */
const MOST_AHEAD = 30 * 24 * 3_600_000;

export function CreateBatch() {
  useStore(batchDraft);
  const draft = ownDraft();
  const text = useStore(batchFile);
  const list = useLoad((signal) => (draft.sending ? Promise.resolve([]) : approvedTemplates(signal)), []);
  const chosen = list.data?.find((/** @type {any} */ one) => templateId(one) === draft.templateId) ?? list.data?.[0];
  const template = draft.content === 'message' ? undefined : draft.sending ? draft.sending.template : chosen;
  const batch = useBatch(draft, text, template);
  if (draft.sending) return html`<${BatchSending} sending=${draft.sending} batch=${batch} template=${template} />`;
  const begun = draft.isAnew ? undefined : begunBatchOf(draft);
  return html`
    <${Head} title=${t('New batch')} back="#/batches">
      ${draft.fileName && html`<button type="button" onClick=${forgetDraft}>${t('Start again')}</button>`}
    <//>
    <div class="stack">
      <${BatchFile}><${FileFacts} draft=${draft} batch=${batch} /><//>
      ${begun && html`<${Begun} begun=${begun} />`}
      ${!batch && html`<${Empty} title=${t('A table with one recipient a row')}>${t('One column has the numbers, with their country codes, others what a template says to each. Separated by commas or semicolons, as spreadsheets save it. Nothing is sent before you have seen the first messages and what is wrong with which row.')}<//>`}
      ${batch && !begun && html`<${Loaded} of=${list} rows=${3}>
        <div class="sides">
          <${BatchFields} draft=${draft} batch=${batch} templates=${list.data ?? []} template=${template} />
          <${Preview} rows=${batch.good} template=${template} isText=${draft.content === 'message'} />
        </div>
        ${(template || draft.content === 'message') && html`
          ${batch.bad.length > 0 && html`<${ProblemRows} title=${batch.bad.length === 1 ? t('1 row with an error') : t('{n} rows with errors', { n: number(batch.bad.length) })} rows=${batch.bad} names=${batch.names} fileName=${draft.fileName} />`}
          <${Submit} draft=${draft} batch=${batch} template=${template} />
        `}
      <//>`}
    </div>
  `;
}

/** Asks what is to be done with a file that has become a batch before. @param {{ begun: import('../lib/begun_batches.js').BegunBatch }} props */
function Begun({ begun }) {
  const { begunAt, done, total } = begun.sending;
  return html`
    <section class="card stack">
      <p class="strong" role="status">${t('This file became a batch at {time}: of {m} recipients, at least {n} are sent.', { time: fullTime(begunAt), n: number(done), m: number(total) })}</p>
      <p>${t('If it is continued, nobody gets a message twice. If it is sent anew, people who have got the message get it again.')}</p>
      <div class="buttons">
        <button type="button" onClick=${() => changeDraft({ isAnew: true })}>${t('Send anew')}</button>
        <button type="button" class="primary" onClick=${() => changeDraft(begun)}>${done === total ? t('Show') : t('Continue')}</button>
      </div>
    </section>
  `;
}

/** @typedef {{ names: string[], targets: import('../lib/batch_rows.js').Target[], mapping: import('../lib/batch_rows.js').Mapping, first: string[],
 *   good: import('../lib/batch_rows.js').CheckedRow[], bad: any[] }} Batch */

/** The rows of the file with what is wrong with them. @param {import('../lib/batch_draft.js').BatchDraft} draft @param {string} text @param {any} template @returns {Batch | undefined} */
function useBatch({ hasHeader, content, columns, same }, text, template) {
  const read = useMemo(() => readCsv(text), [text]);
  const spoken = useStore(language);
  return useMemo(() => {
    if (read.rows.length === 0) return undefined;
    const { names, rows } = tableOf(read.rows, hasHeader);
    const targets = targetsOf(template);
    const mapping = { columns: { ...suggestedColumns(names, rows, targets), ...columns }, same };
    const checked = checkRows(rows, mapping, targets);
    return { names, targets, mapping, first: rows[0]?.cells ?? [], good: checked.filter(({ problem }) => !problem), bad: checked.filter(({ problem }) => problem) };
  }, [read, hasHeader, content, JSON.stringify([columns, same]), template, spoken]);
}

/** @param {{ draft: import('../lib/batch_draft.js').BatchDraft, batch?: Batch }} props */
const FileFacts = ({ draft, batch }) => (draft.fileName
  ? html`<div><p class="strong">${draft.fileName}</p><p class="fine">${batch ? t('{n} rows, {m} columns', { n: number(batch.good.length + batch.bad.length), m: batch.names.length }) : t('It was too large to be kept over a reload: choose it again.')}</p></div>`
  : null);

/** @param {{ rows: import('../lib/batch_rows.js').CheckedRow[], template: any, isText: boolean }} props */
const Preview = ({ rows, template, isText }) => html`
  <section class="card stack">
    <h2>${t('The first messages')}</h2>
    ${rows.length === 0 && html`<p class="fine">${t('No row can be sent yet.')}</p>`}
    ${(template || isText) && rows.slice(0, PREVIEWED).map(({ number: row, to, values }) => html`
      <div key=${row}>
        <p class="fine">${t('Row {n}', { n: row })} · ${address(to)}${values.reference && ` · ${values.reference}`}</p>
        <${TemplatePreview} template=${template ?? { components: [{ type: 'BODY', text: values.message }] }} values=${values} />
      </div>
    `)}
  </section>
`;

/** @param {{ draft: import('../lib/batch_draft.js').BatchDraft, batch: Batch, template: any }} props */
function Submit({ draft, batch, template }) {
  const account = useLoad((signal) => get('/v1/account', {}, signal).then(({ data }) => data), []);
  const { good, bad, mapping, targets } = batch;
  const credits = account.data?.credits;
  const ahead = draft.sendAt ? Date.parse(draft.sendAt) - Date.now() : 1;
  const [first] = unchosen(mapping, targets);
  const mistake = first ? t('Choose what “{name}” is.', { name: first.label }) : ahead <= 0 ? t('The time is past.') : ahead > MOST_AHEAD ? t('At most 30 days ahead.') : '';
  const begin = async () => {
    const { common, recipients } = requestOf(good, mapping, template);
    const options = { ...(draft.sendAt && { sendAt: new Date(draft.sendAt).toISOString() }), ...(draft.expiresIn && { expiresIn: Number(draft.expiresIn) }) };
    const key = newIdempotencyKey();
    changeDraft({
      columns: mapping.columns,
      sending: { id: key, key, begunAt: new Date().toISOString(), template, common: { instanceId: session.get()?.instanceId, ...common, ...options }, total: recipients.length, from: 0, parts: 0, done: 0, batches: [], rejected: [] },
    });
    void sendParts(recipients);
  };
  const askSend = () => ask({
    title: t('Send {n} messages?', { n: number(good.length) }), action: draft.sendAt ? t('Schedule') : t('Send now'), run: begin,
    text: [
      t('From {name}, {when}.', { name: session.get()?.instances.find(({ id }) => id === session.get()?.instanceId)?.name, when: draft.sendAt ? timeWithOffset(draft.sendAt) : t('at once') }),
      t('Each costs a credit.'), bad.length > 0 && t('Rows with errors are left out: {n}.', { n: number(bad.length) }),
    ].filter(Boolean).join(' '),
  });
  return html`
    <section class="card line spread">
      <div>
        <p class="strong">${t('{n} messages, {m} rows left out', { n: number(good.length), m: number(bad.length) })}</p>
        <p class=${credits < good.length || mistake ? 'fine bad' : 'fine'} role="status">${mistake || (credits !== undefined && t('They cost {n} credits; you have {m}.', { n: number(good.length), m: number(credits) }))}</p>
      </div>
      <button type="button" class="primary" disabled=${good.length === 0 || Boolean(mistake)} onClick=${askSend}><${Icon} name="send" />${draft.sendAt ? t('Schedule') : t('Send')}</button>
    </section>
  `;
}
