/**
 * checks: and defaults: → Check. A check's keys are the common ones and those of its probe, which
 * is chosen by the key that names what to look at; `tls:` beside `http:` is an option of http.
 */
import type { z } from 'zod';
import type { Check } from './config.ts';
import { elsewhere, MERGE_KEY, read, readMost, unknownKey } from './explain.ts';
import { fatesOfAll } from './fate.ts';
import { paceOf, tooSlow, warnOfTime } from './pace.ts';
import type { Complaints } from './problem.ts';
import { itemsOf, type Item, type Reading, refer } from './reading.ts';
import { checkTokens, heartbeat, heartbeatKeys, readHeartbeat } from './read-heartbeat.ts';
import type { ProbeKind } from './registries.ts';
import { secretsIn } from './schema-walk.ts';
import { checkCron } from './read-cron.ts';
import { checkKeys, defaults } from './schema.ts';
import { nearest } from './suggest.ts';
import { shownOf } from './target.ts';
import { entriesOf, idOf, idsAt, isBlank, pick, plain, valueAt } from './written.ts';

const BUILT_IN = { severity: 'major', page: 'on-call' } as const;
const COMMON_KEYS = new Set(Object.keys(checkKeys.shape));
const PASSIVE_KEYS = new Set(Object.keys(heartbeatKeys.shape));

/** A way to know, and the keys of a check that goes by it. */
interface Way {
  readonly kind: ProbeKind;
  readonly common: ReadonlySet<string>;
  readonly options: ReadonlySet<string>;
}
type Ways = ReadonlyMap<string, Way>;

interface Defaults {
  readonly values: z.output<typeof defaults>;
  /** Keys that could not be read: nothing is concluded from what is in their place. */
  readonly bad: ReadonlySet<string>;
}

export function readChecks(reading: Reading): ReadonlyMap<string, Check> {
  const fallback = readDefaults(reading);
  const checks = new Map<string, Check>();
  const items = itemsOf(reading, 'checks');
  checkTokens(items, reading);
  const ways = waysOf(reading);
  for (const item of items) {
    const check = readCheck(item, ways, fallback, reading);
    if (check !== null) checks.set(item.id, check);
  }
  return checks;
}

function waysOf({ probes }: Reading): Ways {
  const kinds = [...probes.values(), heartbeat];
  const way = (kind: ProbeKind): Way => ({
    kind,
    common: kind === heartbeat ? PASSIVE_KEYS : COMMON_KEYS,
    options: new Set(Object.keys(kind.options.shape)),
  });
  return new Map(kinds.map((kind) => [kind.type, way(kind)]));
}

function readDefaults({ root, complaints, names }: Reading): Defaults {
  const node = root.entries.get('defaults');
  if (node === undefined || isBlank(node.value)) return { values: {}, bad: new Set() };
  const owner = { name: 'defaults', at: node.at };
  if (node.value.kind !== 'mapping') {
    complaints.add(node.value.at, 'defaults: expected keys and values');
    return { values: {}, bad: COMMON_KEYS };
  }
  const { values, bad } = readMost(defaults, node.value, owner, complaints);
  const at = (key: string) => valueAt(node.value, [key])?.at ?? owner.at;
  const { timeout = 0, every = Infinity } = values ?? {};
  const page = idOf(valueAt(node.value, ['page']));
  if (page !== null && page.id !== 'none') {
    refer(page, 'escalation', names.escalations, 'page of defaults', complaints);
  }
  if (timeout > every) complaints.add(at('timeout'), tooSlow('defaults', timeout, every));
  return { values: values ?? {}, bad };
}

function readCheck(item: Item, ways: Ways, fallback: Defaults, reading: Reading): Check | null {
  const { id, node, owner } = item;
  const { complaints, secrets, hash } = reading;
  const way = wayOf(item, ways, complaints);
  const isPassive = way?.kind === heartbeat;
  const commonNode = pick(node, way?.common ?? COMMON_KEYS);
  const { values, bad } = readMost(checkKeys, commonNode, owner, complaints);
  const common = values ?? {};
  const isSure = (...keys: string[]): boolean =>
    keys.every((key) => !bad.has(key) && (node.entries.has(key) || !fallback.bad.has(key)));
  checkReferences(item, reading);
  if (!isPassive && isSure('cron') && common.cron !== undefined)
    checkCron(node, 'cron', owner, complaints);
  if (!isPassive && node.entries.has('cron') && node.entries.has('every')) {
    const at = node.entries.get('every')?.value.at ?? owner.at;
    complaints.add(at, `${owner.name} has "every" and "cron": it can have one of them`);
  }
  const isPaced = !isPassive && isSure('every', 'timeout', 'cron', 'timezone');
  const looked = isPaced ? paceOf(common, fallback.values, item, reading) : null;
  const page = common.page ?? fallback.values.page;
  const escalation = isSure('page') ? escalationOf(page, item, reading) : null;
  if (way === null) return null;
  const { kind } = way;
  complainOfKeys(item, way, reading);
  const optionNode = pick(node, way.options);
  const options = read(kind.options, optionNode, owner, complaints);
  const awaited = isPassive && options !== null ? readHeartbeat(options) : null;
  const pace = awaited?.pace ?? looked;
  if (options === null || pace === null) return null;
  for (const secret of secretsIn(kind.options, plain(optionNode))) secrets.add(secret);
  // Another token is the same job.
  const written = plain(isPassive ? pick(optionNode, new Set([kind.type])) : optionNode);
  if (looked !== null) warnOfTime(options, looked, item, reading);
  const judged = { type: kind.type, ...pace };
  return {
    id,
    name: common.name ?? id,
    says: common.says ?? null,
    ...shownOf(kind, options, optionNode),
    generation: hash(canonical({ ...judged, options: written })),
    ...judged,
    heartbeat: awaited?.expected ?? null,
    severity: common.severity ?? fallback.values.severity ?? BUILT_IN.severity,
    escalation,
    dependsOn: [...new Set(common.depends_on)],
    tags: common.tags ?? {},
    runbook: common.runbook ?? null,
    ...fatesOfAll(kind.reaches?.(options) ?? [], common.fate ?? fallback.values.fate),
  };
}

/** The way of looking, or null where it cannot be told. */
function wayOf({ node, owner }: Item, ways: Ways, complaints: Complaints): Way | null {
  const named = [...node.entries.keys()].flatMap((key) => ways.get(key) ?? []);
  const meant = named.filter(({ kind: { type } }) =>
    named.every(({ kind, options }) => kind.type === type || !options.has(type)),
  );
  const [first, second] = meant;
  if (second !== undefined) {
    const at = node.entries.get(second.kind.type)?.at ?? owner.at;
    const both = meant.map(({ kind: { type } }) => `"${type}"`).join(' and ');
    complaints.add(at, `${owner.name} has ${both}: a check looks in one way`);
    return null;
  }
  if (first === undefined) {
    complainOfNoProbe({ node, owner }, [...ways.values()], complaints);
    return null;
  }
  return first;
}

function complainOfNoProbe(
  { node, owner }: Pick<Item, 'node' | 'owner'>,
  ways: readonly Way[],
  complaints: Complaints,
): void {
  const types = ways.map(({ kind }) => kind.type);
  const options = ways.flatMap((way) => [...way.options]);
  // Types last: of two words that are equally near, a key beside them is more often meant.
  const known = new Set([...COMMON_KEYS, ...options]).difference(new Set(types));
  for (const type of types) known.add(type);
  const unknown = [...node.entries].filter(([key]) => !known.has(key));
  const isSlip = (key: string): boolean =>
    types.includes(nearest(key, known) ?? '') || key === MERGE_KEY;
  for (const [key, { at }] of unknown) {
    complaints.add(at, () => unknownKey(key, known, ` in ${owner.name}`));
  }
  // What was meant, or merged, may have said it.
  if (unknown.some(([key]) => isSlip(key))) return;
  const text = `does not say what to look at: it needs one of ${types.join(', ')}`;
  complaints.add(owner.at, `${owner.name} ${text}`);
}

function complainOfKeys(
  { node, owner }: Item,
  { kind, common, options }: Way,
  { complaints, probes }: Reading,
): void {
  for (const [key, { at }] of node.entries) {
    if (common.has(key) || options.has(key)) continue;
    complaints.add(at, () => {
      const text = unknownKey(key, common.union(options), ` in ${owner.name}`);
      if (text.includes('did you')) return text;
      const others = [...probes.values()].filter(({ options }) =>
        Object.hasOwn(options.shape, key),
      );
      if (others.length === 0) return text + elsewhere(key, kind.options, []);
      const types = others.map(({ type }) => type).join(', ');
      return `${text}: it belongs to checks of type ${types}`;
    });
  }
}

function checkReferences({ node, owner }: Item, { complaints, names }: Reading): void {
  for (const parent of idsAt(node, ['depends_on'])) {
    refer(parent, 'check', names.checks, `depends_on of ${owner.name}`, complaints);
  }
  const labels = new Map<string, string>();
  for (const [tag, { at }] of entriesOf(valueAt(node, ['tags']))) {
    const label = tag.replaceAll('-', '_');
    const twin = labels.get(label);
    if (twin !== undefined) {
      complaints.add(at, `tags of ${owner.name}: "${twin}" and "${tag}" are the same metric label`);
    }
    labels.set(label, tag);
  }
}

function escalationOf(
  page: string | undefined,
  { node, owner }: Item,
  { complaints, names: { escalations } }: Reading,
): string | null {
  if (page === 'none') return null;
  if (page !== undefined) {
    const own = idOf(valueAt(node, ['page']));
    const where = `page of ${owner.name}`;
    if (own !== null) refer(own, 'escalation', escalations, where, complaints);
    return page;
  }
  if (escalations.has(BUILT_IN.page)) return BUILT_IN.page;
  const [only, ...others] = escalations;
  if (only !== undefined && others.length === 0) return only;
  const choice = [...escalations].join(', ');
  complaints.add(
    owner.at,
    `missing key "page" in ${owner.name}: there are the escalations ${choice} and none is called on-call`,
  );
  return null;
}

/** JSON with its keys in order, so that what means the same is written the same. */
function canonical(value: unknown): string {
  return JSON.stringify(ordered(value));
}

function ordered(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(ordered);
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, item]) => [key, ordered(item)]));
}
