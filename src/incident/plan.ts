/**
 * What another configuration would do if it were put in force now: decided as a reload is, and not
 * applied. What one would get wrong: nothing here is a guess about later; who is told of what breaks
 * next is another question.
 */
import type { Check, Config } from '../config/config.ts';
import type { Board } from './board.ts';
import { decide } from './decide.ts';
import type { Change } from './change.ts';
import type { Incident } from './incident.ts';
import type { Notification } from './notification.ts';

/** What a plan compares of a check: as it runs, and as it would. */
export type Comparable = Pick<
  Check,
  | 'id'
  | 'name'
  | 'type'
  | 'target'
  | 'generation'
  | 'severity'
  | 'escalation'
  | 'dependsOn'
  | 'tags'
>;

export interface Plan {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly changed: readonly { readonly id: string; readonly what: readonly string[] }[];
  readonly incidents: readonly PlannedIncident[];
  readonly told: readonly Told[];
}

type Becomes =
  | 'ended'
  | 'opened'
  | 'goes on'
  | 'goes on by another escalation'
  | 'pages nobody'
  | 'silenced'
  | 'pages again';

export interface PlannedIncident {
  /** null: it would be opened. */
  readonly code: string | null;
  readonly title: string;
  readonly becomes: Becomes;
  /** Checks that would leave it. */
  readonly left: readonly string[];
}

export interface Told {
  readonly kind: Notification['kind'];
  /** null: a post. */
  readonly responder: string | null;
  readonly channel: string;
}

/** Any will do: the names that are drawn by it are not shown. */
const SEED = [1, 2, 3, 4] as const;

export function planOf(
  running: readonly Comparable[],
  board: Board,
  next: Config,
  now: number,
): Plan {
  const { change } = decide(board, [{ type: 'reloaded' }], next, now, SEED);
  return {
    ...differences(running, next),
    incidents: incidentsOf(board, change),
    told: toldBy(change),
  };
}

function differences(
  running: readonly Comparable[],
  { checks }: Config,
): Pick<Plan, 'added' | 'removed' | 'changed'> {
  const known = new Map(running.map((check) => [check.id, check]));
  return {
    added: [...checks.keys()].filter((id) => !known.has(id)),
    removed: [...known.keys()].filter((id) => !checks.has(id)),
    changed: [...checks.values()].flatMap((check) => {
      const before = known.get(check.id);
      const what = before ? changesOf(before, check) : [];
      return what.length === 0 ? [] : [{ id: check.id, what }];
    }),
  };
}

function changesOf(before: Comparable, after: Comparable): readonly string[] {
  const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);
  const sorted = (tags: Comparable['tags']) => Object.entries(tags).sort();
  const isSameLook = before.generation === after.generation;
  return [
    ...(before.name === after.name ? [] : ['name']),
    ...(isSameLook ? [] : ['how it is looked at: it is looked at anew']),
    ...(before.severity === after.severity
      ? []
      : [`severity ${before.severity} → ${after.severity}`]),
    ...(before.escalation === after.escalation
      ? []
      : [`page ${before.escalation ?? 'none'} → ${after.escalation ?? 'none'}`]),
    ...(same(before.dependsOn, after.dependsOn) ? [] : ['depends_on']),
    ...(same(sorted(before.tags), sorted(after.tags)) ? [] : ['tags']),
  ];
}

function incidentsOf(board: Board, change: Change): readonly PlannedIncident[] {
  return change.incidents.flatMap((after): readonly PlannedIncident[] => {
    const before = board.incidents.get(after.id);
    const { code, title } = after;
    if (!before) return [{ code: null, title, becomes: 'opened', left: [] }];
    const left = change.members
      .filter(({ incident, leftAt }) => incident === after.id && leftAt !== null)
      .map(({ check }) => check);
    const becomes = whatBecomesOf(before, after);
    return becomes === 'goes on' && left.length === 0 ? [] : [{ code, title, becomes, left }];
  });
}

function whatBecomesOf(before: Incident, after: Incident): PlannedIncident['becomes'] {
  if (after.state === 'resolved') return 'ended';
  if (after.escalation !== before.escalation) {
    return after.escalation === null ? 'pages nobody' : 'goes on by another escalation';
  }
  if ((after.silencedAt === null) === (before.silencedAt === null)) return 'goes on';
  return after.silencedAt === null ? 'pages again' : 'silenced';
}

function toldBy({ notifications }: Change): readonly Told[] {
  return notifications
    .filter(({ state }) => state === 'queued')
    .map(({ kind, responder, channel }) => ({ kind, responder, channel }));
}
