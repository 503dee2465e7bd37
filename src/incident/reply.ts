/**
 * What people send back from a phone: `7K`, `ACK 7K`, `esc 7k!`, `Ben 7K`, `ok`. Case, spaces and
 * punctuation do not matter. The words that carriers keep for themselves (STOP, HELP, YES …) mean
 * nothing here: they never arrive, or not as meant.
 */
import { CODE_REST_MS } from './chance.ts';
import { CODE_ALPHABET } from './incident.ts';

export type Reply =
  | { readonly does: 'acknowledge' | 'escalate' | 'resolve' | 'explain'; readonly code: string }
  | { readonly does: 'page'; readonly code: string; readonly name: string }
  /** ACK or OK alone: whichever one is meant. */
  | { readonly does: 'acknowledge the only one' }
  | { readonly does: 'nothing' };

const VERBS: Readonly<Record<string, 'acknowledge' | 'escalate' | 'resolve' | 'explain'>> = {
  ACK: 'acknowledge',
  OK: 'acknowledge',
  ESC: 'escalate',
  RES: 'resolve',
  WHY: 'explain',
};

const LONGEST_REPLY = 60;

/** Vendors tell the time of a message in whole seconds. */
const SENT_AT_GRAIN_MS = 1_000;

/**
 * It cannot be meant for what began later. `sentAt` is by the vendor's clock and `at` by ours: whoever
 * names a code has read it, however the clocks differ, unless it is from the code's use before.
 */
export function wasSaidBefore(
  { sentAt }: { readonly sentAt: number },
  reply: Reply,
  at: number,
): boolean {
  return sentAt + ('code' in reply ? CODE_REST_MS : SENT_AT_GRAIN_MS) <= at;
}

export function readReply(text: string): Reply {
  const words = text
    .normalize('NFKC')
    .slice(0, LONGEST_REPLY)
    .toUpperCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '');
  const [first, second] = words;
  if (first === undefined || words.length > 4) return { does: 'nothing' };
  if (words.length === 1) {
    if (VERBS[first] === 'acknowledge') return { does: 'acknowledge the only one' };
    // ACK7K has the shape of a code too, but codes are short and thumbs miss the space.
    const [, verb, code] = /^(ACK|ESC|RES|WHY)(.+)$/.exec(first) ?? [];
    if (verb !== undefined && code !== undefined && isCode(code)) {
      return { does: VERBS[verb] ?? 'acknowledge', code };
    }
    return isCode(first) ? { does: 'acknowledge', code: first } : { does: 'nothing' };
  }
  if (second !== undefined && isCode(second) && words.length === 2) {
    const verb = VERBS[first];
    return verb ? { does: verb, code: second } : { does: 'page', code: second, name: first };
  }
  const code = words.find(isCode);
  const verb = words.map((word) => VERBS[word]).find((known) => known !== undefined);
  return code === undefined ? { does: 'nothing' } : { does: verb ?? 'acknowledge', code };
}

const CODE = new RegExp(`^(?=.*\\d)(?=.*[A-Z])[${CODE_ALPHABET}]{2,6}$`);

/** 2–6 of the alphabet, at least one digit and one letter. */
export function isCode(word: string): boolean {
  return CODE.test(word);
}
