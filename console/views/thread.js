/** A conversation as WhatsApp shows it, and what is written next. */
import { html, useEffect, useLayoutEffect, useRef, useState } from '../vendor/htm-preact.js';
import { ApiError, call, get } from '../lib/api.js';
import { nameOf, windowOf } from '../lib/chats.js';
import { adviceOn } from '../lib/failures.js';
import { address, dayAndMonth } from '../lib/format.js';
import { t } from '../lib/i18n.js';
import { useLive } from '../lib/live.js';
import { useAction, useLoad, usePages } from '../lib/load.js';
import { personOf } from '../lib/message_content.js';
import { go } from '../lib/router.js';
import { may, session } from '../lib/session.js';
import { Icon, Loaded, More } from '../parts/basics.js';
import { Bubble } from '../parts/bubble.js';
import { notify } from '../parts/dialogs.js';
import { Field } from '../parts/forms.js';
import { Composer } from './composer.js';

/** @param {{ chatId: string, known?: any }} props */
export function Thread({ chatId, known }) {
  const instanceId = session.get()?.instanceId;
  const chat = useLoad((signal) => (known ? Promise.resolve(known) : chatOf(chatId, signal)), [chatId, known?.lastInboundAt]);
  const said = usePages((before, signal) => get('/v1/messages', { instanceId, chatId, limit: 50, before }, signal), [chatId]);
  useLive((events) => happened(said, chatId, chat.data, events));
  const own = chat.data ?? known ?? {};
  const to = own.phone ?? own.userId ?? partner(said.rows);
  const name = (chat.data ?? known) ? nameOf(own) : said.rows[0] ? personOf(said.rows[0]) : '';
  const state = windowOf(own);
  return html`
    <section class="thread" aria-label=${name}>
      <header class="head">
        <a class="back" href="#/conversations" aria-label=${t('Back')}><${Icon} name="back" /></a>
        <div><h2>${name || ' '}</h2><p class="fine">${[address(own.phone), own.username, own.userId].filter(Boolean).join(' · ') || address(to)}</p></div>
        <div class="actions"><span class="fine">${state.isOpen ? t('Window: {time}', { time: state.text }) : t('Window closed: only templates')}</span>${own.optedOut && html`<span class="fine bad">${t('wants no marketing')}</span>`}<${MarkRead} rows=${said.rows} /></div>
      </header>
      <${Said} said=${said} />
      ${may('messages:write') && to && (known || chat.data !== undefined || chat.error) && html`<${Composer} key=${chatId} chatId=${chatId} to=${to} isOpen=${state.isOpen} onSent=${said.reload} />`}
    </section>
  `;
}

/** A conversation; none with somebody who has never written. @param {string} chatId @param {AbortSignal} signal */
async function chatOf(chatId, signal) {
  try {
    return (await get(`/v1/chats/${encodeURIComponent(chatId)}`, { instanceId: session.get()?.instanceId }, signal)).data;
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return null;
    throw error;
  }
}

/** @param {any[]} rows */
const partner = (rows) => rows.map((row) => (row.direction === 'outbound' ? row.to : row.from)).find(Boolean);

/** @param {{ said: any }} props */
function Said({ said }) {
  const list = useRef(/** @type {HTMLElement | null} */ (null));
  const rows = [...said.rows].reverse();
  const newest = said.rows[0]?.messageId;
  const height = useRef(0);
  useLayoutEffect(() => {
    if (list.current) list.current.scrollTop = list.current.scrollHeight;
  }, [newest]);
  useLayoutEffect(() => {
    const element = list.current;
    if (element && height.current && element.scrollTop < 80) element.scrollTop += element.scrollHeight - height.current;
    height.current = element?.scrollHeight ?? 0;
  }, [rows.length]);
  const byId = new Map(rows.flatMap((row) => [[row.messageId, row], [row.providerId, row]]));
  return html`
    <div class="said" ref=${list} tabindex="0" role="log" aria-label=${t('Messages')}>
      <${Loaded} of=${said} rows=${6}>
        <${More} pages=${said} />
        <ol class="stack">${rows.map((row, index) => html`
          ${day(row) !== day(rows[index - 1]) && html`<li key=${`day ${day(row)}`} class="day fine">${day(row)}</li>`}
          <li key=${row.messageId} class=${row.direction === 'outbound' ? 'out' : ''}>
            <${Bubble} message=${row} quoted=${byId.get(row.context?.messageId ?? row.context?.providerId)} />
            ${row.status === 'failed' && html`<p class="advice">${row.error?.message} ${adviceOn(row.error?.code)}</p>`}
          </li>
        `)}</ol>
      <//>
    </div>
  `;
}

/** @param {any} row */
const day = (row) => (row ? dayAndMonth(row.timestamp) : '');

/** Tells the person that the last message was read. @param {{ rows: any[] }} props */
function MarkRead({ rows }) {
  const last = rows.find(({ direction }) => direction === 'inbound');
  const [marked, setMarked] = useState('');
  const action = useAction(async () => {
    await call('POST', `/v1/messages/${encodeURIComponent(last.messageId)}/read`, { body: {} });
    setMarked(last.messageId);
  });
  useEffect(() => {
    if (action.error) notify(action.error instanceof ApiError ? `${action.error.message} ${action.error.requestId}` : action.error.message);
  }, [action.error]);
  if (!last || marked === last.messageId || !may('messages:write')) return null;
  return html`<button type="button" class="small" disabled=${action.isBusy} onClick=${() => action.run()}>${t('Mark as read')}</button>`;
}

/** Shows what happened in the conversation: a person's `chatId` is the same for every instance. @param {any} said @param {string} chatId @param {any} chat @param {import('../lib/types.js').LiveEvent[]} events */
function happened(said, chatId, chat, events) {
  if (events.length === 0) return said.reload();
  if (!said.data) return;
  let data = said.rows;
  let isUnknown = false;
  for (const { body } of events) {
    if (!body.event.startsWith('message.') || body.data.instanceId !== session.get()?.instanceId) continue;
    const known = data.findIndex((/** @type {any} */ row) => row.messageId === body.data.messageId);
    if (known >= 0 && body.event !== 'message.received') data = data.with(known, { ...data[known], status: body.data.status, error: body.data.error ?? data[known].error });
    else if (known < 0 && body.data.chatId === chatId) data = [{ direction: 'inbound', status: 'delivered', ...body.data }, ...data];
    else if (known < 0 && chat && body.data.to && [chat.phone, chat.userId].includes(body.data.to)) isUnknown = true;
  }
  if (isUnknown) said.reload();
  else if (data !== said.rows) said.change({ ...said.data, data });
}

/** The first message to somebody. */
export function NewThread() {
  const [to, setTo] = useState('');
  const isShown = useRef(true);
  useEffect(() => () => void (isShown.current = false), []);
  const sent = async (/** @type {string} */ messageId) => {
    const { data } = await get(`/v1/messages/${messageId}`);
    if (isShown.current) go(['conversations', data.chatId]);
  };
  return html`
    <section class="thread" aria-label=${t('New message')}>
      <header class="head"><a class="back" href="#/conversations" aria-label=${t('Back')}><${Icon} name="back" /></a><h2>${t('New message')}</h2></header>
      <div class="said"><${Field} label=${t('To')} value=${to} onInput=${setTo} hint=${t('A phone number in international format, or a user id of WhatsApp’s.')} inputmode="tel" />
        <p class="hint">${t('Somebody who has not written for 24 hours gets templates alone.')}</p></div>
      <${Composer} chatId="new" to=${to.replace(/[\s()+.-]/g, '') || to} isOpen=${false} onSent=${sent} />
    </section>
  `;
}
