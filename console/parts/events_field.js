/** A choice of events, each explained. */
import { html } from '../vendor/htm-preact.js';
import { EVENTS } from '../lib/events.js';
import { t } from '../lib/i18n.js';
import { Check } from './forms.js';

/** @param {{ chosen: string[], onChange: (events: string[]) => void }} props */
export const EventsField = ({ chosen, onChange }) => html`
  <fieldset>
    <legend>${t('Events')}</legend>
    <div class="cards">${EVENTS.map(([name, meaning]) => html`
      <${Check} key=${name} label=${name} hint=${t(meaning)} checked=${chosen.includes(name)}
        onChange=${(/** @type {boolean} */ on) => onChange(on ? [...chosen, name] : chosen.filter((one) => one !== name))} />
    `)}</div>
  </fieldset>
`;
