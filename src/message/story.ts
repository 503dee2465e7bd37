/**
 * What a message about an incident says, before any medium has its way with it: every medium tells
 * the same story, and only lays it out differently. Texts are already one line each and bounded,
 * but not escaped.
 */
import type {
  DrillFacts,
  Facts,
  NotificationKind,
  TroubleFacts,
} from '../incident/notification.ts';
import { oneLine } from './one-line.ts';
import { span, timeOfDay } from './time.ts';

/** Who reads it, as far as words depend on it. */
export interface Reader {
  /** An IANA zone; null: UTC with a Z. */
  readonly timezone: string | null;
  /** May the message say "Reply 7K"? */
  readonly canAnswer: boolean;
  /** Where one can acknowledge on the web; null where there is none. */
  readonly link: string | null;
}

export interface Story {
  readonly code: string;
  /** `DOWN`, `STILL DOWN 2h, was acked by Ana:`, `OK`. */
  readonly headline: string;
  readonly name: string;
  /** `+1 more`, or empty. */
  readonly more: string;
  /** The most important first: `HTTP 503`, `since 04:12`. */
  readonly details: readonly string[];
}

const NAME_MAX = 200;
const WORDS_MAX = 300;
const BRIEF_MAX = 60;

export function storyOf(facts: TroubleFacts, reader: Reader): Story {
  const { headline, details } = tell(facts, reader);
  return {
    code: facts.code,
    headline,
    name: oneLine(facts.name, NAME_MAX),
    more: facts.more > 0 ? `+${String(facts.more)} more` : '',
    details: details.filter((detail) => detail !== ''),
  };
}

/** `Ana has it`. */
export function takenBy(facts: TroubleFacts): string {
  return facts.by === null ? 'acknowledged' : `${oneLine(facts.by, BRIEF_MAX)} has it`;
}

/** Is somebody to take it? */
export function asksForAck(kind: NotificationKind): boolean {
  return kind === 'page';
}

/** What the link of a message is called. */
export function linkTitle({ event }: Facts): string {
  return event === 'drill' ? 'I got it' : 'Open the incident';
}

export function isDrill(facts: Facts): facts is DrillFacts {
  return facts.event === 'drill' || facts.event === 'drill_begun' || facts.event === 'drill_over';
}

function tell(facts: TroubleFacts, { timezone }: Reader): Pick<Story, 'headline' | 'details'> {
  const brief = oneLine(facts.brief, BRIEF_MAX);
  const since = `since ${timeOfDay(facts.since, facts.at, timezone)}`;
  const text = oneLine(facts.text ?? '', WORDS_MAX);
  const by = facts.by === null ? '' : oneLine(facts.by, BRIEF_MAX);
  switch (facts.event) {
    case 'opened':
      return { headline: 'DOWN', details: [brief, since, text] };
    case 'escalated': {
      const step = by === '' ? text || `no ack, step ${String(facts.step)}` : `escalated by ${by}`;
      return { headline: 'DOWN', details: [brief, since, step] };
    }
    case 'updated':
      if (by !== '') return { headline: 'NOTE', details: [`${by}: ${text}`, brief, since] };
      return { headline: 'DOWN', details: [text, brief, since] };
    case 'acknowledged':
      return { headline: 'ACKNOWLEDGED', details: [takenBy(facts), brief, since] };
    case 'resolved':
      return resolved(facts, by, text, timezone);
    case 'reopened':
      return { headline: 'DOWN AGAIN', details: [brief, since, by && `${by} has it`, text] };
    case 'flapping':
      return { headline: 'FLAPPING', details: [text || 'held open until steady', brief, since] };
    case 'still_down':
      return { headline: stillDown(facts), details: [brief, since] };
  }
}

/** An end that no recovery made must not read as one. */
function resolved(facts: TroubleFacts, by: string, text: string, timezone: string | null) {
  const after = `after ${span(facts.at - facts.since)}`;
  if (by !== '') return { headline: 'CLOSED', details: [`by ${by} ${after}`, text] };
  if (text !== '') return { headline: 'CLOSED', details: [text, after] };
  const at = timeOfDay(facts.at, facts.at, timezone);
  return { headline: 'OK', details: [`up ${after}`, `since ${at}`] };
}

/**
 * `STILL DOWN 2h, was acked by Ana:`; `STILL DOWN, Tocsin was away 6h:`, for what happened while
 * nobody looked is not known.
 */
function stillDown({ at, since, text }: TroubleFacts): string {
  const why = oneLine(text ?? '', BRIEF_MAX);
  const forHow = why.startsWith('Tocsin was away') ? '' : ` ${span(at - since)}`;
  return `STILL DOWN${forHow}${why === '' ? '' : `, ${why}:`}`;
}
