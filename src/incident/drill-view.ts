/** Drills, and when everybody was last reached, as the API and the command line tell them. */
import type { Config } from '../config/config.ts';
import type { ReadonlyBoard } from './board.ts';
import { isUnderWay, type Drill, type Drilled, type DrillEnding } from './drill.ts';
import { drillKey } from './drill-report.ts';
import { notificationView, rfc3339, rfc3339OrNull } from './incident-view.ts';
import { reachKey } from './reach.ts';
import type { NotificationView } from './view.ts';

/** The one of this escalation that is under way. */
export function drillUnderWay({ drills }: ReadonlyBoard, escalation: string): Drill | undefined {
  return [...drills.values()].find((drill) => drill.escalation === escalation && isUnderWay(drill));
}

/** Times are RFC 3339 in UTC. */
export interface DrillView {
  readonly id: string;
  readonly code: string;
  readonly state: 'planned' | 'under way' | 'over';
  readonly ending: DrillEnding | null;
  readonly escalation: string;
  /** null: it is planned in checks.yml. */
  readonly by: string | null;
  readonly startsAt: string;
  /** Until when answers count; null: not everybody has been asked. */
  readonly answerBy: string | null;
  readonly endedAt: string | null;
  /** When the team hears how it went; null: it has, or will not. */
  readonly tellAt: string | null;
  readonly people: readonly DrilledView[];
}

export interface DrilledView {
  readonly responder: string;
  readonly name: string;
  /** `spared`: they were being paged for real. */
  readonly state: 'waiting' | 'asked' | 'answered' | 'unanswered' | 'spared';
  readonly askAt: string;
  readonly askedAt: string | null;
  readonly answeredAt: string | null;
  /** A channel's id. */
  readonly answeredBy: string | null;
  readonly notifications: readonly NotificationView[];
}

export interface ReachView {
  readonly responder: string;
  readonly name: string;
  readonly channel: string;
  /** null: not that is known. */
  readonly lastReachedAt: string | null;
  readonly lastAnsweredAt: string | null;
}

export function drillView(board: ReadonlyBoard, drill: Drill, config: Config): DrillView {
  const { id, code, ending, escalation, by, begunAt, people } = drill;
  const over = drill.endedAt === null ? 'under way' : 'over';
  return {
    id,
    code,
    state: begunAt === null && drill.endedAt === null ? 'planned' : over,
    ending,
    escalation,
    by,
    startsAt: rfc3339(drill.startsAt),
    answerBy: rfc3339OrNull(drill.answerBy),
    endedAt: rfc3339OrNull(drill.endedAt),
    tellAt: rfc3339OrNull(drill.tellAt),
    people: people.map((one) => drilledView(board, drill, one, config)),
  };
}

function drilledView(
  board: ReadonlyBoard,
  drill: Drill,
  one: Drilled,
  { responders }: Config,
): DrilledView {
  const { responder, channels, askAt, askedAt, answeredAt, answeredBy } = one;
  return {
    responder,
    name: responders.get(responder)?.name ?? responder,
    state: stateOf(drill, one),
    askAt: rfc3339(askAt),
    askedAt: rfc3339OrNull(askedAt),
    answeredAt: rfc3339OrNull(answeredAt),
    answeredBy,
    notifications: channels.flatMap((channel) => {
      const told = board.notifications.get(drillKey(drill.id, responder, channel));
      return told ? [notificationView(told)] : [];
    }),
  };
}

function stateOf(drill: Drill, { answeredAt, sparedAt, askedAt }: Drilled): DrilledView['state'] {
  if (answeredAt !== null) return 'answered';
  if (sparedAt !== null) return 'spared';
  if (!isUnderWay(drill)) return 'unanswered';
  return askedAt === null ? 'waiting' : 'asked';
}

/** Everybody by everything that reaches them, as it is configured now. */
export function reachViews(
  { reaches }: ReadonlyBoard,
  { responders, channels }: Config,
): readonly ReachView[] {
  return [...responders.values()].flatMap(({ id: responder, name, addresses }) =>
    [...channels.values()].flatMap(({ id: channel, address }) => {
      const known = reaches.get(reachKey({ responder, channel }));
      const isWay = address === null ? known !== undefined : addresses.has(address);
      if (!isWay) return [];
      const lastReachedAt = rfc3339OrNull(known?.reachedAt ?? null);
      const lastAnsweredAt = rfc3339OrNull(known?.answeredAt ?? null);
      return [{ responder, name, channel, lastReachedAt, lastAnsweredAt }];
    }),
  );
}
