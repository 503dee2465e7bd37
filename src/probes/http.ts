/**
 * A URL: its answer's status, headers, body, speed and certificate. Redirects are followed here, one
 * exchange each, within one deadline. The facts hold the body, at most 64 KiB and only where
 * something is expected of it: it ends in `assess`, and who keeps observations keeps findings.
 */
import type { Registration } from '../registration/rdap.ts';
import type { Exchanged, NetworkFailure, Phases, TlsFacts } from '../system/transport.ts';
import { tlsGauges } from './_certificate.ts';
import { domainGauges, registrationOf } from './_domain.ts';
import { findingsOf } from './_http-findings.ts';
import type { HttpAnswer } from './_http-findings.ts';
import { httpOptions } from './_http-options.ts';
import type { HttpOptions } from './_http-options.ts';
import { connectionGauges, failed, failureOf } from './_look.ts';
import type { ConnectionFacts, LookFailure } from './_look.ts';
import type { Gauge, Probe, Sight } from './probe.ts';
import { MAX_REDIRECTS, nextHop } from './_redirects.ts';
import type { Hop } from './_redirects.ts';
import { tlsAsked } from './_tls-options.ts';

const MAX_BODY_BYTES = 64 * 1024;
const MEASURED: readonly string[] = ['content-length', 'content-encoding'];

interface HttpFacts extends ConnectionFacts {
  readonly at: number;
  readonly elapsedMs: number;
  readonly failure: LookFailure | null;
  readonly answer: HttpAnswer | null;
  readonly redirects: number;
  /** Summed over all redirects. */
  readonly phases: Phases;
  readonly isTls: boolean;
  /** Of the last connection. */
  readonly tls: TlsFacts | null;
  readonly registration: Registration | null;
}

async function observe(options: HttpOptions, sight: Sight): Promise<HttpFacts> {
  const { clock } = sight;
  const at = clock.now();
  const startedAt = clock.monotonic();
  const elapsed = (): number => clock.monotonic() - startedAt;
  const trail: Hop[] = [];
  let hop = firstHop(options);
  let phases: Phases | null = null;
  for (let redirects = 0; ; redirects++) {
    trail.push(hop);
    const answered = await exchange(hop, options, sight, sight.timeoutMs - elapsed());
    phases = phases === null ? answered.phases : sum(phases, answered.phases);
    const facts = {
      at,
      elapsedMs: elapsed(),
      ip: answered.ip,
      resolveMs: phases.resolve,
      redirects,
      phases,
      isTls: hop.url.protocol === 'https:',
      tls: answered.tls,
      registration: registrationOf(options.warn, firstHop(options).url.hostname, sight),
    };
    if ('failure' in answered) return { ...facts, failure: failureOf(answered), answer: null };
    const answer = answerOf(answered, options);
    const next = options.follow_redirects
      ? nextHop({ status: answered.status, location: answered.headers['location'] }, hop)
      : null;
    if (next === null) return { ...facts, failure: null, answer };
    const onward = permitted(next, redirects, trail);
    if ('reason' in onward) return { ...facts, failure: onward, answer };
    hop = onward;
  }
}

/** Options outlive many looks. */
const firstHops = new WeakMap<HttpOptions, Hop>();

function firstHop(options: HttpOptions): Hop {
  let hop = firstHops.get(options);
  if (hop === undefined) {
    hop = hopOf(options);
    firstHops.set(options, hop);
  }
  return hop;
}

function hopOf({ http: address, method, headers, body, json }: HttpOptions): Hop {
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
  options: HttpOptions,
  { transport, signal }: Sight,
  timeoutMs: number,
): Promise<Exchanged | NetworkFailure> {
  const asked = tlsAsked(options.tls);
  const isFirstHost = hop.url.hostname === firstHop(options).url.hostname;
  return transport.exchange({
    ...hop,
    maxBodyBytes: MAX_BODY_BYTES,
    timeoutMs: Math.max(0, timeoutMs),
    signal,
    resolver: options.resolver,
    tls: { ...asked, serverName: isFirstHost ? asked.serverName : null },
  });
}

/** Only what is expected or measured is kept. */
function answerOf(answered: Exchanged, { expect }: HttpOptions): HttpAnswer {
  const headers: Record<string, string> = {};
  const keep = (name: string): void => {
    const value = answered.headers[name];
    if (value !== undefined) headers[name] = value;
  };
  MEASURED.forEach(keep);
  if (expect.header !== undefined) Object.keys(expect.header).forEach(keep);
  const isBodyNeeded = expect.body !== undefined || expect.json !== undefined;
  return {
    status: answered.status,
    version: answered.httpVersion,
    headers,
    body: isBodyNeeded ? answered.body : '',
    isCut: answered.truncated,
  };
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

function sum(a: Phases, b: Phases): Phases {
  return {
    resolve: a.resolve + b.resolve,
    connect: a.connect + b.connect,
    tls: a.tls + b.tls,
    processing: a.processing + b.processing,
    transfer: a.transfer + b.transfer,
  };
}

const gauges: readonly Gauge<HttpFacts>[] = [
  ...connectionGauges,
  {
    name: 'probe_http_status_code',
    help: 'Status code of the last answer, 0 without one',
    read: ({ answer }) => answer?.status ?? 0,
  },
  {
    name: 'probe_http_duration_seconds',
    help: 'Duration by phase, summed over all redirects',
    label: 'phase',
    read: ({ phases }) =>
      new Map(Object.entries(phases).map(([phase, ms]: [string, number]) => [phase, ms / 1_000])),
  },
  {
    name: 'probe_http_ssl',
    help: '1 if the last connection used TLS',
    read: ({ isTls, answer }) => (isTls && answer !== null ? 1 : 0),
  },
  {
    name: 'probe_http_version',
    help: 'HTTP version of the last answer, 0 without one',
    read: ({ answer }) => Number(answer?.version ?? 0),
  },
  {
    name: 'probe_http_redirects',
    help: 'The number of redirects that were followed',
    read: ({ redirects }) => redirects,
  },
  {
    name: 'probe_http_content_length',
    help: 'Content length of the last answer, -1 if it did not say',
    read: ({ answer }) => contentLength(answer?.headers['content-length']),
  },
  ...tlsGauges,
  ...domainGauges,
];

function contentLength(header: string | undefined): number {
  return header !== undefined && /^\d{1,15}$/.test(header) ? Number(header) : -1;
}

export const http: Probe<HttpOptions, HttpFacts> = {
  type: 'http',
  options: httpOptions,
  files: [['tls', 'ca']],
  target({ http: address }) {
    const { origin, pathname } = new URL(address);
    return `${origin}${pathname}`;
  },
  registered: ({ http: address, warn }) =>
    warn.domain === undefined ? null : new URL(address).hostname,
  observe,
  assess(facts, options) {
    const { at, failure, answer } = facts;
    if (failure !== null) return [failed(failure, at)];
    return answer === null ? [] : findingsOf({ ...facts, answer }, options);
  },
  gauges,
};
