/** Asks for a key. On a laptop one click takes the demo's. */
import { html, useLayoutEffect, useState } from '../vendor/htm-preact.js';
import { t } from '../lib/i18n.js';
import { useAction, useLoad } from '../lib/load.js';
import { storedKey } from '../lib/session.js';
import { localKeys, signIn } from '../lib/sign_in.js';
import { Loading } from '../parts/basics.js';
import { Field, Form } from '../parts/forms.js';
import { Preferences } from '../parts/preferences.js';

export function SignIn() {
  const [key, setKey] = useState('');
  const [isEntering, setEntering] = useState(Boolean(storedKey()));
  const local = useLoad(() => (isEntering ? Promise.resolve(undefined) : localKeys()), [isEntering]);
  const entered = useAction(async (/** @type {string | undefined} */ given) => {
    try {
      await signIn((given ?? key).trim());
    } finally {
      setEntering(false);
    }
  });
  useLayoutEffect(() => void (storedKey() && entered.run(storedKey())), []);
  const brand = html`<div class="brand"><img src="console/icon.svg" alt="" width="32" height="32" />Pombo</div>`;
  if (isEntering) return html`<main class="sign-in">${brand}<div class="card"><${Loading} /></div></main>`;
  return html`
    <main class="sign-in">
      ${brand}
      <div class="card stack">
        <h1>${t('Sign in')}</h1>
        ${local.data && html`
          <button type="button" class="primary" disabled=${entered.isBusy} onClick=${() => entered.run(local.data.apiKey)}>${t('Look at the demo')}</button>
          <button type="button" disabled=${entered.isBusy} onClick=${() => entered.run(local.data.adminKey)}>${t('Look at it as the operator')}</button>
          <p class="fine">${t('This stack runs on your machine and gives its page the demo’s keys.')}</p>
        `}
        <${Form} action=${entered} isQuiet=${Boolean(local.data)} submit=${t('Sign in')}>
          <${Field} label=${t('API key or admin key')} type="password" value=${key} onInput=${setKey} spellcheck="false"
            hint=${t('It stays in this tab and is sent to this API alone.')} />
        <//>
      </div>
      <${Preferences} />
    </main>
  `;
}
