/**
 * A message as it is said on the telephone, by a voice that reads what it is given: whole words, the
 * code letter by letter, no marks. Only what makes somebody get up: the rest is a screen's.
 */
import type { Facts, NotificationKind, TroubleFacts } from '../incident/notification.ts';
import { oneLine } from './one-line.ts';
import { storyOfSeveral } from './several.ts';
import { asksForAck, storyOf, type Reader } from './story.ts';

const TEXT_MAX = 600;

export const PRESS = 'Press 4 to acknowledge, 6 to escalate.';

export function call(facts: Facts, kind: NotificationKind, reader: Reader): SaidInCall {
  if (!('code' in facts)) return { what: `Tocsin. ${spoken(facts.text)}.`, asksFor: null };
  const sentences = [...whatIsDown(facts, kind, reader), `Severity ${facts.severity}`];
  return {
    what: `${sentences.filter((sentence) => sentence !== '').join('. ')}.`,
    asksFor: asksForAck(kind) ? facts.code : null,
  };
}

export function byWriting(code: string): string {
  return `Acknowledge by SMS: the code is ${letters(code)}, again: ${letters(code)}.`;
}

/** What came of a key; null: it was heard, and that is all that is known. */
export function answered(said: string | null, code: string): string {
  const words =
    said === null ? 'Tocsin has heard you' : spoken(said.replaceAll(code, letters(code)));
  return `${words}. Goodbye.`;
}

export interface SaidInCall {
  readonly what: string;
  /** The code to be acknowledged; null: nothing is. */
  readonly asksFor: string | null;
}

function letters(code: string): string {
  return code.split('').join(' ');
}

function whatIsDown(facts: TroubleFacts, kind: NotificationKind, reader: Reader): string[] {
  if (facts.bundle) {
    const { headline, shared, lead, brief } = storyOfSeveral(facts, facts.bundle);
    return [
      `Tocsin. ${spoken(sentence(headline.toLowerCase(), shared))}`,
      `${spoken(lead)}: ${spoken(brief)}`,
    ];
  }
  const { headline, name, more, details } = storyOf(facts, kind, reader);
  const what = sentence(spoken(name), headline.toLowerCase(), more.replace('+', 'and '));
  return [`Tocsin. ${what}`, details.map(spoken).join(', ')];
}

function sentence(...parts: readonly string[]): string {
  return parts.filter((part) => part.trim() !== '').join(' ');
}

function spoken(text: string): string {
  return oneLine(text, TEXT_MAX).replace(/[<>{}[\]|\\~^`_*#]+/g, ' ');
}
