/**
 * The longest of everything that a message may be about: what checks, people and targets are called
 * is not ours, so that each text is as long as it may be, and of the widest characters.
 */
import type { NotificationKind, TroubleFacts } from '../incident/notification.ts';
import { STORY_MAX } from './several.ts';
import { BRIEF_MAX, NAME_MAX, type Reader, type Told, WORDS_MAX } from './view.ts';

export interface Letter {
  readonly facts: Told;
  readonly kind: NotificationKind;
  readonly reader: Omit<Reader, 'templates'>;
}

/** Two septets in an SMS, five characters in HTML. */
const wide = (length: number): string => '[&'.repeat(length / 2);
const MANY = 100_000;
/** As many as a bundle has lines for. */
const STORIES = 10;
const AT = Date.UTC(2026, 10, 23, 4, 12);
const YEAR_MS = 365 * 86_400_000;
const LINK = `https://${'status.'.repeat(10)}example.com/a/${'x'.repeat(26)}`;

const EVENTS: readonly TroubleFacts['event'][] = [
  'opened',
  'escalated',
  'updated',
  'acknowledged',
  'resolved',
  'reopened',
  'flapping',
  'still_down',
];

/** The first of each fact asks for everything: the others differ in what is asked of whom. */
export function* worstLetters(): Generator<Letter & { readonly isFirst: boolean }> {
  const reader = { timezone: null, canAnswer: true, link: LINK };
  const deaf = { ...reader, canAnswer: false };
  for (const facts of worstFacts()) {
    yield { facts, kind: 'page', reader, isFirst: true };
    yield { facts, kind: 'page', reader: deaf, isFirst: false };
    yield { facts, kind: 'update', reader: deaf, isFirst: false };
  }
}

function* worstFacts(): Generator<Told> {
  for (const event of ['answer', 'notice', 'test'] as const) yield { event, text: wide(WORDS_MAX) };
  const lines = Array.from({ length: STORIES }, () => wide(STORY_MAX));
  const bundle = { checks: MANY, shared: wide(BRIEF_MAX), lines, down: 0, over: 0, news: MANY };
  const about = [
    { events: ['opened', 'escalated', 'reopened', 'still_down'], down: MANY, over: MANY },
    { events: ['resolved'], down: 0, over: MANY },
    { events: ['acknowledged', 'updated', 'flapping'], down: 0, over: 0 },
  ] as const;
  for (const { events, ...counts } of about) {
    for (const event of events) {
      for (const by of [wide(BRIEF_MAX), null])
        yield { ...trouble({ event, by, text: null }), bundle: { ...bundle, ...counts } };
    }
  }
  for (const event of EVENTS) {
    for (const by of [wide(BRIEF_MAX), null]) {
      for (const text of [wide(WORDS_MAX), null]) yield trouble({ event, by, text });
    }
  }
}

function trouble(told: Pick<TroubleFacts, 'event' | 'by' | 'text'>): TroubleFacts {
  return {
    ...{ code: 'A2B3C4', severity: 'critical' },
    ...{ name: wide(NAME_MAX), says: wide(NAME_MAX), brief: wide(BRIEF_MAX) },
    caveat: wide(BRIEF_MAX),
    ...{ reason: 'connect_timeout', more: MANY, step: MANY, at: AT, since: AT - YEAR_MS },
    ...told,
  };
}
