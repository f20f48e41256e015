/** Tables: numbers on the right, a row's first cell is its link, and of long lists only the rows that are seen are in the page. */
import { html, useEffect, useLayoutEffect, useRef, useState } from '../vendor/htm-preact.js';

/** The height of a row in pixels, as in main.css. */
const ROW = 40;
/** From how many rows on only those that are seen are in the page. */
const MANY = 200;

/**
 * @template T
 * @typedef {{ title: string, cell: (row: T) => any, isNumber?: boolean, isName?: boolean, isWide?: boolean, isId?: boolean, isSlim?: boolean, hidesOnPhone?: boolean }} Column
 */

/**
 * @template T
 * @param {{ label: string, columns: Column<T>[], rows: T[], idOf: (row: T) => string, linkOf?: (row: T) => string, onEnd?: () => void }} props
 */
export function Table({ label, columns, rows, idOf, linkOf, onEnd }) {
  const body = useRef(/** @type {HTMLElement | null} */ (null));
  const [first, last] = useSeen(body, rows.length);
  useEffect(() => {
    if (onEnd && rows.length > 0 && last >= rows.length - 5) onEnd();
  }, [last, rows.length]);
  const cell = (/** @type {T} */ row, /** @type {Column<T>} */ column, /** @type {number} */ index) => {
    const content = column.cell(row);
    return html`<td key=${column.title} class=${classOf(column)}>${index === 0 && linkOf ? html`<a class="row-link" href=${linkOf(row)}>${content}</a>` : content}</td>`;
  };
  return html`
    <div class="table-frame">
      <table class="rows" aria-label=${label} aria-rowcount=${rows.length > MANY ? rows.length + 1 : undefined}>
        <thead><tr>${columns.map((column) => html`<th key=${column.title} scope="col" class=${classOf(column)}>${column.title}</th>`)}</tr></thead>
        <tbody ref=${body}>
          ${first > 0 && html`<tr key="above" aria-hidden="true"><td colspan=${columns.length} height=${first * ROW}></td></tr>`}
          ${rows.slice(first, last).map((row, index) => html`
            <tr key=${idOf(row)} aria-rowindex=${rows.length > MANY ? first + index + 2 : undefined}>${columns.map((column, at) => cell(row, column, at))}</tr>
          `)}
          ${last < rows.length && html`<tr key="below" aria-hidden="true"><td colspan=${columns.length} height=${(rows.length - last) * ROW}></td></tr>`}
        </tbody>
      </table>
    </div>
  `;
}

/** @param {Column<any>} column */
const classOf = (column) => [column.isNumber && 'number', column.isName && 'name', column.isWide && 'wide', column.isId && 'id', column.isSlim && 'slim', column.hidesOnPhone && 'not-on-phone'].filter(Boolean).join(' ');

/** The rows that are near what is seen, as [first, last).
 * @param {{ current: HTMLElement | null }} body @param {number} count */
function useSeen(body, count) {
  const [seen, setSeen] = useState([0, Math.min(count, MANY)]);
  useLayoutEffect(() => {
    if (count <= MANY) return setSeen([0, count]);
    let frame = 0;
    const measure = () => {
      frame = 0;
      const top = body.current?.getBoundingClientRect().top ?? 0;
      const first = Math.max(0, Math.floor(-top / ROW / 10) * 10 - 10);
      const last = Math.min(count, first + Math.ceil(innerHeight / ROW / 10) * 10 + 30);
      setSeen((before) => (before[0] === first && before[1] === last ? before : [first, last]));
    };
    const onScroll = () => {
      frame ||= requestAnimationFrame(measure);
    };
    measure();
    addEventListener('scroll', onScroll, { passive: true, capture: true });
    addEventListener('resize', onScroll);
    return () => {
      cancelAnimationFrame(frame);
      removeEventListener('scroll', onScroll, { capture: true });
      removeEventListener('resize', onScroll);
    };
  }, [count]);
  return count <= MANY ? [0, count] : [Math.min(seen[0], count), Math.min(seen[1], count)];
}
