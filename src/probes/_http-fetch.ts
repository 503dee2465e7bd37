/**
 * From a request to its final answer: redirects are followed here, one exchange each over a fresh
 * connection, within what is left of the look. A refused redirect is a failure that has an answer.
 */
import type { Exchanged, NetworkFailure, Phases, TlsFacts } from '../system/transport.ts';
import type { CookieJar } from './_cookie-jar.ts';
import type { HttpRequest } from './_http-options.ts';
import { failureOf } from './_look.ts';
import type { LookFailure } from './_look.ts';
import type { Sight } from './probe.ts';
import { MAX_REDIRECTS, nextHop } from './_redirects.ts';
import type { Hop } from './_redirects.ts';
import { tlsAsked } from './_tls-options.ts';

const MAX_BODY_BYTES = 64 * 1024;

export interface Fetched {
  readonly ip: string | null;
  /** The number that were followed. */
  readonly redirects: number;
  /** Summed over all redirects. */
  readonly phases: Phases;
  /** Of the last connection, as are its facts. */
  readonly isTls: boolean;
  readonly tls: TlsFacts | null;
  readonly failure: LookFailure | null;
  readonly answered: Exchanged | null;
  /** Of the last request: with its query, a secret. */
  readonly url: URL;
}

/** `leftMs`: how much of the look there is at the moment. A jar keeps cookies from answer to request. */
export async function fetchFinal(
  first: Hop,
  options: HttpRequest,
  sight: Sight,
  leftMs: () => number,
  jar: CookieJar | null = null,
): Promise<Fetched> {
  const trail: Hop[] = [];
  let hop = first;
  let phases: Phases | null = null;
  for (let redirects = 0; ; redirects++) {
    trail.push(hop);
    const sent = jar === null ? hop : { ...hop, headers: jar.added(hop.headers, hop.url) };
    const isFirstHost = hop.url.hostname === first.url.hostname;
    const answered = await exchange(sent, isFirstHost, options, sight, leftMs());
    phases = phases === null ? answered.phases : sum(phases, answered.phases);
    const isTls = hop.url.protocol === 'https:';
    const { ip, tls } = answered;
    const seen = { ip, redirects, phases, isTls, tls, url: hop.url };
    if ('failure' in answered) return { ...seen, failure: failureOf(answered), answered: null };
    jar?.keep(answered.headers['set-cookie'], hop.url);
    const next = options.follow_redirects
      ? nextHop({ status: answered.status, location: answered.headers['location'] }, hop)
      : null;
    if (next === null) return { ...seen, failure: null, answered };
    const onward = permitted(next, redirects, trail);
    if ('reason' in onward) return { ...seen, failure: onward, answered };
    hop = onward;
  }
}

export function hopOf({ http: address, method, headers, body, json }: HttpRequest): Hop {
  const url = new URL(address);
  const value = typeof body === 'object' ? body.json : json;
  const isJson = value !== undefined;
  const text = isJson ? JSON.stringify(value) : typeof body === 'string' ? body : '';
  const content = text === '' ? null : text;
  return {
    url,
    method: method ?? (content === null ? 'GET' : 'POST'),
    headers: isJson ? { 'content-type': 'application/json', ...headers } : headers,
    body: content,
  };
}

function exchange(
  hop: Hop,
  isFirstHost: boolean,
  options: HttpRequest,
  { transport, signal }: Sight,
  timeoutMs: number,
): Promise<Exchanged | NetworkFailure> {
  const asked = tlsAsked(options.tls);
  return transport.exchange({
    ...hop,
    maxBodyBytes: MAX_BODY_BYTES,
    timeoutMs: Math.max(0, timeoutMs),
    signal,
    resolver: options.resolver,
    tls: { ...asked, serverName: isFirstHost ? asked.serverName : null },
  });
}

function permitted(
  next: Hop | string,
  redirects: number,
  trail: readonly Hop[],
): Hop | LookFailure {
  const refused = (detail: string) =>
    ({ reason: 'redirect', detail, certificateEndsAt: null }) as const;
  if (typeof next === 'string') return refused(next);
  const { method, url } = next;
  const isLoop = trail.some((hop) => hop.method === method && hop.url.href === url.href);
  if (isLoop) return refused('redirect loop');
  return redirects < MAX_REDIRECTS ? next : refused(`more than ${MAX_REDIRECTS} redirects`);
}

export function sum(a: Phases, b: Phases): Phases {
  return {
    resolve: a.resolve + b.resolve,
    connect: a.connect + b.connect,
    tls: a.tls + b.tls,
    processing: a.processing + b.processing,
    transfer: a.transfer + b.transfer,
  };
}
