/** The file of a batch: chosen or dropped, and refused with a reason where it is no table. */
import { html, useState } from '../vendor/htm-preact.js';
import { batchFile, changeDraft, digestOf, keepFile, ownDraft } from '../lib/batch_draft.js';
import { hasNames, MOST_ROWS } from '../lib/batch_rows.js';
import { readCsv, textOf } from '../lib/csv.js';
import { fileSize, number } from '../lib/format.js';
import { t } from '../lib/i18n.js';
import { useAction } from '../lib/load.js';
import { Icon, Problem } from '../parts/basics.js';

/** The most bytes that are read. */
const MOST_FILE_BYTES = 50_000_000;

/** @param {{ children?: any }} props */
export function BatchFile({ children }) {
  const [isOver, setOver] = useState(false);
  const opened = useAction(openFile);
  const choose = (/** @type {any} */ event) => {
    if (event.target.files[0]) opened.run(event.target.files[0]);
    event.target.value = ''; // so that the same file can be chosen again after it was changed
  };
  const drop = (/** @type {DragEvent} */ event) => {
    event.preventDefault();
    setOver(false);
    if (event.dataTransfer?.files[0]) opened.run(event.dataTransfer.files[0]);
  };
  const over = (/** @type {DragEvent} */ event) => (event.preventDefault(), setOver(true));
  const { fileName } = ownDraft();
  return html`
    <section class="card stack drop ${isOver ? 'is-over' : ''}" onDragOver=${over} onDragLeave=${() => setOver(false)} onDrop=${drop}>
      <div class="line">
        <label class="button file ${fileName ? '' : 'primary'}"><${Icon} name="attach" />${t(fileName ? 'Choose another file' : 'Choose a CSV file or drop it here')}<input type="file" accept=".csv,.txt,.tsv,text/csv,text/plain" class="unseen" onChange=${choose} /></label>
        ${children}
      </div>
      <${Problem} error=${opened.error} />
    </section>
  `;
}

/** Takes a file: a new one for a draft, the same one again for a batch that is being sent. @param {globalThis.File} file */
async function openFile(file) {
  if (file.size > MOST_FILE_BYTES) throw new Error(t('The file has {size}; at most {most} are read.', { size: fileSize(file.size), most: fileSize(MOST_FILE_BYTES) }));
  const text = textOf(await file.arrayBuffer());
  if (text.includes('\0')) throw new Error(t('This is no CSV file. In the spreadsheet, save the table as CSV.'));
  const { rows, unclosed } = readCsv(text);
  if (unclosed) throw new Error(t('Row {n} has a quote that is never closed.', { n: unclosed }));
  if (rows.length === 0) throw new Error(t('The file is empty.'));
  if (rows.length - Number(hasNames(rows)) > MOST_ROWS) throw new Error(t('The file has {n} rows; a batch has at most {most}. Divide the file.', { n: number(rows.length), most: number(MOST_ROWS) }));
  const digest = await digestOf(text);
  const draft = ownDraft();
  if (draft.sending && digest !== draft.digest) throw new Error(t('This is another file than the one that is being sent.'));
  const isSame = draft.digest === digest && batchFile.get();
  keepFile(text);
  if (!draft.sending && !isSame) changeDraft({ fileName: file.name, digest, isAnew: false, hasHeader: hasNames(rows), columns: {} });
}
