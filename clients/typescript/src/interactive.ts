/** Interactive messages, in WhatsApp's own form. */

import type { Json } from './json.js';

interface Text {
  text: string;
}

/** A file at WhatsApp, or one that WhatsApp fetches. */
type File = { id: string; link?: never } | { link: string; id?: never };

export interface TextHeader {
  type: 'text';
  /** At most 60 characters. */
  text: string;
}

export type ImageHeader = { type: 'image'; image: File };
export type VideoHeader = { type: 'video'; video: File };
export type DocumentHeader = { type: 'document'; document: File & { filename?: string } };
export type Header = TextHeader | ImageHeader | VideoHeader | DocumentHeader;

/** Up to three quick replies. */
export interface ButtonMessage {
  type: 'button';
  header?: Header;
  body: Text;
  footer?: Text;
  action: {
    /** One to three; titles differ and have at most 20 characters, ids at most 256. */
    buttons: { type: 'reply'; reply: { id: string; title: string } }[];
  };
}

export interface ListRow {
  id: string;
  /** At most 24 characters. */
  title: string;
  /** At most 72 characters. */
  description?: string;
}

/** A menu. */
export interface ListMessage {
  type: 'list';
  header?: TextHeader;
  body: Text;
  footer?: Text;
  action: {
    /** What opens the menu: at most 20 characters. */
    button: string;
    /** At most ten, with ten rows in all. */
    sections: { title?: string; rows: ListRow[] }[];
  };
}

export interface CtaUrlAction {
  name: 'cta_url';
  /** The text has at most 20 characters. */
  parameters: { display_text: string; url: string };
}

/** A button that opens a URL. */
export interface CtaUrlMessage {
  type: 'cta_url';
  header?: Header;
  body: Text;
  footer?: Text;
  action: CtaUrlAction;
}

type FlowName = { flow_id: string; flow_name?: never } | { flow_name: string; flow_id?: never };

/** A button that opens a form. */
export interface FlowMessage {
  type: 'flow';
  header?: Header;
  body: Text;
  footer?: Text;
  action: {
    name: 'flow';
    parameters: FlowName & {
      flow_message_version: '3';
      flow_cta: string;
      flow_token?: string;
      mode?: 'draft' | 'published';
      flow_action?: 'navigate' | 'data_exchange';
      flow_action_payload?: { screen: string; data?: { [name: string]: Json } };
    };
  };
}

/** A button with which a person shares a place. */
export interface LocationRequestMessage {
  type: 'location_request_message';
  body: Text;
  action: { name: 'send_location' };
}

/** A button with which a person shares the phone number. */
export interface ContactRequestMessage {
  type: 'request_contact_info';
  body: Text;
  action: { name: 'request_contact_info' };
}

export interface ProductAction {
  catalog_id: string;
  product_retailer_id: string;
}

/** A product of a catalog. */
export interface ProductMessage {
  type: 'product';
  body?: Text;
  footer?: Text;
  action: ProductAction;
}

/** Products in sections: at most ten sections and 30 products. */
export interface ProductListMessage {
  type: 'product_list';
  header: TextHeader;
  body: Text;
  footer?: Text;
  action: {
    catalog_id: string;
    sections: { title?: string; product_items: { product_retailer_id: string }[] }[];
  };
}

/** A whole catalog. */
export interface CatalogMessage {
  type: 'catalog_message';
  body: Text;
  footer?: Text;
  action: { name: 'catalog_message'; parameters?: { thumbnail_product_retailer_id?: string } };
}

export interface QuickReplyAction {
  buttons: { type: 'quick_reply'; quick_reply: { id: string; title: string } }[];
}

export interface UrlCard {
  card_index: number;
  type: 'cta_url';
  /** Of one type in all cards. */
  header: ImageHeader | VideoHeader;
  /** At most 160 characters and two line breaks. */
  body?: Text;
  action: CtaUrlAction | QuickReplyAction;
}

export interface ProductCard {
  card_index: number;
  type: 'product';
  action: ProductAction;
}

/** Two to ten cards of one type. */
export interface CarouselMessage {
  type: 'carousel';
  body: Text;
  action: { cards: UrlCard[] | ProductCard[] };
}

export type Interactive =
  | ButtonMessage
  | ListMessage
  | CtaUrlMessage
  | FlowMessage
  | LocationRequestMessage
  | ContactRequestMessage
  | ProductMessage
  | ProductListMessage
  | CatalogMessage
  | CarouselMessage;
