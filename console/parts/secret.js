/** A secret that the API shows once. */
import { html } from '../vendor/htm-preact.js';
import { t } from '../lib/i18n.js';
import { Copy } from './basics.js';

/** @param {{ secrets: [string, string][], children?: any }} props */
export const Secrets = ({ secrets, children }) => html`
  <div class="hint stack">
    <p>${children ?? t('Copy it now: it is not shown again.')}</p>
    ${secrets.map(([name, value]) => html`<div key=${name}><p class="fine">${name}</p><div class="line"><code class="secret">${value}</code><${Copy} text=${value} label=${t('Copy {name}', { name })} /></div></div>`)}
  </div>
`;
