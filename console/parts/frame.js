/** The frame around a view: the views that the key may see, the instance, and whether events come. */
import { html, useEffect } from '../vendor/htm-preact.js';
import { connectionLost } from '../lib/api.js';
import { t } from '../lib/i18n.js';
import { liveState, startLive } from '../lib/live.js';
import { go, place } from '../lib/router.js';
import { changeSession, leave, session } from '../lib/session.js';
import { useStore } from '../lib/store.js';
import { viewNamed, visibleViews } from '../views/all.js';
import { Icon } from './basics.js';
import { Field } from './forms.js';
import { Preferences } from './preferences.js';

/** @param {{ children?: any }} props */
export function Frame({ children }) {
  const current = useStore(session);
  const { view } = useStore(place);
  const isLost = useStore(connectionLost);
  useEffect(startLive, [current?.key, current?.account?.id]);
  useEffect(() => document.querySelector('nav [aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' }), [view]);
  const skip = (/** @type {Event} */ event) => (event.preventDefault(), document.querySelector('main')?.focus());
  return html`
    <a class="skip" href="#main" onClick=${skip}>${t('Skip to the content')}</a>
    <div class="frame">
      <header class="side">
        <div class="brand"><img src="console/icon.svg" alt="" width="24" height="24" />Pombo</div>
        <${InstanceChoice} />
        <nav aria-label=${t('Views')}>
          ${visibleViews().map(({ name, title }) => html`
            <a key=${name} href="#/${name}" aria-current=${viewNamed(view).name === name ? 'page' : undefined}><${Icon} name=${name} />${t(title)}</a>
          `)}
        </nav>
        <${Foot} />
      </header>
      <div>
        ${isLost && html`<div class="banner" role="alert">${t('No connection to the API. What you see may be old; nothing that you typed is lost.')}</div>`}
        <main id="main" tabindex="-1">${children}</main>
      </div>
    </div>
  `;
}

/** The instance that is looked at, and for the operator the account. */
function InstanceChoice() {
  const current = useStore(session);
  if (!current?.instances.length) return current?.isOperator && current.account ? html`<p class="fine">${current.account.name}</p>` : null;
  const options = current.instances.map(({ id, name }) => /** @type {[string, string]} */ ([id, name]));
  const choose = (/** @type {string} */ instanceId) => {
    changeSession({ instanceId });
    if (place.get().parts.length) go([place.get().view]);
  };
  const label = current.isOperator ? t('Instance of {name}', { name: current.account?.name }) : t('Instance');
  return html`<${Field} as="select" label=${label} value=${current.instanceId} options=${options} onInput=${choose} />`;
}

function Foot() {
  const state = useStore(liveState);
  /** @type {Record<string, string>} */
  const texts = {
    off: '', connecting: t('Connecting'), live: t('Live'), paused: t('Paused'), failing: t('Not live: trying again'),
  };
  return html`
    <div class="foot">
      <span class="live is-${state}" role="status" hidden=${state === 'off'}>${texts[state]}</span>
      <${Preferences} />
      <button type="button" class="plain" onClick=${leave}>${t('Sign out')}</button>
    </div>
  `;
}
