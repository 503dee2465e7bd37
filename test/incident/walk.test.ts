/**
 * Whatever happens in whatever order: every input in every state that can be reached in six steps,
 * over a board small enough to see all of it. States that differ only in names, in how often
 * something happened and in what was settled long ago are one.
 */
import { describe, expect, test } from 'vitest';
import type { Config } from '../../src/config/config.ts';
import { apply } from '../../src/incident/apply.ts';
import { emptyBoard, type Board } from '../../src/incident/board.ts';
import { decide, dueBy, nextDueAt } from '../../src/incident/decide.ts';
import type { Incident } from '../../src/incident/incident.ts';
import type { Input } from '../../src/incident/input.ts';
import { silenceDueAt } from '../../src/incident/silencing.ts';
import type { Status } from '../../src/judge/verdict.ts';
import { checkCalled, configOf, escalationCalled, HOUR, MIDNIGHT, MINUTE } from './story.ts';

const CHECKS = [
  checkCalled('edge'),
  checkCalled('shop', { dependsOn: ['edge'], severity: 'critical' }),
  checkCalled('quiet', { escalation: null }),
];
const WINDOW = {
  key: 'w',
  covers: ['shop'],
  below: false,
  when: { from: MIDNIGHT + 10 * MINUTE, to: MIDNIGHT + HOUR },
  why: 'deploy',
};
/** A night is as eventful with one repeat, and comes to an end. */
const escalations = [
  escalationCalled('on-call', { repeat: { everyMs: 30 * MINUTE, times: 1 }, reopenMs: 2 * MINUTE }),
];
const CONFIGS = {
  whole: configOf({ checks: CHECKS, escalations }),
  window: configOf({ checks: CHECKS, escalations, maintenance: [WINDOW] }),
  'without edge': configOf({ checks: CHECKS.slice(1), escalations }),
  'page none': configOf({
    checks: CHECKS.map((check) => ({ ...check, escalation: null })),
    escalations,
  }),
} as const satisfies Record<string, Config>;
type ConfigName = keyof typeof CONFIGS;

interface State {
  readonly board: Board;
  readonly now: number;
  readonly config: ConfigName;
  readonly path: readonly string[];
}

interface Step {
  readonly inputs: readonly Input[];
  readonly now?: number;
  readonly config?: ConfigName;
}

type Move = (state: State) => Step | null;

/** Of several the newest that is not over, else the newest. */
function meant({ board }: State): Incident | undefined {
  const all = [...board.incidents.values()];
  return all.findLast(({ state }) => state !== 'resolved') ?? all.at(-1);
}

const turn =
  (check: string, to: Status): Move =>
  ({ board, now }) => {
    const from = board.checks.get(check)?.status ?? 'unknown';
    if (from === to) return null;
    const [reason, brief] = to === 'down' ? (['status', 'HTTP 503'] as const) : [null, ''];
    const known = { check, generation: 'g1', status: to, since: now, reason, brief };
    const rest = { window: [], successes: 0, firstFailedAt: null, tookMs: 5, lastStatus: to };
    board.checks.set(check, { ...known, ...rest, lookedAt: now });
    return { inputs: [{ type: 'turn', check, from, to, at: now, since: now, reason, brief }] };
  };

const about =
  (input: (incident: string) => Input): Move =>
  (state) => {
    const incident = meant(state);
    return incident ? { inputs: [input(incident.id)] } : null;
  };

const receipts =
  (outcome: 'accepted' | 'refused'): Move =>
  ({ board }) => {
    const what = { accepted: { reference: 'SM1' }, refused: { reason: 'address', detail: '' } };
    const inputs = [...board.notifications.values()]
      .filter(({ dueAt }) => dueAt !== null)
      .map(({ key }) => {
        return { type: 'receipt', key, outcome, retryAt: null, ...what[outcome] } as Input;
      });
    return inputs.length === 0 ? null : { inputs };
  };

const reload =
  (to: ConfigName): Move =>
  ({ config }) =>
    config === to ? null : { inputs: [{ type: 'reloaded' }], config: to };

const MOVES = {
  'edge down': turn('edge', 'down'),
  'edge up': turn('edge', 'up'),
  'shop down': turn('shop', 'down'),
  'shop up': turn('shop', 'up'),
  'shop unknown': turn('shop', 'unknown'),
  'quiet down': turn('quiet', 'down'),
  deadline({ board, now }) {
    const at = nextDueAt(board);
    if (at === null) return null;
    const then = Math.max(at, now);
    return { inputs: dueBy(board, then), now: then };
  },
  accepted: receipts('accepted'),
  refused: receipts('refused'),
  acknowledge: about((incident) => ({ type: 'acknowledge', incident, by: 'ana' })),
  resolve: about((incident) => ({ type: 'resolve', incident, by: 'ana', force: null })),
  force: about((incident) => ({ type: 'resolve', incident, by: 'ana', force: 'known' })),
  note: about((incident) => ({ type: 'note', incident, by: 'ana', text: 'so' })),
  raise: about((incident) => ({ type: 'severity', incident, by: 'ana', severity: 'critical' })),
  lower: about((incident) => ({ type: 'severity', incident, by: 'ana', severity: 'minor' })),
  page: about((incident) => ({ type: 'page', incident, by: 'ana', responder: 'ben' })),
  open: ({ board }) =>
    [...board.incidents.values()].some(({ openedBy }) => openedBy !== null)
      ? null
      : {
          inputs: [
            {
              type: 'open',
              title: 'no payments',
              severity: 'major',
              escalation: 'on-call',
              by: 'ben',
              text: null,
            },
          ],
        },
  'silence edge': silence('edge', HOUR),
  'silence all': silence('*', HOUR),
  'silence shop until it recovers': silence('shop', null),
  unsilence({ board }) {
    const [id] = board.silences.keys();
    return id === undefined ? null : { inputs: [{ type: 'unsilence', silence: id, by: 'ana' }] };
  },
  'reload whole': reload('whole'),
  'reload with a window': reload('window'),
  'reload without edge': reload('without edge'),
  'reload page none': reload('page none'),
  restart: ({ now }) => ({
    inputs: [{ type: 'started', awaySince: now }],
    now: now + HOUR,
  }),
  'look afresh': () => ({ inputs: [{ type: 'fresh', check: 'edge', down: true }] }),
  'heard ESC': (state) => heard(state, `ESC ${meant(state)?.code ?? ''}`),
  'heard RES': (state) => heard(state, `RES ${meant(state)?.code ?? ''}`),
} as const satisfies Record<string, Move>;
type Name = keyof typeof MOVES;

function silence(check: string, forMs: number | null): Move {
  return ({ board }) => {
    if (board.silences.size > 1) return null;
    const wish = { covers: [check], below: false, forMs, by: 'ana', why: 'deploy' };
    return { inputs: [{ type: 'silence', ...wish }] };
  };
}

function heard({ now, path }: State, text: string): Step {
  const from = { channel: 'sms', responder: 'ana', text, sentAt: now + MINUTE };
  return { inputs: [{ type: 'heard', ...from, reference: path.join() }] };
}

/** What the state comes to: no names, no past, times from now on. */
function canonical({ board, now, config }: State): string {
  const later = (at: number | null): number | null => (at === null ? null : at - now);
  const sorted = (rows: readonly unknown[]) => rows.map((row) => JSON.stringify(row)).sort();
  const incidents = [...board.incidents.values()].map((row) => {
    const members = [...(board.members.get(row.id)?.values() ?? [])];
    const sent = [...(board.notificationsOf.get(row.id) ?? [])].map((key) => {
      const { kind, responder, state, dueAt } = board.notifications.get(key)!;
      return `${kind} ${responder ?? ''} ${state} ${String(dueAt !== null)}`;
    });
    return [
      [row.state, row.severity, row.escalation, row.openedBy, row.acknowledgedBy],
      [row.step, Math.min(row.round, 2), row.down, row.joinedSince > 0, row.reopenings],
      [row.stepDueAt, row.ackExpiresAt, row.followUpAt, row.groupEndsAt].map(later),
      [row.steadyAt, row.silencedAt === null ? null : now, row.orphansDueAt].map(later),
      row.state === 'resolved' ? later(row.resolvedAt) : row.awayMs !== null,
      sorted(members.map(({ check, state, below, leftAt }) => [check, state, below, !leftAt])),
      sorted([...new Set(sent)]),
    ];
  });
  const silences = [...board.silences.values()].map((row) => {
    return [row.covers, [row.startsAt, row.endsAt, row.tellAt].map(later), row.begunAt !== null];
  });
  const checks = [...board.checks.values()].map(({ check, status }) => [check, status]);
  return JSON.stringify([config, sorted(incidents), sorted(silences), sorted(checks)]);
}

/** Rows are never changed in place: what holds them is copied, not they. */
function copyOf(board: Board): Board {
  const copied = <T>(held: T): T => {
    if (held instanceof Map)
      return new Map([...held].map(([key, row]: [unknown, unknown]) => [key, copied(row)])) as T;
    if (held instanceof Set) return new Set(held) as T;
    return Array.isArray(held) ? ([...(held as readonly unknown[])] as T) : held;
  };
  const fields = Object.entries(board).map(([name, held]: [string, unknown]) => [
    name,
    copied(held),
  ]);
  return Object.fromEntries(fields) as Board;
}

/** The state after a move; null: it cannot be made there. Whatever must never be is an error. */
function after(state: State, name: Name): State | null {
  const board = copyOf(state.board);
  const path = [...state.path, name];
  const step: Step | null = MOVES[name]({ ...state, board });
  if (!step) return null;
  const { now = state.now, config = state.config, inputs } = step;
  const seed = [path.length, 2, 3, 4] as const;
  const { change, reasonsOf } = decide(board, inputs, CONFIGS[config], now, seed);
  apply(board, change);
  const next = { board, now, config, path };
  const wrong = [
    ...reasonsOf.flatMap((reasons) => (reasons.length === 0 ? ['an input without a reason'] : [])),
    ...complaintsAbout(next),
    ...(name === 'deadline' && (nextDueAt(board) ?? Infinity) <= now ? ['due for ever'] : []),
  ];
  if (wrong.length > 0) throw new Error(`${path.join(', ')}: ${wrong.join('; ')}`);
  return next;
}

function complaintsAbout({ board }: State): readonly string[] {
  return [...board.incidents.values()].flatMap((row) => {
    const members = [...(board.members.get(row.id)?.values() ?? [])];
    const down = members.filter(({ state, leftAt }) => state === 'down' && leftAt === null);
    const isPaging = row.state === 'open' && row.escalation !== null;
    const deadlines = [row.stepDueAt, row.steadyAt].filter((at) => at !== null);
    // A silence ends it, or reminds of itself.
    const silences = [...board.silences.values()].map(silenceDueAt);
    if (row.silencedAt !== null) deadlines.push(...silences.filter((at) => at !== null));
    return [
      ...(isPaging && deadlines.length === 0 ? [`${row.title} is open without a deadline`] : []),
      ...(row.state === 'acknowledged' && row.ackExpiresAt === null ? ['held for ever'] : []),
      ...(row.state === 'resolved' && row.stepDueAt !== null ? ['over, and would page'] : []),
      ...(row.down !== down.length && row.state !== 'resolved' ? ['down is miscounted'] : []),
      ...(row.size !== members.length ? ['size is miscounted'] : []),
    ];
  });
}

/** Every move in every state; the number of states seen. */
function walk(moves: readonly Name[], depth: number): number {
  const first: State = { board: emptyBoard(1), now: MIDNIGHT, config: 'whole', path: [] };
  const seen = new Set([canonical(first)]);
  let level: readonly State[] = [first];
  for (let n = 0; n < depth; n += 1) {
    const next: State[] = [];
    for (const state of level) {
      for (const name of moves) {
        const reached = after(state, name);
        const form = reached && canonical(reached);
        if (!reached || form === null || seen.has(form)) continue;
        seen.add(form);
        next.push(reached);
      }
    }
    level = next;
  }
  return seen.size;
}

const TROUBLE = ['edge down', 'edge up', 'shop down', 'shop up', 'deadline'] as const;

describe('no incident is left without a deadline, no input without a reason, nothing throws', () => {
  test.each<[string, number, readonly Name[]]>([
    ['parents and children', 6, [...TROUBLE, 'accepted', 'acknowledge', 'reload without edge']],
    ['silences', 6, [...TROUBLE, 'silence edge', 'silence all', 'unsilence']],
    ['force', 6, [...TROUBLE, 'force', 'resolve', 'silence shop until it recovers', 'heard RES']],
    [
      'by hand',
      6,
      ['open', 'edge down', 'edge up', 'raise', 'lower', 'page', 'resolve', 'deadline'],
    ],
    ['reloads', 6, [...TROUBLE, 'reload with a window', 'reload whole', 'reload page none']],
    [
      'restarts',
      6,
      ['edge down', 'edge up', 'restart', 'look afresh', 'deadline', 'refused', 'silence edge'],
    ],
    ['everything', 4, Object.keys(MOVES) as Name[]],
  ])('%s, to depth %i', (_, depth, moves) => {
    expect(walk(moves, depth)).toBeGreaterThan(1_000);
  });
});
