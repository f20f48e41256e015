/** JSON texts that a customer may send and that JSON libraries disagree about, made from a seed. */

const KEYS = [
  ...['0', '9', '10', '4294967294', '4294967295', '4294967296', '9007199254740991', '01', '00', '-1', '-0', '+1'],
  ...['1.5', '1e3', ' 1', '', '__proto__', 'constructor', 'toJSON', 'hasOwnProperty', 'a', 'b', 'É', '\u2028', '\0'],
];
const NUMBERS = [
  ...['-0', '-0.0', '0e5', '1.0', '1e21', '1E21', '1e+20', '1e-6', '1e-7', '5e-324', '1.7976931348623157e308'],
  ...['2.2250738585072014e-308', '0.30000000000000004', '9007199254740992', '-9007199254740992', '9007199254740993.0'],
  ...['123456789012345680000.0', '999999999999999900000.0', '0.1000000000000000055511151231257827021181583404541'],
];
const CHARACTERS = [
  ...['\0', '\b', '\t', '\n', '\f', '\r', '\x1b', '"', '\\', '/', '\x7f', '\x80', '\xa0', '<', '&', 'é', 'e\u0301'],
  ...['\u2028', '\u2029', '\u200d', '\u202e', '\ud7ff', '\ue000', '\ufdd0', '\ufeff', '\ufffd', '\ufffe', '\uffff'],
  ...['👩‍👩‍👧', '🏳️‍🌈', '\u{10000}', '\u{1fffe}', '\u{1ffff}', '\u{e0001}', '\u{10fffe}', '\u{10ffff}'],
];
const SHORT_ESCAPES: Record<string, string> = {
  ...{ '"': '\\"', '\\': '\\\\', '/': '\\/', '\b': '\\b' },
  ...{ '\f': '\\f', '\n': '\\n', '\r': '\\r', '\t': '\\t' },
};

export class OddJson {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** An object of at most so many levels, itself among them. */
  object(levels: number): string {
    const members = new Map<string, string>();
    for (let left = this.#below(6); left > 0; left--) {
      members.set(this.key(), this.#value(levels - 1));
    }
    return this.objectOf(members);
  }

  /** An object of these members, spelled oddly. */
  objectOf(members: Map<string, string>): string {
    const spelled = [...members].map(([key, value]) => `${this.#spelled(key)}${this.#space()}:${value}`);
    return this.#between('{', spelled, '}');
  }

  key(): string {
    return this.#below(3) === 0 ? this.#text() : this.#below(2) === 0 ? this.#of(KEYS) : String(this.#below(2 ** 33));
  }

  #value(levels: number): string {
    const kind = this.#below(levels > 0 ? 9 : 6);
    if (kind >= 7) {
      return this.#surrounded(this.object(levels));
    }
    if (kind === 6) {
      return this.#between('[', Array.from({ length: this.#below(5) }, () => this.#value(levels - 1)), ']');
    }
    const literal = () => this.#of(['true', 'false', 'null', '""', '{}', '[]'].slice(0, levels > 0 ? 6 : 4));
    return this.#surrounded(kind < 2 ? this.#number() : kind < 5 ? this.#spelled(this.#text()) : literal());
  }

  #number(): string {
    const kind = this.#below(3);
    if (kind === 0) {
      return this.#of(NUMBERS);
    }
    if (kind === 1) {
      const size = 2 ** this.#below(54);
      return String(Math.trunc((this.#fraction() * 2 - 1) * size));
    }
    const number = this.#anyDouble();
    const printed = this.#of([String(number), number.toExponential(), number.toPrecision(40)]);
    const isInteger = !/[.e]/.test(printed); // which would have to be one that JavaScript holds exactly
    return this.#below(2) === 0 && !isInteger ? printed.replace('e', 'E') : isInteger ? `${printed}.0` : printed;
  }

  #anyDouble(): number {
    const bits = new DataView(new ArrayBuffer(8));
    do {
      bits.setUint32(0, this.#next());
      bits.setUint32(4, this.#next());
    } while (!Number.isFinite(bits.getFloat64(0)));
    return bits.getFloat64(0);
  }

  #text(): string {
    return Array.from({ length: this.#below(8) }, () => this.#character()).join('');
  }

  #character(): string {
    if (this.#below(2) === 0) {
      return this.#of(CHARACTERS);
    }
    const code = this.#below(17) * 0x10000 + this.#below(0x10000);
    return code >= 0xd800 && code <= 0xdfff ? '\u{1d800}' : String.fromCodePoint(code);
  }

  /** Each UTF-16 unit as itself or as an escape; a pair may be two escapes, never half of one. */
  #spelled(text: string): string {
    const spell = (character: string) => {
      const short = SHORT_ESCAPES[character];
      if (short !== undefined && this.#below(2) === 0) {
        return short;
      }
      const mustEscape = character < ' ' || character === '"' || character === '\\';
      const isEscaped = mustEscape || this.#below(3) === 0;
      return isEscaped ? character.split('').map((unit) => this.#escaped(unit)).join('') : character;
    };
    return `"${Array.from(text, spell).join('')}"`;
  }

  #escaped(unit: string): string {
    const hex = unit.charCodeAt(0).toString(16).padStart(4, '0');
    return `\\u${this.#below(2) === 0 ? hex : hex.toUpperCase()}`;
  }

  #between(open: string, parts: string[], close: string): string {
    return `${open}${this.#space()}${parts.join(`${this.#space()},${this.#space()}`)}${this.#space()}${close}`;
  }

  #surrounded(value: string): string {
    return `${this.#space()}${value}${this.#space()}`;
  }

  #space(): string {
    return this.#of(['', '', '', '', '', ' ', '\n', '\t', '\r\n']);
  }

  #of<T>(list: readonly T[]): T {
    return list[this.#below(list.length)] as T;
  }

  #below(limit: number): number {
    return Math.floor(this.#fraction() * limit);
  }

  #fraction(): number {
    return this.#next() / 2 ** 32;
  }

  /** mulberry32 */
  #next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  }
}
