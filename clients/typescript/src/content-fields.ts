/** The fields of a message, as messages and batches are made of them. */

import type { JsonObject } from './json.js';

/** What a message may have, whatever it contains. */
export interface MessageOptions {
  /** A `msg_…`, or a provider id `wamid.…`. */
  quotedMessageId?: string;
  /** Is included in every webhook of the message. */
  metadata?: JsonObject;
  /** The customer's own number of the message, such as an order's: 1 to 64 characters. */
  reference?: string;
  /** Seconds, 1 to 86,400: a message not sent by then fails as `expired`. They count from `sendAt` if there is one. */
  expiresIn?: number;
}

/** What the messages of a batch have in common, whatever they contain. */
export interface Origin {
  instanceId: string;
  /**
   * When to send, at most 30 days ahead, with an offset: `2026-02-03T09:00:00-03:00`. Until then a message is `scheduled`
   * and can be canceled.
   */
  sendAt?: string;
}

export interface Destination {
  /** International format without `+` and spaces: `5511999999999`; or a user id of WhatsApp's: `US.1349…`. */
  to: string;
}

type ContentField =
  | 'message'
  | 'previewUrl'
  | 'mediaUrl'
  | 'mediaId'
  | 'mediaType'
  | 'filename'
  | 'caption'
  | 'template'
  | 'interactive'
  | 'location'
  | 'contacts'
  | 'reaction';

/** These fields of a content, and none of other types. */
export type Only<Content> = Content & { [Field in Exclude<ContentField, keyof Content>]?: never };

/** WhatsApp shows a preview of the text's first URL unless `previewUrl` is false. */
export type Text = { message: string; previewUrl?: boolean };
export type ImageOrVideo = { mediaType: 'image' | 'video'; caption?: string };
/** `voice` is OGG with Opus, `sticker` WebP. */
export type AudioOrSticker = { mediaType: 'audio' | 'voice' | 'sticker' };
/** An uploaded document has its own name, unless `filename` gives it another. */
export type Document = { mediaType: 'document'; caption?: string; filename?: string };
