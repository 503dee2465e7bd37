/**
 * Asks, over our transport, until when a name is registered: the bootstrap registry once a day, then
 * the servers that it names. An answer is kept by the domain that was asked for, so that ten shops
 * of one domain are one question. Nothing is asked twice at a time: whoever calls takes turns.
 */
import type { Clock } from '../system/clock.ts';
import type { Transport } from '../system/transport.ts';
import { candidates, queryFor, readDomain, readServices } from './rdap.ts';
import type { Registration, Services } from './rdap.ts';

/** Where IANA says which RDAP server answers for which domain. */
const IANA_RDAP = 'https://data.iana.org/rdap/dns.json';

/** What was found, and whether asking again today would be of use. */
export interface Found {
  readonly registration: Registration;
  /** The registry has answered, or there is none. */
  readonly isSettled: boolean;
}

export interface LookupParts {
  readonly clock: Clock;
  readonly transport: Pick<Transport, 'exchange'>;
  /** The URL of the bootstrap registry; null: IANA's. */
  readonly bootstrap: () => string | null;
}

export interface Lookup {
  /** Never rejects. Ends at once when the signal says stop. */
  find(host: string, signal: AbortSignal): Promise<Found>;
}

/** Shorter than a day, so that a daily question is one, and not the answer of yesterday. */
const KEPT_MS = 12 * 60 * 60 * 1_000;
/** After a failure: what is common to many names is not asked for once a name. */
const FAILURE_KEPT_MS = 10 * 60 * 1_000;
const TIMEOUT_MS = 10_000;
const MAX_REDIRECTS = 3;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);
const MAX_BOOTSTRAP_BYTES = 1024 * 1024;
const MAX_DOMAIN_BYTES = 256 * 1024;
const MAX_KEPT = 20_000;

/** `nothing`: the registry has no such domain, or says no end of it. */
type Asked =
  | { readonly endsAt: number }
  | { readonly nothing: 'not registered' | 'its registry does not say when it ends' }
  | { readonly unknown: string; readonly isSettled: boolean };
type Fetched = { readonly status: number; readonly body: string } | { readonly unknown: string };

interface Known {
  readonly url: string;
  readonly services: Services;
  /** Monotonic ms. */
  readonly until: number;
}

export function createLookup({ clock, transport, bootstrap }: LookupParts): Lookup {
  const kept = new Map<string, { readonly asked: Asked; readonly until: number }>();
  let known: Known | null = null;

  async function servicesNow(
    signal: AbortSignal,
  ): Promise<Services | { readonly unknown: string }> {
    const url = bootstrap() ?? IANA_RDAP;
    const old = known?.url === url ? known : null;
    if (old !== null && clock.monotonic() < old.until) return old.services;
    const got = await fetched(new URL(url), 'application/json', MAX_BOOTSTRAP_BYTES, signal);
    const isThere = 'body' in got && got.status === 200;
    const services = isThere ? readServices(got.body) : null;
    const keep = (of: Services, ms: number): Services => {
      known = { url, services: of, until: clock.monotonic() + ms };
      return of;
    };
    if (services !== null) return keep(services, KEPT_MS);
    // Servers hardly ever move: an old list is better than none.
    if (old !== null) return keep(old.services, FAILURE_KEPT_MS);
    const why = 'unknown' in got ? got.unknown : isThere ? 'not its format' : `HTTP ${got.status}`;
    return { unknown: `no list of RDAP servers: ${why}` };
  }

  async function ask(domain: string, signal: AbortSignal): Promise<Asked> {
    const before = kept.get(domain);
    if (before !== undefined && clock.monotonic() < before.until) return before.asked;
    const asked = await askAnew(domain, signal);
    const ms = 'unknown' in asked && !asked.isSettled ? FAILURE_KEPT_MS : KEPT_MS;
    const [oldest] = kept.keys();
    if (kept.size >= MAX_KEPT && oldest !== undefined) kept.delete(oldest);
    kept.delete(domain);
    kept.set(domain, { asked, until: clock.monotonic() + ms });
    return asked;
  }

  async function askAnew(domain: string, signal: AbortSignal): Promise<Asked> {
    const services = await servicesNow(signal);
    if ('unknown' in services) return { ...services, isSettled: false };
    const url = queryFor(domain, services);
    if (url === null) {
      return { unknown: `no RDAP server for .${domain.split('.').at(-1) ?? ''}`, isSettled: true };
    }
    const got = await fetched(url, 'application/rdap+json', MAX_DOMAIN_BYTES, signal);
    if ('unknown' in got) return { ...got, isSettled: false };
    if (got.status === 404) return { nothing: 'not registered' };
    if (got.status !== 200) return { unknown: `RDAP answers HTTP ${got.status}`, isSettled: false };
    const read = readDomain(got.body, domain);
    if ('unknown' in read) return { ...read, isSettled: false };
    const { endsAt } = read;
    return endsAt === null ? { nothing: 'its registry does not say when it ends' } : { endsAt };
  }

  async function fetched(
    from: URL,
    accept: string,
    maxBodyBytes: number,
    signal: AbortSignal,
  ): Promise<Fetched> {
    const startedAt = clock.monotonic();
    let url = from;
    for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
      const answered = await transport.exchange({
        url,
        method: 'GET',
        headers: { accept },
        body: null,
        maxBodyBytes,
        timeoutMs: Math.max(0, TIMEOUT_MS - (clock.monotonic() - startedAt)),
        signal,
        tls: { verify: true, ca: null, serverName: null },
      });
      if ('failure' in answered) return { unknown: `RDAP: ${answered.detail}` };
      const { status, body, truncated, headers } = answered;
      if (truncated) return { unknown: 'the answer is too large' };
      if (!REDIRECTS.has(status)) return { status, body };
      const onward = permitted(headers['location'], url);
      if (onward === null) return { unknown: 'a redirect that is not followed' };
      url = onward;
    }
    return { unknown: `more than ${MAX_REDIRECTS} redirects` };
  }

  return {
    async find(host, signal) {
      let why = 'not registered';
      for (const domain of candidates(host)) {
        const asked = await ask(domain, signal);
        if ('endsAt' in asked) return { registration: { domain, ...asked }, isSettled: true };
        if ('unknown' in asked) {
          return { registration: { unknown: asked.unknown }, isSettled: asked.isSettled };
        }
        // Of a name below, which is asked for next, nothing can be registered once this is.
        if (asked.nothing !== 'not registered') why = asked.nothing;
      }
      return { registration: { unknown: why }, isSettled: true };
    },
  };
}

/** From name to name, and never to plain http: whoever answers may not send us round the house. */
function permitted(location: string | undefined, from: URL): URL | null {
  const to = location === undefined ? null : URL.parse(location, from);
  if (to === null || (to.protocol !== 'https:' && to.protocol !== from.protocol)) return null;
  return isAddress(to.hostname) && !isAddress(from.hostname) ? null : to;
}

/** As a URL's host is spelt once it is parsed. */
function isAddress(host: string): boolean {
  return host.startsWith('[') || /^[\d.]+$/.test(host);
}
