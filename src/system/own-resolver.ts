/**
 * The resolver of our own: the hosts file, then the servers of resolv.conf. A server that does not
 * answer costs a look its own time, and nobody a thread. What one would get wrong: a failure is
 * remembered for a moment only, or one bad answer would be counted as often as its check looks.
 */
import { domainToASCII } from 'node:url';
import { inOrder } from './_address-order.ts';
import { writtenAddresses } from './_hosts-file.ts';
import { KeptFile } from './_kept-file.ts';
import { join, NameServers } from './_name-servers.ts';
import type { Answer, Found } from './_name-servers.ts';
import { candidates, NO_RESOLV_CONF, readResolvConf } from './_resolv-conf.ts';
import type { ResolvConf } from './_resolv-conf.ts';
import { literalAddress, unlessAborted } from './_resolving.ts';
import type { Alarm, Clock } from './clock.ts';
import type {
  Family,
  HostAddress,
  NameFailure,
  NameServer,
  Resolved,
  Resolver,
} from './resolver.ts';

export interface ResolverParts {
  readonly clock: Clock;
  /** How long an answer outlives its time while no server has a new one; 0 unless it is said. */
  readonly staleMs?: number;
  readonly files?: { readonly hosts: string; readonly resolvConf: string };
}

const A_DAY_MS = 86_400_000;
const SYSTEM_FILES = { hosts: '/etc/hosts', resolvConf: '/etc/resolv.conf' };
const FILES_EVERY_MS = 5_000;
/** A name that moves is found again in this time, whatever its owner once said. */
const MAX_TTL_MS = 300_000;
/** Shorter than a recheck: each look of a failing check asks anew. */
const FAILURE_TTL_MS = 1_000;
/** RFC 8767, 5: how long to wait for a new answer where an old one will do. */
const STALE_AFTER_MS = 1_800;
/** Redirects may lead to ever new names. */
const MAX_NAMES = 20_000;
const LOOPBACK: readonly HostAddress[] = [
  { address: '::1', family: 6 },
  { address: '127.0.0.1', family: 4 },
];
/** After these the next candidate is asked for; of several the last of this list is told. */
const ON_TO_THE_NEXT: readonly NameFailure[] = ['nxdomain', 'nodata', 'servfail'];
/** The name's own owner says so: an old answer would be a wrong one. */
const OUTDATING: readonly NameFailure[] = ['nxdomain', 'nodata', 'badname'];

interface Entry {
  resolved: Promise<Resolved>;
  isSettled: boolean;
  /** Monotonic ms. */
  validUntil: number;
  good: { readonly resolved: Resolved; readonly until: number } | null;
}

/** For pages: while no server answers they go to where the vendor was, whose certificate says if it still is. */
export function lastingResolver(clock: Clock): OwnResolver {
  return new OwnResolver({ clock, staleMs: A_DAY_MS });
}

export class OwnResolver implements Resolver {
  readonly #clock: Clock;
  readonly #staleMs: number;
  readonly #entries = new Map<string, Entry>();
  readonly #hosts: KeptFile<string>;
  readonly #conf: KeptFile<ResolvConf>;
  #nameServers: NameServers | undefined;
  #reading: Promise<void> = Promise.resolve();
  #isReading = false;
  #hasRead = false;
  #readAt = -Infinity;
  #isClosed = false;
  #pending = 0;

  constructor({ clock, staleMs = 0, files = SYSTEM_FILES }: ResolverParts) {
    this.#clock = clock;
    this.#staleMs = staleMs;
    this.#hosts = new KeptFile(files.hosts, (text) => text.toLowerCase(), '');
    this.#conf = new KeptFile(files.resolvConf, readResolvConf, NO_RESOLV_CONF);
  }

  resolve(host: string, signal: AbortSignal, family?: Family): Promise<Resolved> {
    const now = this.#clock.monotonic();
    // No host has a blank in it.
    const key = family === undefined ? host : `${host} ${family}`;
    const known = this.#entries.get(key);
    if (known !== undefined && now < known.validUntil) {
      if (now - this.#readAt >= FILES_EVERY_MS) void this.#refresh();
      return known.isSettled ? known.resolved : unlessAborted(known.resolved, signal);
    }
    const literal = literalAddress(host);
    if (literal !== null) return Promise.resolve({ addresses: [literal] });
    return unlessAborted(this.#ask(host, family, key, known?.good ?? null).resolved, signal);
  }

  /** Who is asked, the first first; at least one. */
  async servers(): Promise<readonly NameServer[]> {
    await this.#refresh();
    return this.#conf.value.servers;
  }

  /** How many names are being asked for. */
  get pending(): number {
    return this.#pending;
  }

  /** What is being asked ends with a failure. */
  close(): void {
    this.#isClosed = true;
    this.#nameServers?.close();
  }

  #ask(host: string, family: Family | undefined, key: string, good: Entry['good']): Entry {
    this.#pending += 1;
    const finding = this.#find(host, family).finally(() => (this.#pending -= 1));
    const patient = good === null ? finding : this.#impatient(finding);
    const settled = patient.then((found) => this.#take(entry, found));
    const entry: Entry = { resolved: settled, isSettled: false, validUntil: Infinity, good };
    const [oldest] = this.#entries.keys();
    if (this.#entries.size >= MAX_NAMES && oldest !== undefined) this.#entries.delete(oldest);
    this.#entries.set(key, entry);
    return entry;
  }

  /** As soon as an old answer is better than to wait. */
  #impatient(finding: Promise<Found>): Promise<Found> {
    const { promise, resolve } = Promise.withResolvers<Found>();
    const alarm: Alarm = this.#clock.alarm(this.#clock.now() + STALE_AFTER_MS, () => {
      resolve({ failure: 'timeout', late: finding });
    });
    void finding.then((found) => {
      alarm.cancel();
      resolve(found);
    });
    return promise;
  }

  #take(entry: Entry, found: Found): Resolved {
    const now = this.#clock.monotonic();
    const resolved = this.#remember(entry, found, now);
    entry.isSettled = true;
    void found.late?.then((late) => {
      if (!('failure' in late))
        entry.resolved = Promise.resolve(this.#take(entry, join(found, late)));
    });
    return resolved;
  }

  #remember(entry: Entry, found: Answer, now: number): Resolved {
    if ('failure' in found) {
      entry.validUntil = now + FAILURE_TTL_MS;
      const { good } = entry;
      const isOldBetter = good !== null && now < good.until && !OUTDATING.includes(found.failure);
      return isOldBetter ? good.resolved : { failure: found.failure };
    }
    const resolved = { addresses: inOrder(found.addresses) };
    entry.validUntil = now + Math.min(found.ttlMs, MAX_TTL_MS);
    entry.good = this.#staleMs === 0 ? null : { resolved, until: entry.validUntil + this.#staleMs };
    return resolved;
  }

  async #find(host: string, family: Family | undefined): Promise<Found> {
    const refreshed = this.#refresh();
    if (!this.#hasRead) await refreshed;
    const name = asciiOf(host);
    const plain = name.replace(/\.$/, '');
    if (plain === '') return { failure: 'badname' };
    const isWanted = (address: HostAddress): boolean =>
      family === undefined || address.family === family;
    const written = writtenAddresses(this.#hosts.value, plain).filter(isWanted);
    // RFC 6761, 6.3 and 6.4.
    if (isOrIsBelow(plain, 'invalid')) return { failure: 'nxdomain' };
    if (isOrIsBelow(plain, 'localhost')) {
      const own = written.filter(isLoopback);
      return { addresses: own.length > 0 ? own : LOOPBACK.filter(isWanted), ttlMs: MAX_TTL_MS };
    }
    if (written.length > 0) return { addresses: written, ttlMs: MAX_TTL_MS };
    return this.#askServers(candidates(name, this.#conf.value), family);
  }

  async #askServers(names: readonly string[], family: Family | undefined): Promise<Found> {
    let failure: NameFailure = 'badname';
    for (const name of names) {
      if (this.#isClosed) return { failure: 'closed' };
      this.#nameServers ??= new NameServers(this.#conf.value.servers, this.#clock);
      const found = await this.#nameServers.ask(name, family);
      if (!('failure' in found)) return found;
      const rank = ON_TO_THE_NEXT.indexOf(found.failure);
      if (rank === -1) return found;
      if (rank > ON_TO_THE_NEXT.indexOf(failure)) failure = found.failure;
    }
    return { failure };
  }

  /** At most every few seconds, and never twice at a time. */
  #refresh(): Promise<void> {
    const now = this.#clock.monotonic();
    if (!this.#isReading && now - this.#readAt >= FILES_EVERY_MS) {
      this.#isReading = true;
      this.#readAt = now;
      this.#reading = this.#read();
    }
    return this.#reading;
  }

  async #read(): Promise<void> {
    const [hasHosts, hasConf] = await Promise.all([this.#hosts.refresh(), this.#conf.refresh()]);
    const hasChanged = this.#hasRead && (hasHosts || hasConf);
    this.#hasRead = true;
    this.#isReading = false;
    // Who waits for the servers of before is not cut off.
    if (hasConf) this.#nameServers = undefined;
    if (!hasChanged) return;
    for (const entry of this.#entries.values()) entry.validUntil = -Infinity;
  }
}

/** In lower case; empty: no name can be read like that. */
function asciiOf(host: string): string {
  return /^[!-~]*$/.test(host) ? host.toLowerCase() : domainToASCII(host);
}

function isOrIsBelow(name: string, domain: string): boolean {
  return name === domain || name.endsWith(`.${domain}`);
}

function isLoopback({ address }: HostAddress): boolean {
  return address === '::1' || address.startsWith('127.');
}
