/** Writes to a person: a text with or without quick replies, a template, or a file. What is typed stays until it is accepted. */
import { html, useRef, useState } from '../vendor/htm-preact.js';
import { call } from '../lib/api.js';
import { attemptKey, draftOf, drafts, forgetAttempt, forgetAccepted, keepDraft } from '../lib/drafts.js';
import { fileSize } from '../lib/format.js';
import { t } from '../lib/i18n.js';
import { useAction } from '../lib/load.js';
import { session } from '../lib/session.js';
import { useStore } from '../lib/store.js';
import { mediaTypeOf, upload } from '../lib/upload.js';
import { Icon, Problem } from '../parts/basics.js';
import { Choice, Field } from '../parts/forms.js';
import { TemplateComposer } from './template_composer.js';

/** The most quick replies of a message, and the longest in characters: WhatsApp's limits. */
const [MOST_REPLIES, LONGEST_REPLY] = [3, 20];

/** @param {{ chatId: string, to: string, isOpen: boolean, onSent: (messageId: string) => void }} props */
export function Composer({ chatId, to, isOpen, onSent }) {
  const [mode, setMode] = useState(isOpen ? 'text' : 'template');
  const [file, setFile] = useState(/** @type {globalThis.File | undefined} */ (undefined));
  const [isOver, setOver] = useState(false);
  const instanceId = session.get()?.instanceId;
  const id = `${instanceId}.${chatId}`;
  const send = async (/** @type {Record<string, unknown>} */ content) => {
    const body = { instanceId, to, ...content };
    const text = JSON.stringify(body);
    // The same content again is the same attempt: a message whose answer was lost is not sent twice.
    const accepted = await call('POST', '/v1/messages/send', { body, idempotencyKey: attemptKey(id, text) });
    forgetAttempt(id, text);
    onSent(accepted.messageId);
  };
  const drop = (/** @type {DragEvent} */ event) => {
    event.preventDefault();
    setOver(false);
    if (!event.dataTransfer?.files[0]) return;
    setFile(event.dataTransfer.files[0]);
    setMode('file');
  };
  const over = (/** @type {DragEvent} */ event) => (event.preventDefault(), setOver(true));
  const modes = /** @type {[string, string][]} */ ([['text', t('Text')], ['template', t('Template')], ['file', t('File')]]);
  return html`
    <div class="composer stack ${isOver ? 'is-over' : ''}" onDragOver=${over} onDragLeave=${() => setOver(false)} onDrop=${drop}>
      <${Choice} label=${t('What to send')} value=${mode} options=${modes} onChange=${setMode} />
      ${mode === 'text' && html`<${TextComposer} id=${id} send=${send} />`}
      ${mode === 'template' && html`<${TemplateComposer} send=${send} />`}
      ${mode === 'file' && html`<${FileComposer} file=${file} choose=${setFile} send=${send} />`}
    </div>
  `;
}

/** @param {{ id: string, send: (content: Record<string, unknown>) => Promise<void> }} props */
function TextComposer({ id, send }) {
  useStore(drafts);
  const draft = draftOf(id);
  const change = (/** @type {keyof import('../lib/drafts.js').Draft} */ name) => (/** @type {any} */ value) => keepDraft(id, { ...draftOf(id), [name]: value });
  const sent = useAction(async () => {
    const latest = draftOf(id);
    if (!latest.text.trim()) return;
    const replies = latest.replies.map((reply) => reply.trim()).filter(Boolean);
    const buttons = replies.map((title, index) => ({ type: 'reply', reply: { id: `reply-${index + 1}`, title } }));
    await send(buttons.length ? { interactive: { type: 'button', body: { text: latest.text }, action: { buttons } } } : { message: latest.text });
    forgetAccepted(id, latest);
  });
  const submit = (/** @type {Event} */ event) => (event.preventDefault(), sent.run());
  const onKeyDown = (/** @type {KeyboardEvent} */ event) => {
    if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) submit(event);
  };
  const reply = (/** @type {number} */ at) => (/** @type {string} */ value) => change('replies')(draft.replies.with(at, value));
  return html`
    <form class="stack" onSubmit=${submit}>
      <div class="line">
        <${Field} as="textarea" rows="2" label=${t('Message')} value=${draft.text} onInput=${change('text')} onKeyDown=${onKeyDown} maxlength="4096" />
        ${draft.replies.length < MOST_REPLIES && html`<button type="button" onClick=${() => change('replies')([...draft.replies, ''])}>${t('Add a quick reply')}</button>`}
        <button class="primary" disabled=${sent.isBusy || !draft.text.trim()}><${Icon} name="send" />${t('Send')}</button>
      </div>
      ${draft.replies.length > 0 && html`<div class="filters">${draft.replies.map((text, index) => html`
        <${Field} key=${index} label=${t('Quick reply {n}', { n: index + 1 })} value=${text} onInput=${reply(index)} maxlength=${LONGEST_REPLY} />
      `)}<button type="button" onClick=${() => change('replies')(draft.replies.slice(0, -1))}>${t('Remove')}</button></div>`}
      <${Problem} error=${sent.error} />
    </form>
  `;
}

/** @param {{ file?: globalThis.File, choose: (file: globalThis.File | undefined) => void, send: (content: Record<string, unknown>) => Promise<void> }} props */
function FileComposer({ file, choose, send }) {
  const [caption, setCaption] = useState('');
  const uploaded = useRef({ file: /** @type {unknown} */ (undefined), id: '' });
  const sent = useAction(async () => {
    if (!file) return;
    if (uploaded.current.file !== file) uploaded.current = { file, id: await upload(session.get()?.instanceId ?? '', file) };
    const mediaType = mediaTypeOf(file.type);
    await send({ mediaId: uploaded.current.id, mediaType, ...(mediaType === 'document' && { filename: file.name }), ...(caption && { caption }) });
    choose(undefined);
    setCaption('');
  });
  const submit = (/** @type {Event} */ event) => (event.preventDefault(), sent.run());
  const takesCaption = !file || !['audio', 'sticker'].includes(mediaTypeOf(file.type));
  return html`
    <form class="stack" onSubmit=${submit}>
      <div class="line">
        <label class="button file"><${Icon} name="attach" />${file ? `${file.name} (${fileSize(file.size)})` : t('Choose a file or drop it here')}<input type="file" class="unseen" onChange=${(/** @type {any} */ event) => choose(event.target.files[0])} /></label>
        ${takesCaption && html`<${Field} label=${t('Caption')} value=${caption} onInput=${setCaption} maxlength="1024" />`}
        <button class="primary" disabled=${sent.isBusy || !file}><${Icon} name="send" />${sent.isBusy ? t('Uploading') : t('Send')}</button>
      </div>
      <${Problem} error=${sent.error} />
    </form>
  `;
}
