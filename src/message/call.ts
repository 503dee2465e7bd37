/**
 * A message as it is said on the telephone, by a voice that reads what it is given: whole words, the
 * code letter by letter, no marks. Only what makes somebody get up: the rest is a screen's.
 */
import type { Facts, NotificationKind } from '../incident/notification.ts';
import { toldAtLength } from './chat.ts';
import { oneLine } from './one-line.ts';
import { render } from './template.ts';
import type { Reader } from './view.ts';

const TEXT_MAX = 600;

export function call(facts: Facts, kind: NotificationKind, reader: Reader): string {
  const story = toldAtLength(facts, kind, reader);
  const said = {
    ...story,
    headline: story.headline.toLowerCase(),
    code: story.code.split('').join(' '),
  };
  return render(reader.templates.voice, said, spoken).replace(/\s+/g, ' ').trim();
}

function spoken(text: string): string {
  return oneLine(text, TEXT_MAX).replace(/[<>{}[\]|\\~^`_*#]+/g, ' ');
}
