/** Metadata and inbound messages that JSON libraries disagree about. JSON is written as it is sent. */

const levels = (count: number) => `${'{"a":'.repeat(count)}1${'}'.repeat(count)}`;
const lists = (count: number) => `{"a":${'['.repeat(count - 1)}${']'.repeat(count - 1)}}`;
/** The same text as itself and as escapes. */
const text = (characters: string) => `{"${characters}":"${characters}","escaped":"${escaped(characters)}"}`;
const escaped = (characters: string) =>
  characters
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('');
/** One of each plane, and the two last of each, which are no characters. */
const planes = Array.from({ length: 17 }, (_, plane) => [0x1234, 0xfffe, 0xffff].map((low) => plane * 0x10000 + low));

/** Metadata that is accepted. */
export const TAKEN: readonly string[] = [
  '{}',
  ' {\r\n\t"a" : [ ] , "b" : { } , "c" : [ 1 , true , false , null ] } ',
  levels(8),
  lists(8),
  text(String.fromCodePoint(...planes.flat())),
  text('\u2028\u2029\u0085\u00a0\u200b\u200d\u202e\ufdd0\ufdef\ufeff\ufff9\ufffd\u007f\u0080\u009f'),
  text('e\u0301 é İ ß ﬁ Å ①②⑦ 한국어 עברית हिन्दी'),
  text('👍 👍🏽 👩‍👩‍👧‍👦 🏳️‍🌈 🇧🇷 𝄞 \ud7ff\ue000'),
  `{"controls":"${escaped(String.fromCharCode(...Array(33).keys()))}","\\u0000":"\\u0000"}`,
  String.raw`{"escapes":"\"\\\/\b\f\n\r\t","slash/":"</script>","\u002f":"\u0022\u005C\u002F","\u007f":"\u007F"}`,
  String.raw`{"pairs":"\ud83d\uDE00 \uD834\udd1e \uDBFF\uDFFF","\ud83d\ude00":"\uD800\uDC00"}`,
  '{"a":-0,"b":-0.0,"c":-0e9,"d":0.0,"e":0e400,"f":[-0]}',
  '{"a":1e21,"b":1E21,"c":1e+20,"d":999999999999999999999e0,"e":100000000000000000000.0,"f":-1e21}',
  '{"a":1e-7,"b":1e-6,"c":0.000001,"d":0.0000001,"e":123e-20,"f":-1.5E-9}',
  '{"a":5e-324,"b":4.9406564584124654e-324,"c":2.2250738585072014e-308,"d":3e-324}',
  '{"a":1.7976931348623157e308,"b":-1.7976931348623157E+308,"c":1797693134862315700e290}',
  '{"a":0.1,"b":0.30000000000000004,"c":1.10,"d":1.0,"e":10.0e1,"f":0.1000000000000000055511151231257827}',
  '{"a":123456789012345680000.0,"b":12345678901234567e3,"c":123456789012345678901.5,"d":1e20}',
  '{"a":9007199254740991,"b":9007199254740992,"c":-9007199254740992,"d":9007199254740993.0,"e":9007199254740993e0}',
  '{"b":1,"10":2,"9":3,"0":4,"4294967294":5,"4294967295":6,"01":7,"-1":8,"1.5":9,"a":10,"-0":11,"1e1":12,"":13}',
  '{"4294967296":1,"4294967295":2,"9007199254740991":3,"4294967294":4,"4294967293":5,"00":6,"+1":7," 1":8,"1 ":9}',
  String.raw`{"z":1,"\u0031":2,"\u0030":3,"1\u0030":4,"١":5,"１":6,"2":[{"b":1,"1":2,"0":3}]}`,
  '{"__proto__":{"polluted":true},"constructor":{"prototype":{"__proto__":null}},"":{"":{"":""}}}',
  '{"toJSON":"x","toString":1,"valueOf":null,"hasOwnProperty":[],"length":-1,"then":{},"$ref":"#"}',
  `{"largest":"${'x'.repeat(4096 - '{"largest":""}'.length)}"}`,
];

/** Metadata that is refused, with words of the answer. */
export const REFUSED: readonly [what: string, metadata: string, message: RegExp][] = [
  ['nine levels', levels(9), /nested more than 8 levels deep/],
  ['nine levels of lists', lists(9), /nested more than 8 levels deep/],
  ['a thousand levels', levels(1000), /nested more than 8 levels deep/],
  ['4,097 bytes', `{"a":"${'x'.repeat(4097 - 8)}"}`, /has 4097 bytes of JSON; at most 4096/],
  ['a number that is not finite', '{"a":1E400}', /1E400.*send it as a string/],
  ['one below that', '{"a":[-1e309]}', /-1e309.*send it as a string/],
  ['a number that would become 0', '{"a":1e-400}', /1e-400.*send it as a string/],
  ['an integer beyond 2^53', '{"a":9007199254740993}', /9007199254740993.*send it as a string/],
  ['one below -2^53', '{"a":{"b":-9007199254740993}}', /-9007199254740993.*send it as a string/],
  ['an integer of 21 digits', '{"a":123456789012345680000}', /123456789012345680000.*send it as a string/],
  ['an integer of 400 digits', `{"a":${'9'.repeat(400)}}`, /9{40}.*send it as a string/],
  ['a key twice', '{"a":1,"b":2,"a":1}', /key "a" twice/],
  ['a key twice, once escaped', String.raw`{"a":1,"\u0061":1}`, /key "a" twice/],
  ['an emoji as a key twice, once escaped', String.raw`{"d":[{"😀":1,"\ud83d\ude00":1}]}`, /key "😀" twice/],
  ['__proto__ twice', '{"__proto__":1,"__proto__":2}', /key "__proto__" twice/],
  ['a lone first half of a surrogate pair', String.raw`{"a":"x\ud800"}`, /lone surrogate/],
  ['one before a letter', String.raw`{"a":"\ud83dx"}`, /lone surrogate/],
  ['two first halves', String.raw`{"a":["\ud83d\ud83d\ude00"]}`, /lone surrogate/],
  ['one before an escape', String.raw`{"a":"\ud83d\n"}`, /lone surrogate/],
  ['a lone second half', String.raw`{"a":"\udc00"}`, /lone surrogate/],
  ['halves in the wrong order', String.raw`{"a":"\ude00\ud83d"}`, /lone surrogate/],
  ['a lone half as a key', String.raw`{"\ud800":1}`, /lone surrogate/],
  ['a lone second half as a key', String.raw`{"a":{"x\udfff":1}}`, /lone surrogate/],
  ['a list instead of an object', '[1]', /must be a JSON object/],
  ['a text instead of an object', '"a"', /must be a JSON object/],
];

/** Fields of inbound messages, and the content and details that webhooks report. */
export const TAKEN_INBOUND: readonly [fields: string, content: string | null, details: unknown][] = [
  [`"type":"text","text":{"body":"${escaped('\0\u2028\ufffe\u{10ffff}"\\/')}"}`, '\0\u2028\ufffe\u{10ffff}"\\/',
    undefined],
  [String.raw`"type":"text","text":{"body":"half \ud83d of a pair"}`, 'half \ufffd of a pair', undefined],
  ['"type":"location","location":{"name":"\\u0000<\\/b>","latitude":-23.50,"longitude":-0}', '\0</b>',
    { name: '\0</b>', latitude: -23.5, longitude: 0 }],
  ['"type":"telepathy","telepathy":{"b":1,"10":1e21,"9":[1.0],"__proto__":5e-324}', null,
    JSON.parse('{"9":[1],"10":1e21,"b":1,"__proto__":5e-324}')],
  ['"type":"telepathy","telepathy":[]', null, { telepathy: [] }],
  ['"type":"telepathy"', null, undefined],
  ['"type":"__proto__","__proto__":{"constructor":1}', null, { constructor: 1 }],
  ['"type":"telepathy","telepathy":9007199254740993', null, { telepathy: '9007199254740993' }],
  ['"type":"telepathy","telepathy":{"a":1e400,"a":"\\ud83d"}', null, { a: '\ufffd' }],
  [`"type":"telepathy","telepathy":{"a":${levels(9)}}`, null, { a: JSON.parse(levels(9)) as unknown }],
  [`"type":"telepathy","telepathy":"${'é'.repeat(3000)}"`, null, { telepathy: 'é'.repeat(3000) }],
];
