/**
 * The servers of resolv.conf, asked for a name's addresses by c-ares, one channel a server. c-ares
 * takes a server's word that it failed as the answer, and an answer that comes after it has asked
 * again is lost to it: so the next server is asked beside a slow one and in place of a failing one.
 */
import { Resolver as Channel } from 'node:dns/promises';
import type { Alarm, Clock } from './clock.ts';
import type { Family, HostAddress, NameFailure, NameServer } from './resolver.ts';

export type Answer =
  | { readonly addresses: readonly HostAddress[]; readonly ttlMs: number }
  | { readonly failure: NameFailure };

/** `late` is of the family that had not answered yet. */
export type Found = Answer & { readonly late?: Promise<Answer> };

/** c-ares doubles it with each try, so a silent server is given up after 7 s. */
const QUERY_TIMEOUT_MS = 1_000;
const TRIES = 3;
const NEXT_SERVER_AFTER_MS = 1_000;
/** RFC 8305, 3: how long addresses of one family wait for those of the other. */
const RESOLUTION_DELAY_MS = 50;

const FAILURES: Readonly<Record<string, NameFailure>> = {
  ENOTFOUND: 'nxdomain',
  ENODATA: 'nodata',
  ESERVFAIL: 'servfail',
  EREFUSED: 'refused',
  ENOTIMP: 'notimp',
  EFORMERR: 'formerr',
  EBADRESP: 'malformed',
  EBADNAME: 'badname',
  ETIMEOUT: 'timeout',
  ECONNREFUSED: 'unreachable',
  ECANCELLED: 'closed',
};
/** What another server would say too. */
const FINAL: ReadonlySet<NameFailure> = new Set(['nxdomain', 'nodata', 'badname', 'closed']);

export class NameServers {
  readonly #channels: readonly Channel[];
  readonly #clock: Clock;
  /** Who answered last is asked first. */
  #first = 0;

  constructor(servers: readonly NameServer[], clock: Clock) {
    this.#clock = clock;
    this.#channels = servers.map(({ host, port }) => {
      const channel = new Channel({ timeout: QUERY_TIMEOUT_MS, tries: TRIES });
      channel.setServers([host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`]);
      return channel;
    });
  }

  /**
   * IPv6 and IPv4 at once, unless only one is wanted. A failure is told only when neither has
   * addresses. Never rejects.
   */
  ask(name: string, only?: Family): Promise<Found> {
    if (only !== undefined) return this.#question(name, only);
    return new Promise((resolve) => {
      const six = this.#question(name, 6);
      const four = this.#question(name, 4);
      let delay: Alarm | undefined;
      const early = (answer: Answer, late: Promise<Answer>): void => {
        if ('failure' in answer) return;
        delay ??= this.#clock.alarm(this.#clock.now() + RESOLUTION_DELAY_MS, () => {
          resolve({ ...answer, late });
        });
      };
      void six.then((answer) => {
        early(answer, four);
      });
      void four.then((answer) => {
        early(answer, six);
      });
      void Promise.all([six, four]).then(([v6, v4]) => {
        delay?.cancel();
        resolve(join(v6, v4));
      });
    });
  }

  close(): void {
    for (const channel of this.#channels) channel.cancel();
  }

  #question(name: string, family: Family): Promise<Answer> {
    return new Promise((resolve) => {
      const count = this.#channels.length;
      const first = this.#first;
      let asked = 0;
      const failed: Answer[] = [];
      let pause: Alarm | undefined;
      const askNext = (): void => {
        pause?.cancel();
        const at = (first + asked) % count;
        const channel = this.#channels[at];
        if (asked === count || channel === undefined) return;
        asked += 1;
        void query(channel, name, family).then((answer) => {
          if ('failure' in answer && !FINAL.has(answer.failure)) {
            failed.push(answer);
            // The first to fail said why; of the others some only had no time left.
            if (failed.length === count) resolve(failed[0] ?? answer);
            else askNext();
            return;
          }
          this.#first = at;
          pause?.cancel();
          asked = count;
          resolve(answer);
        });
        if (asked < count) {
          pause = this.#clock.alarm(this.#clock.now() + NEXT_SERVER_AFTER_MS, askNext);
        }
      };
      askNext();
    });
  }
}

async function query(channel: Channel, name: string, family: Family): Promise<Answer> {
  try {
    const records =
      family === 4
        ? await channel.resolve4(name, { ttl: true })
        : await channel.resolve6(name, { ttl: true });
    // An alias that leads to no address.
    if (records.length === 0) return { failure: 'nodata' };
    return {
      addresses: records.map(({ address }) => ({ address, family })),
      ttlMs: 1_000 * Math.min(...records.map(({ ttl }) => ttl)),
    };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    return { failure: FAILURES[code] ?? 'failed' };
  }
}

export function join(one: Answer, other: Answer): Answer {
  if ('failure' in one && 'failure' in other) {
    // The name exists as far as one of them knows: then what went wrong with the other is the news.
    return one.failure === 'nodata' ? other : one;
  }
  if ('failure' in one) return other;
  if ('failure' in other) return one;
  return {
    addresses: [...one.addresses, ...other.addresses],
    ttlMs: Math.min(one.ttlMs, other.ttlMs),
  };
}
