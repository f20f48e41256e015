/** What a message contains: exactly one type of content. */

import type {
  AudioOrSticker,
  Destination,
  Document,
  ImageOrVideo,
  MessageOptions,
  Only,
  Origin,
  Text,
} from './content-fields.js';
import type { Interactive } from './interactive.js';
import type { JsonObject } from './json.js';

export type MediaType = 'image' | 'video' | 'audio' | 'document' | 'sticker' | 'voice';

/** A message with these fields and with none of other types. */
type With<Content> = Origin & Destination & MessageOptions & Only<Content>;

export type TextMessage = With<Text>;
/** A file: its URL, or the id under which it was uploaded. */
type WithFile<Content> = With<Content & { mediaUrl: string }> | With<Content & { mediaId: string }>;
export type ImageOrVideoMessage = WithFile<ImageOrVideo>;
export type AudioOrStickerMessage = WithFile<AudioOrSticker>;
export type DocumentMessage = WithFile<Document>;
export type TemplateMessage = With<{ template: Template }>;
export type InteractiveMessage = With<{ interactive: Interactive }>;
export type LocationMessage = With<{ location: Location }>;
export type ContactsMessage = With<{ contacts: ContactCard[] }>;
export type ReactionMessage = With<{ reaction: MessageReaction }> & { quotedMessageId?: never };

/** The values of one part of a template, in WhatsApp's own form. */
export interface TemplateComponent {
  /** Such as `header`, `body` or `button`. */
  type: string;
  /** Of a button: `url`, `quick_reply` and so on. */
  sub_type?: string;
  /** The place of a button, from 0. */
  index?: number | string;
  /** Such as `{ type: 'text', text: 'Ana' }`. */
  parameters?: JsonObject[];
  /** Of a carousel. */
  cards?: JsonObject[];
}

export interface Template {
  name: string;
  /** Such as `pt_BR`. */
  language: string;
  /** Required if the template has parameters. */
  components?: TemplateComponent[];
}

export interface Location {
  /** Degrees, -90 to 90. */
  latitude: number;
  /** Degrees, -180 to 180. */
  longitude: number;
  name?: string;
  address?: string;
}

/** A card of a person, in WhatsApp's own form. */
export interface ContactCard {
  name: {
    formatted_name: string;
    first_name?: string;
    last_name?: string;
    middle_name?: string;
    prefix?: string;
    suffix?: string;
  };
  phones?: { phone?: string; type?: string; wa_id?: string }[];
  emails?: { email?: string; type?: string }[];
  urls?: { url?: string; type?: string }[];
  addresses?: {
    street?: string;
    city?: string;
    state?: string;
    zip?: string;
    country?: string;
    country_code?: string;
    type?: string;
  }[];
  org?: { company?: string; department?: string; title?: string };
  /** `YYYY-MM-DD`. */
  birthday?: string;
}

export interface MessageReaction {
  /** A `msg_…`, or a provider id `wamid.…`. */
  messageId: string;
  /** Empty to remove the reaction. */
  emoji: string;
}

export type SendBody =
  | TextMessage
  | ImageOrVideoMessage
  | AudioOrStickerMessage
  | DocumentMessage
  | TemplateMessage
  | InteractiveMessage
  | LocationMessage
  | ContactsMessage
  | ReactionMessage;
