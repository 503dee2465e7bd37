/**
 * A message for a screen with room for a few lines: a title that says it all, and lines under it.
 * Nothing is escaped here: each channel knows what its own medium takes for markup.
 */
import type { Facts, NotificationKind } from '../incident/notification.ts';
import { drillStory, isDrill } from './drill.ts';
import { render } from './template.ts';
import { LINES_MAX, linesOf, storyOf, viewOf, type Reader, type Story, type Told } from './view.ts';

export interface Chat {
  /** One line: `7K DOWN Shop home page +1 more`. */
  readonly title: string;
  readonly lines: readonly string[];
}

export function chat(facts: Facts, kind: NotificationKind, reader: Reader): Chat {
  if (!isDrill(facts)) return laidOut(toldAtLength(facts, kind, reader), reader);
  const { title, lines, ask } = drillStory(facts, reader);
  return { title, lines: [...lines, ask].filter((line) => line !== '').slice(0, LINES_MAX) };
}

/** For whoever has room for all details. */
export function toldAtLength(facts: Told, kind: NotificationKind, reader: Reader): Story {
  const view = viewOf(facts, kind, reader);
  const { headline, details } = storyOf(view, reader.templates);
  return { ...view, headline, details: details.join(', ') };
}

export function laidOut(story: Story, { templates }: Reader): Chat {
  const [title = '', ...lines] = linesOf(render(templates.chat, story));
  return { title, lines };
}
