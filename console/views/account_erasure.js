/** Erases a person's messages from an account, page by page, and says what remains elsewhere. */
import { html, useState } from '../vendor/htm-preact.js';
import { call } from '../lib/api.js';
import { fullTime, number } from '../lib/format.js';
import { t } from '../lib/i18n.js';
import { useAction } from '../lib/load.js';
import { ask } from '../parts/dialogs.js';
import { Field, Form } from '../parts/forms.js';

/** @param {{ path: string }} props */
export function EraseForm({ path }) {
  const [person, setPerson] = useState('');
  const [result, setResult] = useState(/** @type {any} */ (undefined));
  const asked = useAction(async () => {
    const digits = person.replace(/[\s()+.-]/g, '');
    const place = /^\d+$/.test(digits) ? `phones/${digits}` : `users/${encodeURIComponent(person.trim())}`;
    ask({
      title: t('Erase this person?'), action: t('Erase for good'), isDangerous: true,
      text: t('All messages of the account with {person}, under every number and user id that WhatsApp has named, are erased. Queued ones are canceled and refunded. This cannot be undone.', { person: person.trim() }),
      run: async () => {
        let erased = 0;
        for (let page; !page || page.hasMore; ) {
          page = (await call('DELETE', `${path}/${place}`)).data;
          erased += page.erased;
          setResult({ ...page, erased });
          if (page.erased === 0) break;
        }
      },
    });
  });
  return html`
    <section class="card"><h2>${t('Erase a person')}</h2>
      <${Form} action=${asked} submit=${t('Erase')} isQuiet>
        <${Field} label=${t('Phone number or user id')} value=${person} onInput=${setPerson} hint=${t('For a request under the LGPD or the GDPR.')} />
        ${result && html`<div class="hint" role="status">
          <p>${t('{n} messages erased, {m} remain for now.', { n: number(result.erased), m: number(result.remaining) })}</p>
          <ul class="plain-list fine">${result.copies.map((/** @type {any} */ copy) => html`<li key=${copy.place}>${t('{place} until {time}', { place: copy.place, time: fullTime(copy.until) })}</li>`)}</ul>
        </div>`}
      <//>
    </section>
  `;
}
