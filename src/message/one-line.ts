/**
 * Names and notes come from files, people and hostile targets. This makes one line of any of them:
 * no line break, no control or bidirectional mark, a bounded length. What a medium itself gives a
 * meaning to (`<`, `&`) is that medium's business.
 */

const INVISIBLE =
  /[\p{Cc}\p{Cs}\u00AD\u061C\u180E\u200B\u200C\u200E\u200F\u202A-\u202E]|[\u2060-\u206F\uFEFF\uFFF9-\uFFFB]|[\u{E0000}-\u{E007F}]/gu;

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** At most `max` UTF-16 units, cut between graphemes, `...` where something is missing. */
export function oneLine(text: string, max: number): string {
  // Bounded before anything else: the work done for a 10 MB name is that for a short one.
  const line = text
    .slice(0, max * 4)
    .replace(/\s+/gu, ' ')
    .replace(INVISIBLE, '')
    .trim();
  if (line.length <= max && text.length <= max * 4) return line;
  let out = '';
  for (const { segment } of graphemes.segment(line)) {
    if (out.length + segment.length > max - 3) break;
    out += segment;
  }
  return `${out.trimEnd()}...`;
}
