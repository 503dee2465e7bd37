/**
 * What templates may speak of: every variable, and what it is in a given message. The names are an
 * interface, listed in docs/messages.md; texts are one line each and bounded, but not escaped.
 */
import type { Templates } from '../config/config.ts';
import type {
  DrillFacts,
  Facts,
  NotificationKind,
  TroubleFacts,
} from '../incident/notification.ts';
import { oneLine } from './one-line.ts';
import { NOT_SEVERAL, several } from './several.ts';
import { render } from './template.ts';
import { span, timeOfDay } from './time.ts';

/** Who reads it, as far as words depend on it. */
export interface Reader {
  /** A responder's name; null: a post. */
  readonly name: string | null;
  /** An IANA zone; null: UTC with a Z. */
  readonly timezone: string | null;
  /** May the message say "Reply 7K"? */
  readonly canAnswer: boolean;
  /** Where one can acknowledge on the web; null where there is none. */
  readonly link: string | null;
  /** The words that it is told in. */
  readonly templates: Templates;
}

/** What is told in the words of templates. */
export type Told = Exclude<Facts, DrillFacts>;

const LIST: readonly string[] = [];

/** Every variable, as it is where the message has nothing of the kind. */
export const NOTHING = {
  // Which sort of message: one of these.
  ...{ words: false, taken: false, incident: false, several: false },
  // What has happened: one of these.
  ...{ opened: false, escalated: false, updated: false, acknowledged: false, resolved: false },
  ...{ reopened: false, flapping: false, still_down: false },
  ...{ answer: false, notice: false, test: false },
  // More to know of it.
  ...{ ask: false, reply: false, closed: false, away: false },
  ...{ code: '', name: '', says: '', severity: '', more: 0, reason: '', brief: '' },
  ...{ since: '', at: '', lasted: '', by: '', step: 0, text: '', link: '', caveat: '' },
  ...{ responder: '', runbook: '', tags: LIST, others: LIST },
  ...NOT_SEVERAL,
};
export type View = typeof NOTHING;

/** What `headline` and `details` come to, for the templates of the media. */
export const STORY = { headline: '', details: '' };
export type Story = View & typeof STORY;

/** What `chat` comes to, for a mail. */
export const LAID_OUT = { title: '', lines: LIST };

export const NAME_MAX = 200;
export const WORDS_MAX = 300;
export const BRIEF_MAX = 60;
export const LINE_MAX = 500;
export const LINES_MAX = 20;
export const TAGS_MAX = 10;

export function viewOf(facts: Told, kind: NotificationKind, reader: Reader): View {
  const responder = oneLine(reader.name ?? '', BRIEF_MAX);
  const asks = { ask: false, reply: false, link: reader.link ?? '', responder };
  if (!('code' in facts)) {
    const text = linesOf(facts.text).join('\n');
    return { ...NOTHING, ...asks, words: true, [facts.event]: true, text };
  }
  const { event, by, text, bundle } = facts;
  const isTaken = event === 'acknowledged';
  const ask = kind === 'page';
  const said = oneLine(text ?? '', WORDS_MAX);
  return {
    ...NOTHING,
    ...asks,
    ...{ ask, reply: ask && reader.canAnswer },
    ...{ taken: isTaken && !bundle, incident: !isTaken && !bundle, several: bundle !== undefined },
    ...(bundle && several(bundle, facts, reader.templates.story)),
    [event]: true,
    closed: event === 'resolved' && (by !== null || said !== ''),
    // What happened while nobody looked is not known.
    away: said.startsWith('Tocsin was away'),
    ...trouble(facts, reader.timezone),
    text: said,
  };
}

function trouble(facts: TroubleFacts, timezone: string | null) {
  const { code, name, says, severity, more, reason, brief, since, at, by, step } = facts;
  const { caveat, runbook, tags, others } = facts;
  return {
    ...{ code, severity, more, step, reason: reason ?? '' },
    name: oneLine(name, NAME_MAX),
    says: oneLine(says ?? '', NAME_MAX),
    brief: oneLine(brief, BRIEF_MAX),
    since: timeOfDay(since, at, timezone),
    at: timeOfDay(at, at, timezone),
    lasted: span(at - since),
    by: oneLine(by ?? '', BRIEF_MAX),
    caveat: oneLine(caveat ?? '', BRIEF_MAX),
    runbook: oneLine(runbook ?? '', LINE_MAX),
    others: (others ?? LIST).map((other) => oneLine(other, NAME_MAX)),
    tags: (tags ?? LIST).slice(0, TAGS_MAX).map((tag) => oneLine(tag, BRIEF_MAX)),
  };
}

/** The words that are the same in every medium. Of the details, the most important comes first. */
export function storyOf(
  view: View,
  { headline, details }: Templates,
): { readonly headline: string; readonly details: readonly string[] } {
  if (view.words) return { headline: '', details: [] };
  return {
    headline: oneLine(render(headline, view), LINE_MAX),
    details: linesOf(render(details, view)),
  };
}

/** The lines of a text that say something. */
export function linesOf(text: string): string[] {
  return text
    .slice(0, LINE_MAX * LINES_MAX)
    .split(/\r?\n/, LINES_MAX)
    .map((line) => oneLine(line, LINE_MAX))
    .filter((line) => line !== '');
}
