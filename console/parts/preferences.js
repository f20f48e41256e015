/** The language and the theme. */
import { html } from '../vendor/htm-preact.js';
import { changeLanguage, language, t } from '../lib/i18n.js';
import { useStore } from '../lib/store.js';
import { switchTheme } from '../lib/theme.js';
import { Icon } from './basics.js';

export function Preferences() {
  const isPortuguese = useStore(language) === 'pt';
  return html`
    <div class="line">
      <button type="button" class="plain" lang=${isPortuguese ? 'en' : 'pt'} onClick=${() => changeLanguage(isPortuguese ? 'en' : 'pt')}>${isPortuguese ? 'English' : 'Português'}</button>
      <button type="button" class="plain" aria-label=${t('Light or dark')} onClick=${switchTheme}><${Icon} name="moon" /></button>
    </div>
  `;
}
