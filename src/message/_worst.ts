/**
 * The longest of everything that a message may be about: what checks, people and targets are called
 * is not ours, so that each text is as long as it may be, and of the widest characters.
 */
import type { BundleLine, NotificationKind, TroubleFacts } from '../incident/notification.ts';
import { STORY_MAX } from './several.ts';
import {
  BRIEF_MAX,
  LINE_MAX,
  NAME_MAX,
  type Reader,
  TAGS_MAX,
  type Told,
  WORDS_MAX,
} from './view.ts';

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
  const reader = { name: wide(BRIEF_MAX), timezone: null, canAnswer: true, link: LINK };
  const deaf = { ...reader, canAnswer: false };
  for (const facts of worstFacts()) {
    yield { facts, kind: 'page', reader, isFirst: true };
    yield { facts, kind: 'page', reader: deaf, isFirst: false };
    yield { facts, kind: 'update', reader: deaf, isFirst: false };
  }
}

function* worstFacts(): Generator<Told> {
  for (const event of ['answer', 'notice', 'test'] as const) yield { event, text: wide(WORDS_MAX) };
  const [line] = worstLines();
  const lines = Array.from({ length: STORIES }, () => line);
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

/** One of each sort, with and without what may be missing. */
export function worstLines(): readonly [BundleLine, ...BundleLine[]] {
  const what = { code: 'A2B3C4', name: wide(STORY_MAX) };
  const full = { ...what, brief: wide(BRIEF_MAX), by: wide(BRIEF_MAX), text: wide(WORDS_MAX) };
  const bare = { ...what, brief: '', by: null, text: null };
  return [
    { sort: 'down', event: 'opened', ...full },
    { sort: 'down', event: 'opened', ...bare },
    { sort: 'over', event: 'resolved', ...bare },
    ...(['acknowledged', 'updated', 'flapping'] as const).flatMap((event): BundleLine[] => [
      { sort: 'news', event, ...full },
      { sort: 'news', event, ...bare },
    ]),
  ];
}

function trouble(told: Pick<TroubleFacts, 'event' | 'by' | 'text'>): TroubleFacts {
  return {
    ...{ code: 'A2B3C4', severity: 'critical' },
    ...{ name: wide(NAME_MAX), says: wide(NAME_MAX), brief: wide(BRIEF_MAX) },
    caveat: wide(BRIEF_MAX),
    ...{ runbook: wide(LINE_MAX), tags: Array.from({ length: TAGS_MAX }, () => wide(BRIEF_MAX)) },
    others: Array.from({ length: 5 }, () => wide(NAME_MAX)),
    ...{ reason: 'connect_timeout', more: MANY, step: MANY, at: AT, since: AT - YEAR_MS },
    ...told,
  };
}
