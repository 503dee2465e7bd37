/**
 * self: → what Tocsin watches about itself. There is always a `self`: only its witnesses have to be
 * named, because what is up unless we are cut off, nobody but the operator can know.
 */
import {
  BLIND,
  BROKEN,
  MEMORY,
  OUTDATED,
  PULSE,
  STALE,
  type ChannelConfig,
  type Check,
  type Self,
  type Severity,
} from './config.ts';
import { read, readMost, unknownKey } from './explain.ts';
import { refer, type Reading } from './reading.ts';
import { self } from './schema.ts';
import { HIDDEN } from './secrets.ts';
import { shownOf } from './target.ts';
import { idOf, isBlank, type Mapping, plain, valueAt, type Written } from './written.ts';

const EVERY_MS = 30_000;
const TIMEOUT_MS = 5_000;
const RECHECK_MS = 10_000;
const ON_CALL = 'on-call';

const ABOUT_SELF = [
  [BLIND, 'Tocsin is blind'],
  [MEMORY, 'Tocsin runs without memory'],
  [STALE, 'Tocsin misses looks'],
  [OUTDATED, 'Tocsin runs an old configuration'],
] as const;

export function readSelf(reading: Reading, channels: ReadonlyMap<string, ChannelConfig>): Self {
  const { root, complaints, names } = reading;
  const entry = root.entries.get('self');
  const node = entry === undefined || isBlank(entry.value) ? undefined : entry.value;
  const owner = { name: 'self', at: entry?.at ?? root.at };
  if (node !== undefined && node.kind !== 'mapping') {
    complaints.add(node.at, 'self: expected keys and values');
  }
  const values =
    node?.kind === 'mapping' ? (readMost(self, node, owner, complaints).values ?? {}) : {};
  const { page, severity = 'critical', rdap = null } = values;
  const named = node === undefined ? null : idOf(valueAt(node, ['page']));
  if (named !== null && named.id !== 'none') {
    refer(named, 'escalation', names.escalations, 'page of self', complaints);
  }
  const written = node === undefined ? undefined : valueAt(node, ['witnesses']);
  const items = written?.kind === 'list' ? written.items : [];
  const witnesses = items.flatMap((item, i) => readWitness(item, i, reading) ?? []);
  if (page === undefined && usualEscalation(names.escalations) === null) {
    reading.warnings.push('nobody is told when Tocsin itself is in trouble: self: { page: … }');
  }
  const escalation = page === 'none' ? null : (page ?? usualEscalation(names.escalations));
  return {
    witnesses: new Map(witnesses.map((check) => [check.id, check])),
    checks: new Map([
      ...ABOUT_SELF.map(([id, name]) => [id, aboutSelf(id, name, escalation, severity)] as const),
      // Nothing is lost yet: only nobody would notice if it were.
      [PULSE, aboutSelf(PULSE, 'Tocsin cannot report that it is well', escalation, 'minor')],
      ...[...channels.values()]
        .filter(({ type }) => type !== 'console')
        .map(({ id: channel, fate }): [string, Check] => {
          const id = `${BROKEN}${channel}`;
          const check = aboutSelf(id, `Tocsin cannot tell by ${channel}`, escalation, severity);
          // Posted where it does not take the word of it along.
          return [id, fate ? { ...check, fate } : check];
        }),
    ]),
    rdap,
  };
}

function readWitness(node: Written, i: number, reading: Reading): Check | null {
  const { complaints, probes, hash } = reading;
  const owner = { name: `witnesses[${String(i)}] of self`, at: node.at };
  const [key, ...more] = node.kind === 'mapping' ? node.entries.keys() : [];
  const kind = probes.get(key ?? '');
  if (node.kind !== 'mapping' || key === undefined || more.length > 0) {
    complaints.add(node.at, `${owner.name}: expected one way to look, such as tcp: 1.1.1.1:443`);
    return null;
  }
  if (kind === undefined) {
    const at = node.entries.get(key)?.at ?? node.at;
    complaints.add(at, unknownKey(key, new Set(probes.keys()), ` in ${owner.name}`));
    return null;
  }
  const parsed = read(kind.options, node satisfies Mapping, owner, complaints);
  if (parsed === null) return null;
  const { target, options } = shownOf(kind, parsed, node);
  // Two that are both hidden are still two.
  const which = target.includes(HIDDEN) ? `${target}#${String(i)}` : target;
  const given = { id: `witness:${key}:${which}`, name: target, type: key, target, options };
  return { ...bare, ...given, generation: hash(JSON.stringify(plain(node))) };
}

function aboutSelf(id: string, name: string, escalation: string | null, severity: Severity): Check {
  return { ...bare, id, name, type: 'self', target: 'tocsin', escalation, severity };
}

/** As with checks: `on-call` if there is one, else the only one. */
function usualEscalation(names: ReadonlySet<string>): string | null {
  const [only, ...others] = names;
  if (names.has(ON_CALL)) return ON_CALL;
  return others.length === 0 ? (only ?? null) : null;
}

const bare = {
  says: null,
  options: {},
  generation: 'self',
  rhythm: { everyMs: EVERY_MS },
  timeoutMs: TIMEOUT_MS,
  confirm: { fail: 1, of: 1, recheckMs: RECHECK_MS, recover: 1 },
  heartbeat: null,
  severity: 'critical',
  escalation: null,
  dependsOn: [],
  tags: {},
  runbook: null,
} as const;
