/** How many messages of a batch, or of several, have come how far. */
import { html } from '../vendor/htm-preact.js';
import { number, percent } from '../lib/format.js';
import { t } from '../lib/i18n.js';
import { to } from '../lib/router.js';

/** From the bar's left, with their colours. */
const SHARES = /** @type {const} */ (['read', 'delivered', 'sent', 'failed', 'queued']);

/** @param {{ accepted: number, counts: Record<string, number>, batchId?: string }} props `batchId`: of which the messages can be listed */
export function BatchCounts({ accepted, counts, batchId }) {
  /** @type {Record<string, number>} */
  const shown = { ...counts, queued: counts.queued + counts.scheduled };
  const done = accepted - shown.queued;
  const share = (/** @type {number} */ count) => (accepted ? (count / accepted) * 100 : 0);
  const before = (/** @type {number} */ index) => share(SHARES.slice(0, index).reduce((sum, name) => sum + shown[name], 0));
  const text = t('{n} of {m} have left ({percent})', { n: number(done), m: number(accepted), percent: percent(accepted ? done / accepted : 0) });
  return html`
    <section class="card stack">
      <p class="strong" role="status">${text}</p>
      <svg class="progress" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">${SHARES.map((name, index) => html`<rect key=${name} class="fill-${name}" x=${before(index)} width=${share(shown[name])} height="8" />`)}</svg>
      <dl class="counts">${SHARES.map((name) => html`
        <div key=${name}><dt><i class="fill-${name}"></i>${t(name === 'queued' && counts.scheduled ? 'scheduled' : name)}</dt>
          <dd class=${name === 'failed' && shown.failed ? 'bad' : ''}>${batchId && shown[name] && !counts.scheduled ? html`<a href=${to(['messages'], { batchId, status: name })}>${number(shown[name])}</a>` : number(shown[name])}</dd></div>
      `)}</dl>
    </section>
  `;
}
