/**
 * What a message about several incidents may speak of, beside the worst of them: how many there
 * are, what they share, and a line for each of the first few, which has a template of its own.
 */
import type { Template } from '../config/config.ts';
import type { BundleFacts, BundleLine, TroubleFacts } from '../incident/notification.ts';
import { oneLine } from './one-line.ts';
import { render } from './template.ts';

const SHARED_MAX = 60;
/** Of each incident, where all have to go into one line. */
const BRIEF_MAX = 100;
export const STORY_MAX = 300;
const NONE: readonly string[] = [];

/** What the line of one of them may speak of. */
export const LINE = {
  ...{ down: false, over: false, news: false, acknowledged: false, flapping: false },
  ...{ code: '', name: '', brief: '', by: '', text: '' },
};

/** As they are in a message about less than that. */
export const NOT_SEVERAL = {
  // What most of it is about: one of these.
  ...{ down: false, over: false, news: false },
  ...{ incidents: 0, one_incident: false, checks: 0, one_check: false, shared: '' },
  // Told beside it.
  ...{ also_over: 0, also_news: 0 },
  ...{ stories: NONE, unlisted: 0, summary: '' },
};

export function several(
  { down, over, news, checks, shared, lines }: BundleFacts,
  { event }: TroubleFacts,
  story: Template,
): typeof NOT_SEVERAL {
  const stories = lines.map((line) => oneLine(render(story, lineOf(line)), STORY_MAX));
  const isOver = down === 0 && over > 0;
  const isNews = down === 0 && over === 0;
  const incidents = isNews ? news : isOver ? over : down;
  return {
    ...{ down: down > 0, over: isOver, news: isNews },
    ...{ incidents, one_incident: incidents === 1, checks, one_check: checks === 1 },
    shared: incidents === 1 ? '' : oneLine(shared, SHARED_MAX),
    also_over: event === 'resolved' ? 0 : over,
    also_news: down > 0 || event === 'resolved' ? news : 0,
    stories,
    unlisted: Math.max(0, down + over + news - lines.length),
    summary: stories.map((line) => oneLine(line, BRIEF_MAX)).join('; '),
  };
}

export function lineOf({ sort, event, code, name, brief, by, text }: BundleLine): typeof LINE {
  return {
    ...{ ...LINE, [sort]: true, code },
    ...{ acknowledged: event === 'acknowledged', flapping: event === 'flapping' },
    ...{ name: oneLine(name, STORY_MAX), brief: oneLine(brief, STORY_MAX) },
    ...{ by: oneLine(by ?? '', STORY_MAX), text: oneLine(text ?? '', STORY_MAX) },
  };
}
