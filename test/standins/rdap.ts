/**
 * A strict RDAP registry (RFC 7480, 9082, 9083) and the bootstrap registry that names it (RFC 9224),
 * on one port: `/dns.json`, and `/rdap/domain/NAME`. A top-level domain that has moved is redirected
 * to there from `/moved/`. It refuses whoever does not ask for RDAP.
 */
import { startStandin, type Received, type Reply, type Standin } from './_standin.ts';

export interface RdapStandin extends Standin<string> {
  /** Of the bootstrap registry. */
  readonly bootstrap: string;
  /** What is registered, and until when, RFC 3339; null: the registry does not say. */
  readonly domains: Map<string, string | null>;
  /** The domains that were asked for, in order. */
  asked(): readonly string[];
}

const RDAP = { 'content-type': 'application/rdap+json' };

export async function startRdap(port = 0): Promise<RdapStandin> {
  const domains = new Map<string, string | null>();
  let url = '';
  const standin = await startStandin<string>(port, {
    answer: (received) => answer(received, domains, url),
    tooMany: () => ({ status: 429, body: error(429, 'Too many requests'), headers: RDAP }),
  });
  ({ url } = standin);
  const asked = () =>
    standin.received.map(({ path }) => path).filter((path) => path.startsWith('/rdap/'));
  return {
    ...standin,
    bootstrap: `${url}/dns.json`,
    domains,
    asked: () => asked().map((path) => path.replace('/rdap/domain/', '')),
  };
}

function answer(
  { method, path, headers, body }: Received,
  domains: ReadonlyMap<string, string | null>,
  url: string,
): Reply<string> {
  if (method !== 'GET' || body !== '') return refusal(405, 'Only GET, without a body');
  if (path === '/dns.json') return list(url);
  if (headers.accept !== 'application/rdap+json') return refusal(406, 'Ask for rdap+json');
  const [, where, kind, name = ''] = path.split('/');
  if (where === 'moved') {
    return { status: 302, body: '', headers: { location: `/rdap/${String(kind)}/${name}` } };
  }
  if (where !== 'rdap' || kind !== 'domain' || name !== name.toLowerCase()) {
    return refusal(400, 'Not a query');
  }
  const ends = domains.get(name);
  if (ends === undefined) return refusal(404, 'Not found');
  const expiration = ends === null ? [] : [{ eventAction: 'expiration', eventDate: ends }];
  const found = {
    rdapConformance: ['rdap_level_0'],
    objectClassName: 'domain',
    ldhName: name.toUpperCase(),
    events: [{ eventAction: 'registration', eventDate: '2001-01-05T00:00:00Z' }, ...expiration],
  };
  return { status: 200, body: JSON.stringify(found), headers: RDAP, taken: name };
}

function list(url: string): Reply<string> {
  const services = [
    [
      ['example', 'uk', 'localhost'],
      ['ftp://nowhere.example/', `${url}/rdap/`],
    ],
    [['moved'], [`${url}/moved`]],
  ];
  const file = { version: '1.0', publication: '2026-01-01T00:00:00Z', services };
  const headers = { 'content-type': 'application/json' };
  return { status: 200, body: JSON.stringify(file), headers };
}

function refusal(status: number, title: string): Reply<string> {
  return { status, body: error(status, title), headers: RDAP };
}

function error(errorCode: number, title: string): string {
  return JSON.stringify({ errorCode, title });
}
