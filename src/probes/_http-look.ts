/**
 * A request over HTTP as a check makes it: redirects are followed here, one exchange each, within
 * one deadline. Credentials, the client's certificate and a kept connection are for the origin that
 * the check names: once a redirect has led away from it they are gone, also on the way back.
 */
import type { Exchanged, NetworkFailure, Phases, TlsFacts } from '../system/transport.ts';
import type { CookieJar } from './_cookie-jar.ts';
import { authorizationOf } from './_http-auth.ts';
import type { HttpRequest } from './_http-options.ts';
import { failureOf } from './_look.ts';
import type { ConnectionFacts, LookFailure } from './_look.ts';
import type { Sight } from './probe.ts';
import { isOfTheLink, MAX_REDIRECTS, nextHop, refusalOf } from './_redirects.ts';
import type { Hop } from './_redirects.ts';
import { tlsAsked } from './_tls-options.ts';

export interface Looked extends ConnectionFacts {
  readonly failure: LookFailure | null;
  /** The last answer there was; where `failure` says so, it is not the one that was wanted. */
  readonly answered: Exchanged | null;
  readonly redirects: number;
  /** Summed over all redirects. */
  readonly phases: Phases;
  readonly isTls: boolean;
  /** Of the last connection. */
  readonly tls: TlsFacts | null;
  /** Of the last request: with its query, a secret. */
  readonly url: URL;
}

/** A jar keeps cookies from one answer to the next request. */
export async function lookAt(
  first: Hop,
  options: HttpRequest,
  sight: Sight,
  jar: CookieJar | null = null,
): Promise<Looked> {
  const { clock } = sight;
  const startedAt = clock.monotonic();
  const trail: Hop[] = [];
  let hop = first;
  let phases: Phases | null = null;
  let refusal: typeof refusalOf | undefined;
  for (let redirects = 0; ; redirects++) {
    trail.push(hop);
    const spentMs = redirects === 0 ? 0 : clock.monotonic() - startedAt;
    const isFirstHost = hop.url.hostname === first.url.hostname;
    const sent = jar === null ? hop : { ...hop, headers: jar.added(hop.headers, hop.url) };
    const request = requestOf(sent, isFirstHost, options);
    const answered = await exchange({ ...request, refusal, spentMs }, sight);
    phases = phases === null ? answered.phases : sum(phases, answered.phases);
    const { ip, tls } = answered;
    const isTls = hop.url.protocol === 'https:';
    const seen = { ip, resolveMs: phases.resolve, redirects, phases, isTls, tls, url: hop.url };
    if ('failure' in answered) return { ...seen, failure: failureOf(answered), answered: null };
    jar?.keep(answered.headers['set-cookie'], hop.url);
    const next = options.follow_redirects
      ? nextHop({ status: answered.status, location: answered.headers['location'] }, hop)
      : null;
    if (next === null) return { ...seen, failure: null, answered };
    const onward = permitted(next, redirects, trail);
    if ('reason' in onward) return { ...seen, failure: onward, answered };
    if (redirects === 0 && !isOfTheLink(answered.ip)) refusal = refusalOf;
    hop = onward;
  }
}

/** Of the request that the check itself describes. */
export function hopOf(options: HttpRequest): Hop {
  const { http: address, method, headers, body, json } = options;
  const value = typeof body === 'object' ? body.json : json;
  const isJson = value !== undefined;
  const text = isJson ? JSON.stringify(value) : typeof body === 'string' ? body : '';
  const content = text === '' ? null : text;
  const authorization = authorizationOf(options);
  return {
    isOwn: true,
    url: new URL(address),
    method: method ?? (content === null ? 'GET' : 'POST'),
    headers: {
      ...(isJson && { 'content-type': 'application/json' }),
      ...headers,
      ...(authorization !== null && { authorization }),
    },
    body: content,
  };
}

function requestOf(hop: Hop, isFirstHost: boolean, options: HttpRequest) {
  const { isOwn, url, method, headers, body } = hop;
  const asked = tlsAsked(options.tls);
  return {
    ...{ url, method, headers, body },
    maxBodyBytes: options.body_limit,
    resolver: options.resolver,
    family: options.ip,
    proxy: options.proxy === undefined ? undefined : new URL(options.proxy),
    http2: options.http2,
    keep: options.reuse && isOwn ? options : undefined,
    tls: {
      ...asked,
      serverName: isFirstHost ? asked.serverName : null,
      client: isOwn ? asked.client : undefined,
    },
  };
}

function exchange(
  request: ReturnType<typeof requestOf> & {
    readonly refusal: typeof refusalOf | undefined;
    readonly spentMs: number;
  },
  { transport, timeoutMs, signal }: Sight,
): Promise<Exchanged | NetworkFailure> {
  const leftMs = Math.max(0, timeoutMs - request.spentMs);
  return transport.exchange({ ...request, timeoutMs: leftMs, signal });
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
