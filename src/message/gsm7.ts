/**
 * The alphabet of an SMS: 3GPP TS 23.038, 7 bits a character ("septets"), 160 to a segment. One
 * character outside it turns the whole message to UCS-2 with 70 to a segment, so every text is
 * brought into the alphabet first. Brackets, braces, `~ ^ | \ €` are in it, but cost two septets.
 */

const BASIC =
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?' +
  '¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà';
const EXTENSION = '\f^{}\\[~]|€';

/** By UTF-16 unit: there is none beyond the euro. */
const SEPTETS = new Uint8Array('€'.charCodeAt(0) + 1);
for (const letter of BASIC) SEPTETS[letter.charCodeAt(0)] = 1;
for (const letter of EXTENSION) SEPTETS[letter.charCodeAt(0)] = 2;

/** What compatibility decomposition does not take apart, or would take apart badly. */
const SPELLINGS: ReadonlyMap<string, string> = new Map([
  ...pairs('‘’‚‛‹›′`´', "'"),
  ...pairs('“”„‟«»″', '"'),
  ...pairs('‐‑‒–—―−', '-'),
  ...pairs('•·∙', '.'),
  ...pairs('đð', 'd'),
  ...pairs('ĐÐ', 'D'),
  ['…', '...'],
  ['\t', ' '],
  ['⁄', '/'],
  ['×', 'x'],
  ['÷', '/'],
  ['→', '->'],
  ['←', '<-'],
  ['≤', '<='],
  ['≥', '>='],
  ['°', 'deg'],
  ['µ', 'u'],
  ['μ', 'u'],
  ['ł', 'l'],
  ['Ł', 'L'],
  ['ı', 'i'],
  ['œ', 'oe'],
  ['Œ', 'OE'],
  ['þ', 'th'],
  ['Þ', 'Th'],
  ['ħ', 'h'],
  ['Ħ', 'H'],
  ['ŋ', 'n'],
  ['Ŋ', 'N'],
]);

function pairs(letters: string, spelling: string): [string, string][] {
  return Array.from(letters, (letter) => [letter, spelling]);
}

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** How many septets a text takes; Infinity if it cannot be said in the alphabet. */
export function septets(text: string): number {
  let count = 0;
  for (let i = 0; i < text.length; i++) {
    const taken = SEPTETS[text.charCodeAt(i)] ?? 0;
    if (taken === 0) return Infinity;
    count += taken;
  }
  return count;
}

/** The nearest text in the alphabet: `ç` is c, “ is ", an emoji (or anything unknown) is one `?`. */
export function transliterate(text: string): string {
  if (septets(text) < Infinity) return text;
  let out = '';
  for (const { segment } of graphemes.segment(text.normalize('NFC'))) {
    out += septets(segment) < Infinity ? segment : spell(segment);
  }
  return out;
}

/** The longest beginning of a GSM-7 text that takes at most `limit` septets. */
export function cutToSeptets(text: string, limit: number): string {
  let left = limit;
  let out = '';
  for (const letter of text) {
    left -= septets(letter);
    if (left < 0) break;
    out += letter;
  }
  return out;
}

function spell(grapheme: string): string {
  let out = '';
  for (const letter of grapheme) {
    out += SPELLINGS.get(letter) ?? Array.from(letter.normalize('NFKD'), known).join('');
  }
  if (out !== '') return out;
  return /^[\p{Cc}\p{Cf}\p{M}]*$/u.test(grapheme) ? '' : '?';
}

function known(part: string): string {
  return septets(part) < Infinity ? part : (SPELLINGS.get(part) ?? '');
}
