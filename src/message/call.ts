/**
 * A message as it is said on the telephone, by a voice that reads what it is given: whole words, the
 * code letter by letter, no marks. Only what makes somebody get up: the rest is a screen's.
 */
import type { DrillFacts, Facts, NotificationKind } from '../incident/notification.ts';
import { toldAtLength } from './chat.ts';
import { drillStory, isDrill } from './drill.ts';
import { oneLine } from './one-line.ts';
import { render } from './template.ts';
import { viewOf, type Reader } from './view.ts';

const TEXT_MAX = 600;

/** Beside what every message may speak of: may the reader press a key? */
export const KEYS = { keys: true };
export const PRESS = 'Press 4 to acknowledge, 6 to escalate.';

/** `keys`: 4 acknowledges and 6 escalates. */
export function call(facts: Facts, kind: NotificationKind, reader: Reader, keys = false): string {
  if (isDrill(facts)) return `Tocsin. ${drill(facts, reader, keys).map(spoken).join('. ')}.`;
  const story = toldAtLength(facts, kind, reader);
  const said = {
    ...story,
    headline: story.headline.toLowerCase(),
    code: letters(story.code),
    keys,
  };
  return render(reader.templates.voice, said, spoken).replace(/\s+/g, ' ').trim();
}

/** What is to be acknowledged; null: nothing is. */
export function codeToPress(facts: Facts, kind: NotificationKind, reader: Reader): string | null {
  if (isDrill(facts)) return facts.event === 'drill' ? facts.code : null;
  const { ask, code } = viewOf(facts, kind, reader);
  return ask && code !== '' ? code : null;
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

function letters(code: string): string {
  return code.split('').join(' ');
}

function drill(facts: DrillFacts, reader: Reader, keys: boolean): string[] {
  const { title, lines } = drillStory(facts, reader);
  if (facts.event !== 'drill') return [title];
  const code = letters(facts.code);
  const what = `This is a drill of ${facts.escalation}. Nothing is down`;
  if (keys) return [what, 'Press 4 to say that you got it'];
  return [what, `${lines[0] ?? ''}, by SMS: the code is ${code}, again: ${code}`];
}

function spoken(text: string): string {
  return oneLine(text, TEXT_MAX).replace(/[<>{}[\]|\\~^`_*#]+/g, ' ');
}
