/**
 * A message as it is said on the telephone, by a voice that reads what it is given: whole words, the
 * code letter by letter, no marks. Only what makes somebody get up: the rest is a screen's.
 */
import type { Facts, NotificationKind } from '../incident/notification.ts';
import { oneLine } from './one-line.ts';
import { asksForAck, storyOf, type Reader } from './story.ts';

const TEXT_MAX = 600;

export function call(facts: Facts, kind: NotificationKind, reader: Reader): string {
  if (!('code' in facts)) return `Tocsin. ${spoken(facts.text)}.`;
  const { headline, name, more, details } = storyOf(facts, kind, reader);
  const what = [spoken(name), headline.toLowerCase(), more.replace('+', 'and ')];
  const code = facts.code.split('').join(' ');
  const sentences = [
    `Tocsin. ${what.filter((part) => part.trim() !== '').join(' ')}`,
    details.map(spoken).join(', '),
    `Severity ${facts.severity}`,
    asksForAck(kind) ? `Acknowledge by SMS: the code is ${code}, again: ${code}` : '',
  ];
  return `${sentences.filter((sentence) => sentence !== '').join('. ')}.`;
}

function spoken(text: string): string {
  return oneLine(text, TEXT_MAX).replace(/[<>{}[\]|\\~^`_*#]+/g, ' ');
}
