/** What the simulator answers to the page (docs/simulator.md). The content of a message is WhatsApp's, from anybody: it is `any`. */

/** A person with a phone. */
export interface Person {
  phone: string | null;
  userId: string;
  name: string;
  username: string | null;
  hidesPhone: boolean;
  isOnline: boolean;
  reads: string;
  /** The ids of the numbers that the person blocked, and whose marketing the person stopped. */
  blocked: string[];
  optedOut: string[];
}

/** A person in an event, with every number and user id that led to the phone, and how many messages of each number are unread. */
export type ChangedPerson = Person & { aliases: string[]; unread: Record<string, number> };

/** A phone of this page, by a number or the user id of its owner, who is known once the first event has come. */
export interface Phone {
  key: string;
  person?: ChangedPerson;
}

/** A message on a phone. */
export interface PhoneMessage {
  id: string;
  number: string;
  direction?: "received" | "written";
  at: number;
  isRead?: boolean;
  isDelivered?: boolean;
  message: any;
  template?: any;
}

/** What a phone shows. Times are milliseconds since the epoch. */
export interface Conversations {
  messages: PhoneMessage[];
  typing: string[];
  unread: Record<string, number>;
  windowEnds: Record<string, number>;
  missed: { number: string; at: number; type: string; code: number | null }[];
  now: number;
  /** When the page had the answer, by its own clock. */
  asked?: number;
}

/** A number of a business. */
export interface BusinessNumber {
  id: string;
  name: string;
  phone: string;
}

/** A message that waits until the phone is online. */
export interface Waiting {
  key: string;
  person: string;
  number: string;
  at: number;
  message: any;
}

/** A child of an element: a node, a text or a number, or nothing. */
export type Child = Node | string | number | null | undefined | false | Child[];

/** Sends a message of the person; `failed` gives back what was typed. */
export type Send = (message: any, failed?: () => void) => unknown;
