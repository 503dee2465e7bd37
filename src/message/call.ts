/**
 * A message as it is said on the telephone, by a voice that reads what it is given: whole words, the
 * code letter by letter, no marks. Only what makes somebody get up: the rest is a screen's.
 */
import type { Facts, NotificationKind, TroubleFacts } from '../incident/notification.ts';
import { drillStory } from './drill.ts';
import { oneLine } from './one-line.ts';
import { storyOfSeveral } from './several.ts';
import { asksForAck, isDrill, storyOf, type Reader } from './story.ts';

const TEXT_MAX = 600;

export function call(facts: Facts, kind: NotificationKind, reader: Reader): string {
  if (!('code' in facts)) return `Tocsin. ${spoken(facts.text)}.`;
  const code = facts.code.split('').join(' ');
  if (isDrill(facts)) {
    const { title, lines } = drillStory(facts, reader);
    const [answerBy = ''] = lines;
    if (facts.event !== 'drill') return `Tocsin. ${spoken(title)}.`;
    return `Tocsin. This is a drill of ${spoken(facts.escalation)}. Nothing is down. ${spoken(answerBy)}, by SMS: the code is ${code}, again: ${code}.`;
  }
  const sentences = [
    ...whatIsDown(facts, reader),
    `Severity ${facts.severity}`,
    asksForAck(kind) ? `Acknowledge by SMS: the code is ${code}, again: ${code}` : '',
  ];
  return `${sentences.filter((sentence) => sentence !== '').join('. ')}.`;
}

function whatIsDown(facts: TroubleFacts, reader: Reader): string[] {
  if (facts.bundle) {
    const { headline, shared, lead, brief } = storyOfSeveral(facts, facts.bundle);
    return [
      `Tocsin. ${spoken(sentence(headline.toLowerCase(), shared))}`,
      `${spoken(lead)}: ${spoken(brief)}`,
    ];
  }
  const { headline, name, more, details } = storyOf(facts, reader);
  const what = sentence(spoken(name), headline.toLowerCase(), more.replace('+', 'and '));
  return [`Tocsin. ${what}`, details.map(spoken).join(', ')];
}

function sentence(...parts: readonly string[]): string {
  return parts.filter((part) => part.trim() !== '').join(' ');
}

function spoken(text: string): string {
  return oneLine(text, TEXT_MAX).replace(/[<>{}[\]|\\~^`_*#]+/g, ' ');
}
