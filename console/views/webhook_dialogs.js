/** Sends a test to a webhook, and replays a period to it. */
import { html, useEffect, useState } from '../vendor/htm-preact.js';
import { call, get } from '../lib/api.js';
import { duration, number } from '../lib/format.js';
import { t } from '../lib/i18n.js';
import { useAction } from '../lib/load.js';
import { Problem, Status } from '../parts/basics.js';
import { Dialog } from '../parts/dialogs.js';
import { Field, Form, useFields } from '../parts/forms.js';

/** How often the progress of a replay is asked for, in milliseconds. */
const PROGRESS = 1500;

/** @param {{ path: string, events: string[], onClose: () => void }} props */
export function TestDialog({ path, events, onClose }) {
  const [event, setEvent] = useState(events[0] ?? 'message.sent');
  const [answer, setAnswer] = useState(/** @type {any} */ (undefined));
  const test = useAction(async () => setAnswer((await call('POST', `${path}/test`, { body: { event } })).data));
  return html`
    <${Dialog} title=${t('Send a test')} onClose=${onClose} isWide>
      <${Form} action=${test} submit=${t('Send')} onCancel=${onClose}>
        <p>${t('One event is delivered now, marked as a test.')}</p>
        <${Field} as="select" label=${t('Event')} value=${event} onInput=${setEvent} options=${events.map((name) => [name, name])} />
        ${answer && html`
          <div class="stack" role="status">
            <p><${Status} of=${answer.status} /> ${[answer.statusCode, duration(answer.responseTime)].filter(Boolean).join(' · ')}</p>
            ${answer.error && html`<p class="bad">${answer.error}</p>`}
            <h3>${t('What was sent')}</h3>
            <pre tabindex="0">${JSON.stringify(answer.payload, null, 2)}</pre>
          </div>
        `}
      <//>
    <//>
  `;
}

/** A time as an input has it, some hours ago. @param {number} hours */
function hoursAgo(hours) {
  const now = new Date();
  return new Date(now.getTime() - now.getTimezoneOffset() * 60_000 - hours * 3_600_000).toISOString().slice(0, 16);
}

/** @param {{ path: string, onClose: () => void }} props */
export function ReplayDialog({ path, onClose }) {
  const [form, change] = useFields({ since: hoursAgo(1), until: hoursAgo(0) });
  const [replay, setReplay] = useState(/** @type {any} */ (undefined));
  const [problem, setProblem] = useState(/** @type {Error | undefined} */ (undefined));
  const started = useAction(async () => {
    const body = { since: new Date(form.since).toISOString(), until: new Date(form.until).toISOString() };
    setReplay((await call('POST', `${path}/replay`, { body })).data);
  });
  useEffect(() => {
    if (!replay?.replayId || replay.status !== 'running') return undefined;
    const timer = setTimeout(() => get(`${path}/replays/${replay.replayId}`).then(({ data }) => setReplay({ ...data, replayId: replay.replayId }), setProblem), PROGRESS);
    return () => clearTimeout(timer);
  }, [replay]);
  return html`
    <${Dialog} title=${t('Replay a period')} onClose=${onClose}>
      ${replay
        ? html`<div class="stack"><p role="status"><${Status} of=${replay.status} /> ${t('{n} events of {m} messages', { n: number(replay.events), m: number(replay.messages) })}</p><${Problem} error=${problem} /><div class="buttons"><button type="button" class="primary" onClick=${onClose}>${t('Close')}</button></div></div>`
        : html`<${Form} action=${started} submit=${t('Replay')} onCancel=${onClose} fields=${['since', 'until']}>
            <p>${t('All events that happened in this time are delivered again with their original ids, about 100 a second. Receivers that ignore repeated ids process nothing twice.')}</p>
            <${Field} label=${t('From')} name="since" type="datetime-local" value=${form.since} onInput=${change('since')} error=${started.error} />
            <${Field} label=${t('Until')} name="until" type="datetime-local" value=${form.until} onInput=${change('until')} error=${started.error} />
          <//>`}
    <//>
  `;
}
