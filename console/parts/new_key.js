/** Asks for a key again when the API refuses the one of this tab. What was typed behind it stays. */
import { html, useState } from '../vendor/htm-preact.js';
import { call } from '../lib/api.js';
import { t } from '../lib/i18n.js';
import { useAction } from '../lib/load.js';
import { leave, refusal, replaceKey, session } from '../lib/session.js';
import { signIn } from '../lib/sign_in.js';
import { Problem } from './basics.js';
import { Dialog } from './dialogs.js';
import { Field, Form } from './forms.js';

/** @param {{ error: Error }} props */
export function NewKey({ error }) {
  const [key, setKey] = useState('');
  const checked = useAction(async () => {
    const own = session.get();
    const { data } = await call('GET', own?.isOperator ? '/v1/admin/accounts' : '/v1/account', { key: key.trim() });
    if (own?.isOperator || data.id === own?.account?.id) return replaceKey(key.trim(), own?.isOperator ? own.account : data);
    await signIn(key.trim()); // somebody else's: nothing of the former account stays
    refusal.set(undefined);
  });
  const out = () => (refusal.set(undefined), leave());
  return html`
    <${Dialog} title=${t('The key does not work any more')} onClose=${() => refusal.set(undefined)}>
      <div class="stack">
        <${Problem} error=${error} />
        <p>${t('Another key continues where you are; nothing that you typed is lost.')}</p>
        <${Form} action=${checked} submit=${t('Continue')} onCancel=${out}>
          <${Field} label=${t('API key or admin key')} type="password" value=${key} onInput=${setKey} />
        <//>
      </div>
    <//>
  `;
}
