/**
 * What two configurations say differently of who is woken, by what and when. It names kinds of
 * addresses and keys of options, never their values: those are phone numbers and secrets. What is
 * looked at is compared elsewhere, with the checks as they run.
 */
import { printDuration } from '../system/values.ts';
import type { Config, DrillPlan, Escalation, MaintenanceWindow, Responder } from './config.ts';
import type { Rotation } from '../calendar/rotation.ts';

export interface Difference {
  readonly kind:
    | 'responder'
    | 'rotation'
    | 'escalation'
    | 'channel'
    | 'hook'
    | 'maintenance'
    | 'drill'
    | 'setting';
  /** An id or a key; of maintenance what it covers, of a drill its escalation. */
  readonly id: string;
  /** `added`, `removed`, or each thing that changed, in words. */
  readonly what: readonly string[];
}

export function differencesOf(before: Config, after: Config): readonly Difference[] {
  return [
    ...ofEach('responder', before.responders, after.responders, ofResponder),
    ...ofEach('rotation', before.rotations, after.rotations, ofRotation),
    ...ofEach('escalation', before.escalations, after.escalations, ofEscalation),
    ...ofEach('channel', before.channels, after.channels, (a, b) => [
      ...(a.type === b.type ? [] : [`type ${a.type} → ${b.type}`]),
      ...keysOf(a.options, b.options),
      ...(same(a.fate, b.fate) ? [] : ['fate']),
    ]),
    ...ofEach('hook', before.hooks, after.hooks, keysOf),
    ...ofList('maintenance', before.maintenance, after.maintenance, coveredBy),
    ...ofList('drill', before.drills, after.drills, ({ escalation }) => escalation),
    ...ofSettings(before, after),
  ];
}

/** What stays as it was until Tocsin is started again: its ports and its directory. */
export function needsRestart(before: Config, after: Config): readonly string[] {
  return [
    ...(same(before.listen.operator, after.listen.operator) ? [] : ['listen.operator']),
    ...(same(before.listen.public, after.listen.public) ? [] : ['listen.public']),
    ...(before.data === after.data ? [] : ['data']),
  ];
}

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/** The keys that are not the same in both. */
function keysOf(before: object, after: object): readonly string[] {
  const [a, b] = [new Map(Object.entries(before)), new Map(Object.entries(after))];
  const keys = new Set([...a.keys(), ...b.keys()]);
  return [...keys].filter((key) => !same(a.get(key), b.get(key)));
}

function ofEach<T>(
  kind: Difference['kind'],
  before: ReadonlyMap<string, T>,
  after: ReadonlyMap<string, T>,
  changes: (before: T, after: T) => readonly string[],
): readonly Difference[] {
  const ids = [...new Set([...before.keys(), ...after.keys()])];
  return ids.flatMap((id) => {
    const [was, is] = [before.get(id), after.get(id)];
    if (was === undefined) return [{ kind, id, what: ['added'] }];
    if (is === undefined) return [{ kind, id, what: ['removed'] }];
    const what = changes(was, is);
    return what.length === 0 ? [] : [{ kind, id, what }];
  });
}

/** A key changes with whatever is written of it: what was changed is one removed and one added. */
function ofList<T extends MaintenanceWindow | DrillPlan>(
  kind: Difference['kind'],
  before: readonly T[],
  after: readonly T[],
  name: (one: T) => string,
): readonly Difference[] {
  const without = (list: readonly T[], others: readonly T[], what: string) =>
    list
      .filter(({ key }) => !others.some((other) => other.key === key))
      .map((one) => ({ kind, id: name(one), what: [what] }));
  return [...without(before, after, 'removed'), ...without(after, before, 'added')];
}

function coveredBy({ covers, why }: MaintenanceWindow): string {
  return `${covers.join(', ')}${why === '' ? '' : ` (${why})`}`;
}

function ofResponder(a: Responder, b: Responder): readonly string[] {
  const kinds = [...new Set([...a.addresses.keys(), ...b.addresses.keys()])];
  const changed = kinds.flatMap((kind) => {
    if (!a.addresses.has(kind)) return [`${kind} added`];
    if (!b.addresses.has(kind)) return [`${kind} removed`];
    return a.addresses.get(kind) === b.addresses.get(kind) ? [] : [`${kind} is another`];
  });
  const order = ({ addresses }: Responder) => [...addresses.keys()];
  const isReordered = changed.length === 0 && !same(order(a), order(b));
  return [
    ...moved('name', a.name, b.name),
    ...changed,
    ...(isReordered ? moved('order', order(a).join(', '), order(b).join(', ')) : []),
    ...moved('timezone', a.timezone ?? 'none', b.timezone ?? 'none'),
  ];
}

function ofRotation(a: Rotation, b: Rotation): readonly string[] {
  const members = ({ layers }: Rotation) => layers.map((one) => one.members.join(', ')).join(' / ');
  const turns = ({ layers }: Rotation) => layers.map(({ members: _, ...rest }) => rest);
  return [
    ...moved('members', members(a), members(b)),
    ...(same(turns(a), turns(b)) ? [] : ['when it is handed over']),
  ];
}

function ofEscalation(a: Escalation, b: Escalation): readonly string[] {
  const steps = Array.from({ length: Math.max(a.steps.length, b.steps.length) }, (_, n) => {
    return moved(`step ${n + 1}`, stepIn(a, n), stepIn(b, n));
  });
  const length = (ms: number | null) => (ms === null ? 'never' : printDuration(ms));
  const repeat = ({ repeat: { everyMs, times } }: Escalation) =>
    `${printDuration(everyMs)}${times === null ? '' : `, ${times} times`}`;
  return [
    ...moved('post', a.post.join(', ') || 'none', b.post.join(', ') || 'none'),
    ...steps.flat(),
    ...moved('repeat', repeat(a), repeat(b)),
    ...moved('failover', length(a.failoverMs), length(b.failoverMs)),
    ...moved('ack_expires', length(a.ackExpiresMs), length(b.ackExpiresMs)),
    ...moved('group', length(a.groupMs), length(b.groupMs)),
    ...moved('reopen', length(a.reopenMs), length(b.reopenMs)),
    ...(same(a.hours, b.hours) ? [] : ['hours']),
    ...moved('wait', a.waits.join(', ') || 'none', b.waits.join(', ') || 'none'),
  ];
}

function stepIn({ steps }: Escalation, n: number): string {
  const step = steps[n];
  if (!step) return 'none';
  const after = step.afterMs === 0 ? '' : `after ${printDuration(step.afterMs)} `;
  return `${after}${step.page.join(', ')} by ${step.by.join(', ')}`;
}

function moved(what: string, before: string, after: string): readonly string[] {
  return before === after ? [] : [`${what} ${before} → ${after}`];
}

function ofSettings(a: Config, b: Config): readonly Difference[] {
  const settings = (config: Config): Readonly<Record<string, unknown>> => ({
    public_url: config.publicUrl,
    location: config.location,
    fate: config.fate,
    heartbeat_to: config.heartbeatTo,
    'api.tokens': config.tokens,
    'listen.hosts': config.listen.hosts,
    'self.witnesses': [...config.self.witnesses.values()],
    self: [...config.self.checks.values()],
  });
  return keysOf(settings(a), settings(b)).map((id) => ({ kind: 'setting', id, what: ['changed'] }));
}
