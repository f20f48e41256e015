/** Conversations: people who wrote, latest first, and a thread. Opening it reads a page of chats, and a thread a page of messages. */
import { html, useEffect, useState } from '../vendor/htm-preact.js';
import { get } from '../lib/api.js';
import { nameOf, windowOf } from '../lib/chats.js';
import { address, shortTime } from '../lib/format.js';
import { t } from '../lib/i18n.js';
import { useLive } from '../lib/live.js';
import { usePages } from '../lib/load.js';
import { to } from '../lib/router.js';
import { may, session } from '../lib/session.js';
import { Empty, Head, Loaded, More } from '../parts/basics.js';
import { NewThread, Thread } from './thread.js';

const DAY = 24 * 3_600_000;

/** @param {{ parts: string[] }} props */
export function Conversations({ parts }) {
  const chatId = parts[0];
  const instanceId = session.get()?.instanceId;
  const chats = usePages((after, signal) => (instanceId ? get('/v1/chats', { instanceId, limit: 50, after }, signal) : Promise.resolve({ data: [], pagination: { hasMore: false } })), [instanceId]);
  useMinutes();
  useLive((events) => {
    if (events.length === 0) return chats.reload();
    for (const { body } of events) if (body.event === 'message.received') received(chats, body);
  });
  const known = chats.rows.find((/** @type {any} */ chat) => chat.chatId === chatId);
  return html`
    <${Head} title=${t('Conversations')}>
      ${may('messages:write') && instanceId && html`<a class="button" href="#/conversations/new">${t('New message')}</a>`}
    <//>
    <div class="talk ${chatId ? 'has-thread' : ''}">
      <div class="people">
        <${Loaded} of=${chats} rows=${6} isEmpty=${chats.rows.length === 0} empty=${html`<${Empty} title=${t('Nobody has written yet')}>${t('Whoever writes to this number is shown here.')}<//>`}>
          <ul aria-label=${t('People')}>${chats.rows.map((/** @type {any} */ chat) => html`<${Person} key=${chat.chatId} chat=${chat} isOpen=${chat.chatId === chatId} />`)}</ul>
          <${More} pages=${chats} />
        <//>
      </div>
      ${chatId === 'new' ? html`<${NewThread} />` : chatId ? html`<${Thread} key=${chatId} chatId=${chatId} known=${known} />` : html`<div class="thread"><${Empty} title=${t('Choose a conversation')} /></div>`}
    </div>
  `;
}

/** Renders again each half minute, for the times that remain. */
function useMinutes() {
  const [, setNow] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 30_000);
    return () => clearInterval(timer);
  }, []);
}

/** @param {{ chat: any, isOpen: boolean }} props */
const Person = ({ chat, isOpen }) => html`
  <li><a href=${to(['conversations', chat.chatId])} aria-current=${isOpen ? 'true' : undefined}>
    <span class="strong">${nameOf(chat)}</span><span class="fine">${shortTime(chat.lastInboundAt)}</span>
    <span class="fine">${chat.optedOut ? t('wants no marketing') : chat.phone && chat.name ? address(chat.phone) : (chat.username ?? '')}</span><span class="fine">${windowOf(chat).text}</span>
  </a></li>
`;

/** Moves who has just written to the top. @param {any} chats @param {any} body */
function received(chats, { data }) {
  if (data.instanceId !== session.get()?.instanceId || !chats.data) return;
  const chat = chats.rows.find((/** @type {any} */ one) => one.chatId === data.chatId);
  if (!chat) return chats.reload();
  const windowClosesAt = new Date(Date.parse(data.timestamp) + DAY).toISOString();
  const moved = { ...chat, name: data.contactName ?? chat.name, lastInboundAt: data.timestamp, windowClosesAt };
  chats.change({ ...chats.data, data: [moved, ...chats.rows.filter((/** @type {any} */ one) => one !== chat)] });
}
