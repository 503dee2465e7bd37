/**
 * What names do not tell: the addresses behind them, whose certificate is shown there, and which of
 * them are this very machine. What does not answer adds nothing; whether it should is asked elsewhere.
 */
import { blockOf, fatesOf, type Fate } from '../config/fate.ts';
import type { Config } from '../config/config.ts';
import type { Registries } from '../config/registries.ts';
import type { Resolver } from '../system/resolver.ts';
import type { Transport } from '../system/transport.ts';
import { several, type Finding } from './finding.ts';
import { deadManOf, placesOf, sharedOf, type Fates, type Stakes } from './stakes.ts';

export interface Outside {
  readonly resolver: Pick<Resolver, 'resolve'>;
  readonly transport: Pick<Transport, 'connect' | 'nameServers'>;
  /** Of this machine, as others call it. */
  readonly ownNames: readonly string[];
  readonly signal: AbortSignal;
}

const AT_ONCE = 16;
/** Of ten thousand checks the first ones: a doctor is waited for. */
const PLACES_MAX = 1_000;
const PATIENCE_MS = 5_000;

/** The same stakes with what is behind the names. */
export async function lookBehind(
  stakes: Stakes,
  config: Config,
  kinds: Registries,
  outside: Outside,
): Promise<Stakes> {
  const { checks, channels, publicUrl } = config;
  const deadMan = deadManOf(config);
  const places = {
    checks: new Map([...checks].map(([id, check]) => [id, placesOf(check, kinds.probes)])),
    channels: new Map([...channels].map(([id, each]) => [id, placesOf(each, kinds.channels)])),
    statusPage: publicUrl === null ? [] : [publicUrl],
    deadMan: deadMan === null ? [] : [deadMan],
  };
  const all = new Set([
    ...[...places.channels.values()].flat(),
    ...places.statusPage,
    ...places.deadMan,
    ...[...places.checks.values()].flat(),
  ]);
  const behind = await ask([...all].slice(0, PLACES_MAX), outside);
  const more = (of: readonly string[] = []): Fates =>
    of.flatMap((place) => behind.get(place) ?? []);
  const each = (known: ReadonlyMap<string, Fates>, of: ReadonlyMap<string, readonly string[]>) =>
    new Map([...known].map(([id, fates]) => [id, [...fates, ...more(of.get(id))]]));
  return {
    ...stakes,
    checks: each(stakes.checks, places.checks),
    channels: each(stakes.channels, places.channels),
    statusPage: [...stakes.statusPage, ...more(places.statusPage)],
    deadMan: [...stakes.deadMan, ...more(places.deadMan)],
    tocsin: [...stakes.tocsin, ...outside.ownNames.flatMap(fatesOf).filter(isHost)],
  };
}

/** Neighbours of this machine are not it, and its domain is that of half the house. */
function isHost(fate: Fate): boolean {
  return fate.startsWith('host:');
}

async function ask(
  places: readonly string[],
  outside: Outside,
): Promise<ReadonlyMap<string, Fates>> {
  const behind = new Map<string, Fates>();
  const left = places[Symbol.iterator]();
  const worker = async (): Promise<void> => {
    for (const place of left) behind.set(place, await askOf(place, outside));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return behind;
}

async function askOf(place: string, outside: Outside): Promise<Fates> {
  const [host] = fatesOf(place);
  if (host?.startsWith('host:') !== true) return [];
  const name = host.slice('host:'.length);
  const [addresses, certificate] = await Promise.all([
    addressesOf(name, outside),
    certificateOf(place, outside),
  ]);
  return [...addresses, ...certificate];
}

async function addressesOf(name: string, { resolver, ownNames, signal }: Outside): Promise<Fates> {
  const patience = AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]);
  const found = await resolver.resolve(name, patience);
  if ('failure' in found) return [];
  return found.addresses.flatMap(({ address }): Fates => {
    const [itself] = fatesOf(address);
    if (itself?.startsWith('machine:') === true) return [itself];
    const isOwn = ownNames.includes(address);
    return [`host:${address}`, ...(isOwn ? [] : ([`block:${blockOf(address)}`] as const))];
  });
}

/** The one that is shown where TLS comes first: when it expires, everything that shows it is lost. */
async function certificateOf(place: string, { transport, signal }: Outside): Promise<Fates> {
  const url = URL.parse(place);
  if (url === null || !/^(?:https|wss):$/.test(url.protocol)) return [];
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const opened = await transport.connect({
    host,
    port: Number(url.port || 443),
    timeoutMs: PATIENCE_MS,
    signal,
    secure: {
      tls: { verify: false, ca: null, serverName: null },
      starttls: null,
      alpn: [],
      withChain: true,
    },
  });
  if ('failure' in opened) return [];
  opened.socket.destroy();
  const [leaf] = opened.tls?.chain ?? [];
  if (!leaf) return [];
  const { subject, issuer, notAfter, names } = leaf;
  return [`certificate:${[subject, issuer, String(notAfter), ...names].join('|')}`];
}

/** Pages find their vendors by these; for a day they go by what was answered last. */
export async function resolvers(
  stakes: Stakes,
  { transport }: Outside,
): Promise<readonly Finding[]> {
  const servers = await transport.nameServers();
  return servers.flatMap(({ host }): Finding[] => {
    const fates = fatesOf(host).filter(isHost);
    const lost = [...stakes.checks].filter(([, of]) => sharedOf(fates, of) !== null);
    if (lost.length === 0) return [];
    const names = several(lost.map(([id]) => id));
    return [
      {
        level: 'risk',
        topic: 'shared fate',
        what: `the name server that Tocsin asks (${host}) is lost with ${names}`,
        at: ['checks', lost[0]?.[0] ?? ''],
        why: 'pages find their vendors by it; without it they go by the answers of the last day',
        remedy: 'give this machine a second name server that is elsewhere',
      },
    ];
  });
}
