/** Messages over time: what was sent upwards, by status, and what was received downwards. Arrow keys move through the bars. */
import { html, useEffect, useRef, useState } from '../vendor/htm-preact.js';
import { dayAndMonth, hourAndMinute, number } from '../lib/format.js';
import { t } from '../lib/i18n.js';
import { STATES } from '../lib/statistics.js';

const [HEIGHT, LEFT, FOOT] = [220, 40, 20];
const KINDS = [...STATES, 'received'];

/** @typedef {{ at: number, counts: import('../lib/statistics.js').Counts }} Bar */

/** @param {{ bars: Bar[], isByDay: boolean }} props */
export function Chart({ bars, isByDay }) {
  const [picked, setPicked] = useState(-1);
  const [element, width] = useWidth();
  const label = (/** @type {number} */ at) => (isByDay ? dayAndMonth(at) : `${dayAndMonth(at)} ${hourAndMinute(at)}`);
  const step = (width - LEFT) / bars.length;
  const onKeyDown = (/** @type {KeyboardEvent} */ event) => {
    const move = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!move) return;
    event.preventDefault();
    setPicked(Math.max(0, Math.min(bars.length - 1, (picked < 0 ? bars.length : picked) + move)));
  };
  const onPointerMove = (/** @type {any} */ event) => {
    const box = event.currentTarget.getBoundingClientRect();
    const at = Math.floor((((event.clientX - box.left) / box.width) * width - LEFT) / step);
    setPicked(at >= 0 && at < bars.length ? at : -1);
  };
  return html`
    <${Legend} counts=${bars[picked]?.counts ?? sum(bars)} when=${bars[picked] ? label(bars[picked].at) : t('Whole period')} />
    <svg class="chart" ref=${element} viewBox="0 0 ${width} ${HEIGHT}" tabindex="0" role="img" aria-label=${t('Messages over time; the table below has the numbers')}
      onKeyDown=${onKeyDown} onPointerMove=${onPointerMove} onPointerLeave=${() => setPicked(-1)} onBlur=${() => setPicked(-1)}>
      <${Drawing} bars=${bars} width=${width} step=${step} picked=${picked} />
    </svg>
    <div class="chart-foot fine" aria-hidden="true"><span>${label(bars[0].at)}</span><span>${label(bars[Math.floor(bars.length / 2)].at)}</span><span>${label(bars[bars.length - 1].at)}</span></div>
    <details><summary>${t('The numbers as a table')}</summary><${Numbers} bars=${bars} label=${label} /></details>
  `;
}

/** @param {Bar[]} bars */
function sum(bars) {
  return Object.fromEntries(KINDS.map((kind) => [kind, bars.reduce((total, bar) => total + bar.counts[kind], 0)]));
}

/** @param {{ counts: Record<string, number>, when: string }} props */
const Legend = ({ counts, when }) => html`
  <div class="legend"><span class="when">${when}</span>${KINDS.map((kind) => html`<span key=${kind}><i class="fill-${kind}"></i>${t(kind)} <b>${number(counts[kind])}</b></span>`)}</div>
`;

/** An element to refer to, and its width in pixels. @returns {[any, number]} */
function useWidth() {
  const element = useRef(/** @type {Element | null} */ (null));
  const [width, setWidth] = useState(800);
  useEffect(() => {
    const observer = new ResizeObserver(([entry]) => setWidth(Math.max(240, Math.round(entry.contentRect.width))));
    if (element.current) observer.observe(element.current);
    return () => observer.disconnect();
  }, []);
  return [element, width];
}

/** @param {{ bars: Bar[], width: number, step: number, picked: number }} props */
function Drawing({ bars, width, step, picked }) {
  const up = nice(Math.max(...bars.map(({ counts }) => STATES.reduce((total, state) => total + counts[state], 0))));
  const down = Math.max(...bars.map(({ counts }) => counts.received)) ? nice(Math.max(...bars.map(({ counts }) => counts.received))) : 0;
  const scale = (HEIGHT - FOOT) / (up + down);
  const zero = up * scale + FOOT / 2;
  const gap = Math.min(4, step * 0.25);
  return html`
    ${picked >= 0 && html`<rect class="picked" x=${LEFT + picked * step} y="0" width=${step} height=${HEIGHT} />`}
    ${[up, up / 2].map((at) => html`<line key=${at} class="grid" x1=${LEFT} x2=${width} y1=${zero - at * scale} y2=${zero - at * scale} />`)}
    ${bars.map((bar, index) => {
      let top = zero;
      const x = LEFT + index * step + gap / 2;
      return html`<g key=${bar.at}>
        ${STATES.filter((state) => bar.counts[state]).map((state) => {
          const height = Math.max(1, bar.counts[state] * scale);
          top -= height;
          return html`<rect key=${state} class="fill-${state}" x=${x} y=${top} width=${step - gap} height=${height} />`;
        })}
        ${bar.counts.received > 0 && html`<rect class="fill-received" x=${x} y=${zero} width=${step - gap} height=${Math.max(1, bar.counts.received * scale)} />`}
      </g>`;
    })}
    <line class="axis" x1=${LEFT} x2=${width} y1=${zero} y2=${zero} />
    <text x=${LEFT - 6} y=${zero - up * scale + 4} text-anchor="end">${number(up)}</text>
    <text x=${LEFT - 6} y=${zero + 4} text-anchor="end">0</text>
  `;
}

/** The next number that people like to read. @param {number} value */
function nice(value) {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, value)));
  return [1, 1.5, 2, 3, 4, 5, 6, 8, 10].map((factor) => factor * power).find((candidate) => candidate >= value) ?? value;
}

/** @param {{ bars: Bar[], label: (at: number) => string }} props */
const Numbers = ({ bars, label }) => html`
  <div class="scrolls" tabindex="0" role="region" aria-label=${t('The numbers as a table')}>
    <table class="simple">
      <thead><tr><th scope="col">${t('Time')}</th>${KINDS.map((kind) => html`<th key=${kind} scope="col" class="number">${t(kind)}</th>`)}</tr></thead>
      <tbody>${bars.map((bar) => html`<tr key=${bar.at}><td>${label(bar.at)}</td>${KINDS.map((kind) => html`<td key=${kind} class="number">${number(bar.counts[kind])}</td>`)}</tr>`)}</tbody>
    </table>
  </div>
`;
