/** The console: signs in, then shows the frame with one view. */
import { html, render, useEffect, useErrorBoundary } from './vendor/htm-preact.js';
import { changeLanguage, language, preferredLanguage } from './lib/i18n.js';
import { place } from './lib/router.js';
import { refusal, session } from './lib/session.js';
import { useStore } from './lib/store.js';
import { preferTheme } from './lib/theme.js';
import { Dialogs } from './parts/dialogs.js';
import { Frame } from './parts/frame.js';
import { NewKey } from './parts/new_key.js';
import { SignIn } from './views/sign_in.js';
import { viewNamed } from './views/all.js';

function App() {
  const current = useStore(session);
  const refused = useStore(refusal);
  useStore(language);
  if (!current) return html`<${SignIn} /><${Dialogs} />`;
  return html`
    <${Frame}><${View} /><//>
    ${refused && html`<${NewKey} error=${refused} />`}
    <${Dialogs} />
  `;
}

function View() {
  const { view, parts, query } = useStore(place);
  const current = useStore(session);
  const [broken, mend] = useErrorBoundary();
  const [name, rest] = [viewNamed(view).name, parts.join('/')];
  useEffect(() => {
    if (broken) mend();
    scrollTo(0, 0);
    const heading = document.querySelector('h1');
    document.title = `${heading?.textContent ?? ''} · Pombo`;
    heading?.focus({ preventScroll: true });
  }, [name, rest]);
  if (broken) throw broken;
  const Shown = viewNamed(view).component;
  return html`<${Shown} key=${`${name} ${current?.account?.id} ${current?.instanceId}`} parts=${parts} query=${query} />`;
}

preferTheme();
await changeLanguage(preferredLanguage()).catch(() => undefined);
const root = document.getElementById('app');
if (root) render(html`<${App} />`, root);
