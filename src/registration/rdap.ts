/**
 * What RDAP says, read: who answers for a domain (the bootstrap registry, RFC 9224) and until when
 * one is registered (RFC 9083). It comes from strangers: what is not as it should be is no answer,
 * never an exception. What one would get wrong: nobody says which part of a name was registered, so
 * that it is asked for from the shortest on.
 */

/** What is known of the registration that a name stands under. */
export type Registration =
  /** `endsAt`: epoch ms. */
  | { readonly domain: string; readonly endsAt: number }
  /** Why it is not known, in a few words for people. */
  | { readonly unknown: string };

/** RDAP servers by the domain that they answer for, in ASCII, such as `com`. */
export type Services = ReadonlyMap<string, URL>;

/** `shop.example.co.uk` is asked for as `co.uk`, `example.co.uk` and itself, and no further. */
const MAX_CANDIDATES = 3;
const MAX_NAME_LENGTH = 253;

/** The names under which a host may have been registered, in ASCII, the shortest first. */
export function candidates(host: string): readonly string[] {
  const name = URL.parse(`http://${host}/`)?.hostname.replace(/\.$/, '') ?? '';
  const labels = name.length > MAX_NAME_LENGTH ? [] : name.split('.');
  return labels
    .map((_, i) => labels.slice(i).join('.'))
    .reverse()
    .slice(1, 1 + MAX_CANDIDATES);
}

/** null: not the registry's format. Entries that cannot be read are left out. */
export function readServices(text: string): Services | null {
  const services = get(parse(text), 'services');
  if (!Array.isArray(services)) return null;
  const servers = new Map<string, URL>();
  for (const service of services as readonly unknown[]) {
    const [domains, addresses] = Array.isArray(service) ? (service as readonly unknown[]) : [];
    const server = preferred(strings(addresses));
    if (server === null) continue;
    for (const domain of strings(domains)) servers.set(domain.toLowerCase(), server);
  }
  return servers;
}

/** RFC 9224, 4: the longest match, label by label. null: nobody answers for it. */
export function queryFor(domain: string, services: Services): URL | null {
  const labels = domain.split('.');
  for (let i = 0; i < labels.length; i++) {
    const server = services.get(labels.slice(i).join('.'));
    if (server !== undefined) return URL.parse(`domain/${domain}`, server);
  }
  return null;
}

export type Read = { readonly endsAt: number | null } | { readonly unknown: string };

/** `endsAt` is null where the registry does not say. */
export function readDomain(text: string, domain: string): Read {
  const object = parse(text);
  if (get(object, 'objectClassName') !== 'domain') return { unknown: 'the answer is not RDAP' };
  const name = get(object, 'ldhName');
  const isOther = typeof name === 'string' && name.toLowerCase().replace(/\.$/, '') !== domain;
  if (isOther) {
    return { unknown: 'the answer is about another domain' };
  }
  const events = get(object, 'events');
  const ends = (Array.isArray(events) ? (events as readonly unknown[]) : [])
    .filter((event) => get(event, 'eventAction') === 'expiration')
    .map((event) => instantOf(get(event, 'eventDate')))
    .filter((at) => at !== null);
  // Of several it is the one that is still to come: a renewed domain keeps no history here.
  return { endsAt: ends.length === 0 ? null : Math.max(...ends) };
}

/** RFC 3339, epoch ms; from this century, as any registration that somebody still watches. */
function instantOf(date: unknown): number | null {
  if (typeof date !== 'string' || !/^2\d{3}-\d\d-\d\dT[\d:.]{8,20}(Z|[+-]\d\d:\d\d)$/i.test(date)) {
    return null;
  }
  const at = Date.parse(date);
  return Number.isNaN(at) ? null : at;
}

/** https where there is a choice; RFC 9224 has all of them end in a slash, and not all of them do. */
function preferred(addresses: readonly string[]): URL | null {
  const servers = addresses
    .map((address) => URL.parse(address.endsWith('/') ? address : `${address}/`))
    .filter((url) => url !== null);
  const by = (scheme: string) => servers.find(({ protocol }) => protocol === scheme);
  return by('https:') ?? by('http:') ?? null;
}

function strings(list: unknown): readonly string[] {
  if (!Array.isArray(list)) return [];
  return (list as readonly unknown[]).filter((item) => typeof item === 'string');
}

function get(object: unknown, key: string): unknown {
  if (typeof object !== 'object' || object === null || !Object.hasOwn(object, key))
    return undefined;
  return (object as Readonly<Record<string, unknown>>)[key];
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
