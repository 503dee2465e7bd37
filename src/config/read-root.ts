/** The values of the file itself: listeners, tokens, paths. */
import type { z } from 'zod';
import type { Address, Config, HeartbeatTo } from './config.ts';
import { read, unknownKey } from './explain.ts';
import { fatesOfAll } from './fate.ts';
import type { Complaints } from './problem.ts';
import { type Reading, SECTION_KEYS } from './reading.ts';
import { rootKeys } from './schema.ts';
import { secretsIn } from './schema-walk.ts';
import { filled, type Mapping, pick, plain, valueAt } from './written.ts';

const KEYS = new Set(Object.keys(rootKeys.shape));
const LISTENERS = new Set(['listen', 'api']);
const ALL_KEYS = [
  'version',
  'include',
  'defaults',
  'self',
  ...KEYS,
  ...SECTION_KEYS,
  'maintenance',
  'drills',
];
const OPERATOR: Address = { host: '127.0.0.1', port: 9110 };
const PULSE_EVERY_MS = 60_000;
const PUBLIC: Address = { host: '127.0.0.1', port: 9111 };

type RootValues = Pick<
  Config,
  'listen' | 'tokens' | 'data' | 'publicUrl' | 'location' | 'heartbeatTo' | 'fate'
>;

export function readRoot(reading: Reading): RootValues | null {
  const { root, complaints, secrets, resolvePath } = reading;
  for (const [key, { at }] of root.entries) {
    if (!ALL_KEYS.includes(key)) complaints.add(at, () => unknownKey(key, ALL_KEYS, ''));
  }
  const node = filled(pick(root, KEYS));
  const values = read(rootKeys, node, { name: '', at: root.at }, complaints);
  if (values === null) return null;
  for (const secret of secretsIn(rootKeys, plain(node))) secrets.add(secret);
  return {
    ...listenersOf(values),
    data: resolvePath(values.data ?? './data', valueAt(node, ['data'])?.at ?? root.at),
    publicUrl: values.public_url?.replace(/\/+$/, '') ?? null,
    location: values.location ?? null,
    heartbeatTo: heartbeatToOf(values.heartbeat_to),
    ...fatesOfAll(values.listen?.hosts ?? [], values.fate),
  };
}

function heartbeatToOf(written: z.infer<typeof rootKeys>['heartbeat_to']): HeartbeatTo | null {
  if (written === undefined) return null;
  return { url: written.url, everyMs: ('every' in written && written.every) || PULSE_EVERY_MS };
}

/** The listeners alone, whatever is wrong with the rest of the file; null: not even they can be read. */
export function readListeners(
  root: Mapping,
  complaints: Complaints,
): Pick<Config, 'listen' | 'tokens'> | null {
  const node = pick(root, LISTENERS);
  const values = read(rootKeys, node, { name: '', at: root.at }, complaints);
  return values === null ? null : listenersOf(values);
}

function listenersOf({ listen, api }: z.infer<typeof rootKeys>): Pick<Config, 'listen' | 'tokens'> {
  return {
    listen: {
      operator: listen?.operator ?? OPERATOR,
      public: listen?.public ?? PUBLIC,
      hosts: listen?.hosts ?? [],
    },
    tokens: api?.tokens ?? [],
  };
}

export function checkListeners(
  { listen, tokens }: RootValues,
  { root, complaints }: Reading,
): void {
  const at = valueAt(root, ['listen', 'operator'])?.at ?? root.at;
  if (!isLoopback(listen.operator.host) && tokens.length === 0) {
    const text = 'is not on loopback: that needs api: { tokens: [...] }';
    complaints.add(at, `listen.operator: ${text}`);
  }
  const [a, b] = [listen.operator, listen.public];
  if (a.host === b.host && a.port === b.port && a.port !== 0) {
    const second = valueAt(root, ['listen', 'public'])?.at ?? at;
    complaints.add(second, 'listen.public: is the same address as listen.operator');
  }
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}
