/**
 * A URL: its answer's status, headers, body, speed and certificate. The facts hold the body, at most
 * as much as is read of it and only where something is expected of it: it ends in `assess`, and who
 * keeps observations keeps findings.
 */
import type { Exchanged, Phases, TlsFacts } from '../system/transport.ts';
import { tlsGauges } from './_certificate.ts';
import { secretsIn } from './_http-auth.ts';
import { findingsOf } from './_http-findings.ts';
import type { HttpAnswer } from './_http-findings.ts';
import { hopOf, lookAt } from './_http-look.ts';
import { httpOptions } from './_http-options.ts';
import type { HttpOptions } from './_http-options.ts';
import { connectionGauges, failed } from './_look.ts';
import type { ConnectionFacts, LookFailure } from './_look.ts';
import type { Gauge, Probe, Sight } from './probe.ts';
import type { Hop } from './_redirects.ts';
import { TLS_FILES } from './_tls-options.ts';

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
}

async function observe(options: HttpOptions, sight: Sight): Promise<HttpFacts> {
  const { clock } = sight;
  const at = clock.now();
  const startedAt = clock.monotonic();
  const { hop, secrets } = wayTo(options);
  const { answered, ...looked } = await lookAt(hop, options, sight);
  const elapsedMs = clock.monotonic() - startedAt;
  return { ...looked, at, elapsedMs, answer: answered && answerOf(answered, options, secrets) };
}

interface Way {
  readonly hop: Hop;
  readonly secrets: RegExp | null;
}

/** Options outlive many looks. */
const ways = new WeakMap<HttpOptions, Way>();

function wayTo(options: HttpOptions): Way {
  let way = ways.get(options);
  if (way === undefined) {
    const hop = hopOf(options);
    way = { hop, secrets: secretsIn(options, hop.headers) };
    ways.set(options, way);
  }
  return way;
}

/** Only what is expected or measured is kept, and nothing of what must not be seen. */
function answerOf(
  answered: Exchanged,
  { expect }: HttpOptions,
  secrets: RegExp | null,
): HttpAnswer {
  const plain = (text: string): string => (secrets === null ? text : text.replace(secrets, '***'));
  const headers: Record<string, string> = {};
  const keep = (name: string): void => {
    const value = answered.headers[name];
    if (value !== undefined) headers[name] = plain(value);
  };
  keep('content-length');
  if (expect.header !== undefined) Object.keys(expect.header).forEach(keep);
  const isBodyNeeded = expect.body !== undefined || expect.json !== undefined;
  return {
    status: answered.status,
    version: answered.httpVersion,
    headers,
    body: isBodyNeeded ? plain(answered.body) : '',
    isCut: answered.truncated,
    encoding: answered.encoding,
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
];

function contentLength(header: string | undefined): number {
  return header !== undefined && /^\d{1,15}$/.test(header) ? Number(header) : -1;
}

export const http: Probe<HttpOptions, HttpFacts> = {
  type: 'http',
  options: httpOptions,
  files: TLS_FILES.map((key) => ['tls', key]),
  target({ http: address }) {
    const { origin, pathname } = new URL(address);
    return `${origin}${pathname}`;
  },
  observe,
  assess(facts, options) {
    const { at, failure, answer } = facts;
    if (failure !== null) return [failed(failure, at)];
    return answer === null ? [] : findingsOf({ ...facts, answer }, options);
  },
  gauges,
};
