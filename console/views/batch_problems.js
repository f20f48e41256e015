/** Rows of a file that are not sent, and why: the first hundred, and all of them as a file. */
import { html } from '../vendor/htm-preact.js';
import { downloadCsv } from '../lib/csv.js';
import { address, number } from '../lib/format.js';
import { t } from '../lib/i18n.js';

/** The most rows that are shown. */
const MOST_SHOWN = 100;

/** @typedef {{ number: number, cells: string[], to: string, problem: string, code?: string }} ProblemRow */

/** @param {{ title: string, rows: ProblemRow[], names: string[], fileName: string }} props */
export function ProblemRows({ title, rows, names, fileName }) {
  const download = () => {
    const cells = rows.map((row) => [...names.map((_, index) => row.cells[index] ?? ''), String(row.number), row.code ?? '', row.problem]);
    downloadCsv(`${fileName.replace(/\.\w+$/, '')}-${t('errors')}.csv`, [[...names, t('Row'), t('Code'), t('Problem')], ...cells]);
  };
  return html`
    <section class="card stack">
      <div class="line spread"><h2>${title}</h2><button type="button" class="small" onClick=${download}>${t('Download as CSV')}</button></div>
      <div class="scrolls problems-list" tabindex="0" role="group" aria-label=${title}>
        <table class="simple problems">
          <thead><tr><th scope="col">${t('Row')}</th><th scope="col">${t('Recipient')}</th><th scope="col">${t('Problem')}</th></tr></thead>
          <tbody>${rows.slice(0, MOST_SHOWN).map((row) => html`
            <tr key=${row.number}><td>${number(row.number)}</td><td>${address(row.to) || '–'}</td><td>${row.problem}${row.code && html` <span class="fine">${row.code}</span>`}</td></tr>
          `)}</tbody>
        </table>
      </div>
      ${rows.length > MOST_SHOWN && html`<p class="fine">${t('These are the first {n} of {m}; the file has them all.', { n: number(MOST_SHOWN), m: number(rows.length) })}</p>`}
    </section>
  `;
}
