/** Forms: fields with their labels, hints and the API's errors beside the field that it names. */
import { html, useState } from '../vendor/htm-preact.js';
import { ApiError } from '../lib/api.js';
import { t } from '../lib/i18n.js';
import { Problem } from './basics.js';

let count = 0;

/** An id that no other element has. */
export function useId() {
  return useState(() => `f${(count += 1)}`)[0];
}

/**
 * A labelled field.
 * @param {{ label: string, hint?: any, name?: string, error?: Error, value?: string, onInput?: (value: string) => void, type?: string,
 *   as?: string, options?: [string, string][], [attribute: string]: any }} props
 */
export function Field({ label, hint, name, error, value, onInput, type = 'text', as = 'input', options, children, ...attributes }) {
  const id = useId();
  const own = error instanceof ApiError && name && error.field === name ? error.message : undefined;
  const common = {
    ...attributes, id, name, value: value ?? '', type: as === 'input' ? type : undefined, autocomplete: 'off',
    'aria-invalid': own ? 'true' : undefined, 'aria-describedby': hint || own ? `${id}-hint` : undefined,
    onInput: (/** @type {any} */ event) => onInput?.(event.target.value),
  };
  const control = as === 'select'
    ? html`<select ...${common}>${options?.map(([key, text]) => html`<option key=${key} value=${key} selected=${key === value}>${text}</option>`)}</select>`
    : as === 'textarea' ? html`<textarea rows="3" ...${common}></textarea>` : html`<input ...${common} />`;
  return html`
    <div class="field">
      <label for=${id}>${label}</label>
      ${control}${children}
      ${(hint || own) && html`<p id="${id}-hint" class=${own ? 'fine bad' : 'fine'}>${own ?? hint}</p>`}
    </div>
  `;
}

/** @param {{ label: any, hint?: any, checked: boolean, onChange: (checked: boolean) => void, disabled?: boolean }} props */
export function Check({ label, hint, checked, onChange, disabled }) {
  const id = useId();
  return html`
    <div class="check">
      <input type="checkbox" id=${id} checked=${checked} disabled=${disabled} aria-describedby=${hint ? `${id}-hint` : undefined} onChange=${(/** @type {any} */ event) => onChange(event.target.checked)} />
      <label for=${id}>${label}</label>
      ${hint && html`<p id="${id}-hint" class="fine">${hint}</p>`}
    </div>
  `;
}

/** A form that submits once at a time. An error that no field shows is shown above the buttons.
 * @param {{ action: { isBusy: boolean, error?: Error, run: () => void }, submit: string, onCancel?: () => void, children?: any, isQuiet?: boolean, fields?: string[] }} props */
export function Form({ action, submit, onCancel, children, isQuiet, fields = [] }) {
  const isShown = action.error instanceof ApiError && fields.includes(action.error.field);
  const onSubmit = (/** @type {Event} */ event) => (event.preventDefault(), action.run());
  return html`
    <form class="stack" onSubmit=${onSubmit} novalidate>
      ${children}
      ${isShown ? html`<p class="fine" role="alert">${/** @type {ApiError} */ (action.error).code} · ${/** @type {ApiError} */ (action.error).requestId}</p>` : html`<${Problem} error=${action.error} />`}
      <div class="buttons">
        ${onCancel && html`<button type="button" onClick=${onCancel}>${t('Cancel')}</button>`}
        <button type="submit" class=${isQuiet ? '' : 'primary'} disabled=${action.isBusy}>${submit}</button>
      </div>
    </form>
  `;
}

/** A choice of a few: one is pressed.
 * @param {{ label: string, value: string, options: [string, string][], onChange: (value: string) => void }} props */
export const Choice = ({ label, value, options, onChange }) => html`
  <div class="choice" role="group" aria-label=${label}>
    ${options.map(([key, text]) => html`<button type="button" key=${key} aria-pressed=${String(key === value)} onClick=${() => onChange(key)}>${text}</button>`)}
  </div>
`;

/** Members of a form and a function that changes one of them.
 * @template {Record<string, any>} T
 * @param {T} initial
 * @returns {[T, (name: keyof T & string) => (value: any) => void]} */
export function useFields(initial) {
  const [values, setValues] = useState(initial);
  return [values, (name) => (value) => setValues((before) => ({ ...before, [name]: value }))];
}
