/** Compares a type of this client with the one that the API's document gives. The compiler is the test. */

/** The fields of an object, or of all members of a union. */
type Names<T> = T extends unknown ? keyof { [Name in keyof T as string extends Name ? never : Name]: T[Name] } & string : never;
type Field<T, Name> = T extends unknown ? (Name extends keyof T ? T[Name] : never) : never;
/** The fields that every member of a union requires. */
type Required<T> = { [Name in Names<T>]: AlwaysHas<T, Name> extends true ? Name : never }[Names<T>];
type AlwaysHas<T, Name> = [T extends unknown ? (Has<T, Name> extends true ? never : T) : never] extends [never]
  ? true
  : false;
type Has<T, Name> = Name extends keyof T ? ({} extends Pick<T, Name> ? false : true) : false;

/** An object without named fields is open: the customer's own, or WhatsApp's. */
type IsOpen<T> = unknown extends T ? true : string extends keyof T ? true : [keyof T] extends [never] ? true : false;

/**
 * The paths at which they differ, or `never`: a field that one of them lacks, another type, or one that only one of them
 * requires. A response may have `null` where the document lets a field be absent. Words may be fewer than `string`, but
 * must include each word of an enumeration.
 */
export type Differences<Ours, Theirs, Kind extends 'request' | 'response', Path extends string = ''> = unknown extends Theirs
  ? never
  : Compare<NonNullable<Ours>, NonNullable<Theirs>, Kind, Path>;

type Compare<Ours, Theirs, Kind extends 'request' | 'response', Path extends string> =
  [Theirs] extends [readonly (infer TheirItem)[]]
    ? [Ours] extends [readonly (infer OurItem)[]]
      ? Differences<OurItem, TheirItem, Kind, `${Path}[]`>
      : `${Path} is a list`
    : [Theirs] extends [object]
      ? [Ours] extends [object]
        ? IsOpen<Theirs> extends true
          ? never
          : InFields<Ours, Theirs, Kind, Path>
        : `${Path} is an object`
      : InWords<Ours, Theirs, Path>;

type InWords<Ours, Theirs, Path extends string> = string extends Theirs
  ? [Ours] extends [Theirs]
    ? never
    : `${Path} is a string`
  : [Ours, boolean] extends [Theirs, Theirs]
    ? never
    : [Theirs] extends [Ours]
    ? never
    : `${Path} has other values`;

type InFields<Ours, Theirs, Kind extends 'request' | 'response', Path extends string> =
  | `${Path}.${Exclude<Names<Theirs>, Names<Ours>>} is missing`
  | `${Path}.${Exclude<Names<Ours>, Names<Theirs>>} is not in the document`
  | `${Path}.${Exclude<Required<Theirs>, Required<Ours>>} is required`
  | `${Path}.${NeedlesslyRequired<Ours, Theirs, Kind>} is not required`
  | {
      [Name in Names<Ours> & Names<Theirs>]: Differences<
        Field<Ours, Name>,
        Field<Theirs, Name>,
        Kind,
        `${Path}.${Name}`
      >;
    }[Names<Ours> & Names<Theirs>];

type NeedlesslyRequired<Ours, Theirs, Kind> = {
  [Name in Exclude<Required<Ours>, Required<Theirs>>]: Kind extends 'request'
    ? Name
    : null extends Field<Ours, Name>
      ? never
      : Name;
}[Exclude<Required<Ours>, Required<Theirs>>];

/** Compiles only when there are no differences but these. */
export type Only<Known extends string, Found extends Known> = Found;
export type None<Found extends never> = Found;
