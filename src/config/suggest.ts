/** "Did you mean …?": the nearest of the words that would have been right. */
import { distance } from 'fastest-levenshtein';

/** `: did you mean "expect"?`, or nothing where no word is near enough. */
export function didYouMean(word: string, known: Iterable<string>): string {
  const near = nearest(word, known);
  return near === null ? '' : `: did you mean "${near}"?`;
}

/** Two slips in a word of six letters are a slip of the pen, two in one of three are another word. */
export function nearest(word: string, known: Iterable<string>): string | null {
  const plain = fold(word);
  for (const other of SYNONYMS.get(plain) ?? []) {
    for (const candidate of known) if (candidate === other) return candidate;
  }
  let best: string | null = null;
  let bestDistance = Math.max(1, Math.floor(plain.length / 3)) + 1;
  for (const candidate of known) {
    // The letters that one has more than the other are as many slips.
    if (Math.abs(candidate.length - plain.length) >= bestDistance) continue;
    const other = fold(candidate);
    const far = isSwapped(plain, other) ? 1 : distance(plain.slice(0, 100), other);
    if (far < bestDistance) [best, bestDistance] = [candidate, far];
  }
  return best;
}

/** What other monitors call it. */
const SYNONYMS: ReadonlyMap<string, readonly string[]> = new Map([
  ['phone', ['sms']],
  ['mobile', ['sms']],
  ['mail', ['email']],
  ['url', ['http']],
  ['interval', ['every']],
  ['schedule', ['cron']],
  ['endpoints', ['checks']],
  ['monitors', ['checks']],
  ['services', ['checks']],
]);

/** `shpo` for `shop`: one slip, though two letters differ. */
function isSwapped(a: string, b: string): boolean {
  return a.length === b.length && Array.from(a).sort().join('') === Array.from(b).sort().join('');
}

function fold(word: string): string {
  return word.toLowerCase().replaceAll('-', '_');
}
