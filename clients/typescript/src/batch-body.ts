/** What a batch contains: the fields that its messages share, and the recipients, each with the fields that differ. */

import type { ContactCard, Location, Template } from './content.js';
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

/** The common fields of a batch, and what each of its recipients adds or has in their place. */
interface Shape<Common, Own> {
  common: Origin & MessageOptions & Only<Common>;
  recipient: Destination & MessageOptions & Only<Own>;
}

/** All recipients get this, or their own of the same type. */
type Same<Content> = Shape<Content, Partial<Content>>;
/** Each recipient gets a file of its own, by its URL or by the id under which it was uploaded. */
type OwnFile<Content> =
  | Shape<Content, Partial<Content> & { mediaUrl: string }>
  | Shape<Content, Partial<Content> & { mediaId: string }>;
type SameFile<Content> = Same<Content & { mediaUrl: string }> | Same<Content & { mediaId: string }>;
type OfFiles<Content> = SameFile<Content> | OwnFile<Content>;

type File<Content> = (Content & { mediaUrl: string }) | (Content & { mediaId: string });
type EachOf<Content> = Content extends unknown ? Destination & MessageOptions & Only<Content> : never;

/** A recipient with a message of its own, of any type that a batch can send: all but a reaction. */
export type BatchRecipient = EachOf<
  | Text
  | File<ImageOrVideo>
  | File<AudioOrSticker>
  | File<Document>
  | { template: Template }
  | { interactive: Interactive }
  | { location: Location }
  | { contacts: ContactCard[] }
>;

type Shapes =
  | Same<Text>
  | OfFiles<ImageOrVideo>
  | OfFiles<AudioOrSticker>
  | OfFiles<Document>
  | Same<{ template: Template }>
  | Same<{ interactive: Interactive }>
  | Same<{ location: Location }>
  | Same<{ contacts: ContactCard[] }>
  | { common: Origin & MessageOptions & Only<{}>; recipient: BatchRecipient };

type ListOf<Each> = Each extends { common: infer Common; recipient: infer Recipient }
  ? Common & { recipients: readonly Recipient[] }
  : never;
type StreamOf<Each> = Each extends { common: infer Common; recipient: infer Recipient }
  ? Common & { recipients: Iterable<Recipient> | AsyncIterable<Recipient> }
  : never;

/** 1 to 1,000 recipients. A recipient's own fields come in the place of the common ones. */
export type BatchBody = ListOf<Shapes>;

/** Any number of recipients: a list, or what yields them one after the other, such as the rows of a file. */
export type SendAllBody = StreamOf<Shapes>;
