/**
 * A message as it is said on the telephone, by a voice that reads what it is given: whole words, the
 * code letter by letter, no marks. Only what makes somebody get up: the rest is a screen's.
 */
import type { Facts, NotificationKind, TroubleFacts } from '../incident/notification.ts';
import { oneLine } from './one-line.ts';
import { storyOfSeveral } from './several.ts';
import { asksForAck, storyOf, type Reader } from './story.ts';

const TEXT_MAX = 600;

export function call(facts: Facts, kind: NotificationKind, reader: Reader): string {
  if (!('code' in facts)) return `Tocsin. ${spoken(facts.text)}.`;
  const code = facts.code.split('').join(' ');
  const sentences = [
    ...whatIsDown(facts, kind, reader),
    `Severity ${facts.severity}`,
    asksForAck(kind) ? `Acknowledge by SMS: the code is ${code}, again: ${code}` : '',
  ];
  return `${sentences.filter((sentence) => sentence !== '').join('. ')}.`;
}

function whatIsDown(facts: TroubleFacts, kind: NotificationKind, reader: Reader): string[] {
  if (facts.bundle) {
    const { headline, isOne, shared, lead, brief } = storyOfSeveral(facts, facts.bundle);
    if (isOne) return [`Tocsin. ${spoken(lead)} ${headline.toLowerCase()}`, spoken(brief)];
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
