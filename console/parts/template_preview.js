/** A template as the person will see it. */
import { html } from '../vendor/htm-preact.js';
import { t } from '../lib/i18n.js';
import { componentOf, filled } from '../lib/templates.js';
import { RichText } from './rich_text.js';

/** @param {{ template: any, values?: Record<string, string> }} props */
export function TemplatePreview({ template, values = {} }) {
  const [header, body, footer, buttons] = ['HEADER', 'BODY', 'FOOTER', 'BUTTONS'].map((type) => componentOf(template, type));
  return html`
    <div class="preview said" role="group" aria-label=${t('Preview')}>
      <div class="bubble">
        ${!header && !body?.text && html`<p class="fine">${t('The message as the person sees it')}</p>`}
        ${header?.text && html`<p class="strong">${filled(header.text, 'header', values)}</p>`}
        ${header?.format && header.format !== 'TEXT' && html`<p class="fine">${t(header.format.toLowerCase())}</p>`}
        ${body?.text && html`<p><${RichText} text=${filled(body.text, 'body', values)} /></p>`}
        ${footer?.text && html`<p class="fine">${footer.text}</p>`}
        ${buttons?.buttons?.map((/** @type {any} */ button, /** @type {number} */ index) => html`<p key=${index} class="option">${button.text ?? button.type}</p>`)}
      </div>
    </div>
  `;
}
