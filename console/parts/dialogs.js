/** Dialogs: one question before something that cannot be undone, and short notices of what was done. */
import { html, useEffect, useRef } from '../vendor/htm-preact.js';
import { t } from '../lib/i18n.js';
import { useAction } from '../lib/load.js';
import { createStore, useStore } from '../lib/store.js';
import { Icon, Problem } from './basics.js';

/**
 * @typedef {object} Question
 * @property {string} title
 * @property {any} text what will happen
 * @property {string} action the button's words
 * @property {boolean} [isDangerous]
 * @property {() => Promise<void>} run
 */

/** @type {import('../lib/types.js').Store<Question | undefined>} */
const question = createStore(undefined);
const notice = createStore('');

/** Asks once, and acts when it is confirmed. An error stays in the dialog. @param {Question} asked */
export const ask = (asked) => question.set(asked);

/** Says briefly what was done. @param {string} text */
export function notify(text) {
  notice.set(text);
  setTimeout(() => notice.get() === text && notice.set(''), 4000);
}

/** A modal dialog: it keeps the focus, and Escape closes it.
 * @param {{ title: string, onClose: () => void, children?: any, isWide?: boolean }} props */
export function Dialog({ title, onClose, children, isWide }) {
  const element = useRef(/** @type {HTMLDialogElement | null} */ (null));
  useEffect(() => {
    const dialog = element.current;
    dialog?.showModal();
    return () => dialog?.close();
  }, []);
  const cancel = (/** @type {Event} */ event) => (event.preventDefault(), onClose());
  return html`
    <dialog ref=${element} onCancel=${cancel} class=${isWide ? 'wide' : ''} aria-label=${title}>
      <header class="head"><h2>${title}</h2><button type="button" class="plain" onClick=${onClose} aria-label=${t('Close')}><${Icon} name="close" /></button></header>
      ${children}
    </dialog>
  `;
}

/** Shows what `ask` asks, and notices. */
export function Dialogs() {
  const asked = useStore(question);
  const text = useStore(notice);
  return html`
    ${asked && html`<${Confirmation} ...${asked} key=${asked.title} />`}
    <div class="notice ${text ? 'is-shown' : ''}" role="status">${text}</div>
  `;
}

/** @param {Question} props */
function Confirmation({ title, text, action, isDangerous, run }) {
  const close = () => question.set(undefined);
  const confirmed = useAction(async () => {
    await run();
    close();
  });
  return html`
    <${Dialog} title=${title} onClose=${close}>
      <div class="stack">
        <p>${text}</p>
        <${Problem} error=${confirmed.error} />
        <div class="buttons">
          <button type="button" onClick=${close}>${t('Cancel')}</button>
          <button type="button" class=${isDangerous ? 'danger' : 'primary'} disabled=${confirmed.isBusy} onClick=${() => confirmed.run()}>${action}</button>
        </div>
      </div>
    <//>
  `;
}
