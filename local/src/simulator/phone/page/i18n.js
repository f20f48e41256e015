// The page's words, in English and Portuguese.

const WORDS = {
  addPhone: ["Add a phone", "Adicionar celular"],
  address: ["Address", "Endereço"],
  allow: ["Allow", "Permitir"],
  answerForm: ["Answer", "Responder"],
  attach: ["Attach", "Anexar"],
  audio: ["Audio", "Áudio"],
  back: ["Back to the conversations", "Voltar às conversas"],
  block: ["Block", "Bloquear"],
  blocked: ["You blocked this business.", "Você bloqueou esta empresa."],
  business: ["This business", "Esta empresa"],
  call: ["Call", "Ligar"],
  called: ["You called. Nobody took the call.", "Você ligou. Ninguém atendeu."],
  cancel: ["Cancel", "Cancelar"],
  caption: ["Caption", "Legenda"],
  catalog: ["View catalog", "Ver catálogo"],
  change: ["Change", "Mudar"],
  changeNumber: ["New phone number", "Novo número"],
  chats: ["Chats", "Conversas"],
  choose: ["Choose", "Escolha"],
  contact: ["Contact", "Contato"],
  copied: ["Copied", "Copiado"],
  copy: ["Copy text", "Copiar texto"],
  copyCode: ["Copy code", "Copiar código"],
  currency: ["Currency", "Moeda"],
  deleted: ["This message was deleted", "Mensagem apagada"],
  deleteIt: ["Delete for everyone", "Apagar para todos"],
  deny: ["Do not allow", "Não permitir"],
  document: ["Document", "Documento"],
  download: ["Download", "Baixar"],
  earlier: ["Show earlier messages", "Mostrar mensagens anteriores"],
  edit: ["Edit", "Editar"],
  edited: ["edited", "editada"],
  editing: ["Edit message", "Editar mensagem"],
  fileGone: ["The file is no longer available", "O arquivo não está mais disponível"],
  forwarded: ["Forwarded", "Encaminhada"],
  formAnswer: ["Answer in JSON", "Resposta em JSON"],
  formSent: ["Form answered", "Formulário respondido"],
  hideNumber: ["Hide the number behind the username", "Esconder o número atrás do nome de usuário"],
  image: ["Photo", "Foto"],
  language: ["Português", "English"],
  latitude: ["Latitude", "Latitude"],
  latest: ["To the latest message", "Ir à última mensagem"],
  linkOnly: ["The simulator does not fetch links", "O simulador não busca links"],
  list: ["List", "Lista"],
  location: ["Location", "Localização"],
  longitude: ["Longitude", "Longitude"],
  lost: ["No connection to the simulator. Trying again …", "Sem conexão com o simulador. Tentando de novo …"],
  marketing: ["Receive its marketing", "Receber o marketing dela"],
  message: ["Message", "Mensagem"],
  missed: ["Did not arrive", "Não chegou"],
  missed131047: ["You have not written to it for 24 hours: only templates arrive.", "Você não escreveu nas últimas 24 horas: só chegam modelos."],
  missed131050: ["You stopped its marketing.", "Você parou o marketing dela."],
  missed131009: ["It reacts to a message that is not here.", "Reage a uma mensagem que não está aqui."],
  missedBlocked: ["You blocked it.", "Você a bloqueou."],
  name: ["Name", "Nome"],
  newChat: ["New conversation", "Nova conversa"],
  newWindow: ["Open in another window", "Abrir em outra janela"],
  noChats: ["No conversations yet", "Nenhuma conversa ainda"],
  noMessages: ["No messages yet. Write the first one.", "Nenhuma mensagem ainda. Escreva a primeira."],
  noPhones: ["Add a phone to begin.", "Adicione um celular para começar."],
  number: ["Phone number", "Número"],
  numberId: ["Id of the business’s number (phoneNumberId)", "Id do número da empresa (phoneNumberId)"],
  offline: ["Offline", "Sem conexão"],
  offlineHint: ["The phone is offline. What you send waits.", "O celular está sem conexão. O que você envia espera."],
  online: ["Online", "Com conexão"],
  open: ["Open", "Abrir"],
  options: ["Options of the message", "Opções da mensagem"],
  order: ["Order", "Pedir"],
  orderSent: ["Order", "Pedido"],
  person: ["Person", "Pessoa"],
  phone: ["Phone", "Celular"],
  phoneHint: ["Digits only, with the country code", "Só dígitos, com o código do país"],
  phones: ["Phones", "Celulares"],
  play: ["Play", "Reproduzir"],
  price: ["Price", "Preço"],
  product: ["Product", "Produto"],
  products: ["products", "produtos"],
  quantity: ["Quantity", "Quantidade"],
  react: ["React", "Reagir"],
  readsAutomatically: ["as soon as they arrive", "assim que chegam"],
  readsNever: ["without telling (receipts off)", "sem avisar (confirmações desligadas)"],
  reads: ["Messages are read", "Mensagens são lidas"],
  readsWhenOpened: ["when the chat is open", "com a conversa aberta"],
  removePhone: ["Remove from this page", "Remover desta página"],
  removeReaction: ["Remove reaction", "Remover reação"],
  reply: ["Reply", "Responder"],
  replyTo: ["Reply to", "Responder a"],
  save: ["Save", "Salvar"],
  section: ["Options", "Opções"],
  send: ["Send", "Enviar"],
  sendLocation: ["Send location", "Enviar localização"],
  settings: ["Settings of the phone", "Ajustes do celular"],
  shareContact: ["Share contact info", "Compartilhar contato"],
  shopHint: ["The simulator has no catalog: choose the price.", "O simulador não tem catálogo: escolha o preço."],
  sticker: ["Sticker", "Figurinha"],
  template: ["Template", "Modelo"],
  thread: ["Messages", "Mensagens"],
  tickPending: ["Waiting", "Esperando"],
  tickRead: ["Read", "Lida"],
  tickDelivered: ["Delivered", "Entregue"],
  tickSent: ["Sent", "Enviada"],
  today: ["Today", "Hoje"],
  tooLarge: ["A file can have 16 MB.", "Um arquivo pode ter 16 MB."],
  typing: ["typing…", "digitando…"],
  unknown: ["Not supported by this phone", "Não suportado por este celular"],
  unread: ["unread", "não lidas"],
  userId: ["User id", "Id de usuário"],
  username: ["Username", "Nome de usuário"],
  video: ["Video", "Vídeo"],
  voice: ["Voice message", "Mensagem de voz"],
  windowClosed: ["Closed: only templates arrive until you write.", "Fechada: só chegam modelos até você escrever."],
  window: ["24-hour window", "Janela de 24 horas"],
  windowOpen: ["Open until", "Aberta até"],
  yesterday: ["Yesterday", "Ontem"],
  you: ["You", "Você"],
};

/** `en` or `pt`. */
export const language = (localStorage.getItem("language") ?? navigator.language).startsWith("pt") ? "pt" : "en";
const column = language === "pt" ? 1 : 0;
export const locale = language === "pt" ? "pt-BR" : navigator.language.startsWith("en") ? navigator.language : "en-US";

/** @typedef {keyof typeof WORDS} Word */

/** A word or a sentence of the page. @param {Word} name */
export const t = (name) => WORDS[name][column];

/** Another language, from now on. */
export function switchLanguage() {
  localStorage.setItem("language", language === "pt" ? "en" : "pt");
  location.reload();
}

/** @param {number} at */
export const time = (at) => new Date(at).toLocaleTimeString(locale, { hour: "2-digit", minute: "2-digit" });

/** @param {number} at */
export const dateAndTime = (at) =>
  new Date(at).toLocaleString(locale, { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });

/** The day of a time, as a conversation shows it. @param {number} at @param {number} now */
export function day(at, now) {
  const start = (/** @type {number} */ moment) => new Date(moment).setHours(0, 0, 0, 0);
  const days = Math.round((start(now) - start(at)) / 86_400_000);
  if (days === 0) return t("today");
  if (days === 1) return t("yesterday");
  return new Date(at).toLocaleDateString(locale, { day: "numeric", month: "long", year: "numeric" });
}
