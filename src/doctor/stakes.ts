/**
 * What everything that matters to a page stands or falls with, by what is written; whoever has asked
 * names and certificates adds what they said. And how it is told: a host that came from a reference
 * is compared like any other, but not shown.
 */
import { fatesOf, type Fate } from '../config/fate.ts';
import type { Check, ChannelConfig, Config } from '../config/config.ts';
import type { Registries } from '../config/registries.ts';

export type Fates = readonly Fate[];

export interface Stakes {
  readonly checks: ReadonlyMap<string, Fates>;
  readonly channels: ReadonlyMap<string, Fates>;
  /** Of a responder's mailbox. */
  readonly mail: ReadonlyMap<string, Fates>;
  /** Its front: it is Tocsin's own as well. Empty: there is none. */
  readonly statusPage: Fates;
  /** Empty: there is none. */
  readonly deadMan: Fates;
  readonly tocsin: Fates;
}

export function stakesOf(config: Config): Stakes {
  const { checks, channels, responders, publicUrl, listen } = config;
  const deadMan = deadManOf(config);
  const listening = [listen.operator, listen.public].map(({ host }) => host);
  return {
    checks: new Map([...checks].map(([id, { fate = [] }]) => [id, fate])),
    channels: new Map([...channels].map(([id, { fate = [] }]) => [id, fate])),
    mail: new Map([...responders].map(([id, { mailFate = [] }]) => [id, mailFate])),
    statusPage: publicUrl === null ? [] : fatesOf(publicUrl),
    deadMan: deadMan === null ? [] : fatesOf(deadMan),
    tocsin: [...(config.fate ?? []), ...listening.flatMap(fatesOf)],
  };
}

/** Whom Tocsin reports to that it is well. */
export function deadManOf(config: Config): string | null {
  return config.heartbeatTo?.url ?? null;
}

/** Where a check looks, or a channel goes by first: URLs, `host:port`, hosts. */
export function placesOf(
  { type, options }: Check | ChannelConfig,
  kinds: Registries['probes'] | Registries['channels'],
): readonly string[] {
  return kinds.get(type)?.reaches?.(options) ?? [];
}

/** What two have in common, the most telling first; null: nothing. */
export function sharedOf(a: Fates, b: Fates): Fate | null {
  const both = a.filter((fate) => b.includes(fate));
  return both.toSorted((x, y) => rank(x) - rank(y))[0] ?? null;
}

/** The same, for Tocsin: whatever is on this machine is lost with it. */
export function sharedWithTocsin(fates: Fates, { tocsin }: Stakes): Fate | null {
  return sharedOf(fates, tocsin) ?? fates.find((fate) => fate.startsWith('machine:')) ?? null;
}

const RANKS = ['host', 'machine', 'declared', 'certificate', 'domain', 'block'];

function rank(fate: Fate): number {
  return RANKS.indexOf(fate.slice(0, fate.indexOf(':')));
}

/** In words: a name that stands in a secret only is `***`. */
export function createNaming(config: Config, { probes, channels }: Registries) {
  const places = [
    ...[...config.checks.values()].flatMap((check) => placesOf(check, probes)),
    ...[...config.channels.values()].flatMap((channel) => placesOf(channel, channels)),
    ...[...config.responders.values()].flatMap(({ addresses }) => addresses.get('email') ?? []),
  ];
  const secrets = config.secrets.filter((secret) => secret.length >= SECRET_MIN);
  const open = places.filter((place) => !secrets.some((secret) => place.includes(secret)));
  const shown = new Set(open.flatMap((place) => fatesOf(place.split('@').at(-1) ?? place)));
  return (fate: Fate): string => {
    const [kind, name] = [fate.slice(0, fate.indexOf(':')), fate.slice(fate.indexOf(':') + 1)];
    if (kind === 'machine') return 'this machine';
    if (kind === 'certificate') return 'the same certificate';
    if (kind === 'declared') return name;
    if (kind === 'block') return `addresses ${name}`;
    return shown.has(fate) ? name : '***';
  };
}
/** Shorter, and it may stand anywhere by chance. */
const SECRET_MIN = 4;
