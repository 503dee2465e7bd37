/**
 * A URL: its answer's status, headers, body, speed and certificate. The facts hold what came of
 * inspecting the body, and not the body: it may be long, and no business of whoever keeps facts.
 */
import type { Registration } from '../registration/rdap.ts';
import { domainFinding, domainGauges, registrationOf } from './_domain.ts';
import { secretsIn } from './_http-auth.ts';
import { readAnswer } from './_http-answer.ts';
import type { HttpAnswer } from './_http-answer.ts';
import { findingsOf } from './_http-findings.ts';
import { hopOf, lookAt } from './_http-look.ts';
import { httpGauges } from './_http-gauges.ts';
import type { HttpMeasured } from './_http-gauges.ts';
import { httpOptions, requestFiles, targetOf } from './_http-options.ts';
import type { HttpOptions } from './_http-options.ts';
import { failed } from './_look.ts';
import type { LookFailure } from './_look.ts';
import type { Probe, Sight } from './probe.ts';
import type { Hop } from './_redirects.ts';
import type { Trace } from '../system/trace.ts';

interface HttpFacts extends HttpMeasured {
  readonly at: number;
  /** Until the answer was there, without what inspecting it took. */
  readonly elapsedMs: number;
  readonly failure: LookFailure | null;
  readonly answer: HttpAnswer | null;
  readonly registration: Registration | null;
}

async function observe(options: HttpOptions, sight: Sight): Promise<HttpFacts> {
  const { clock, timeoutMs } = sight;
  const at = clock.now();
  const startedAt = clock.monotonic();
  const elapsed = (): number => clock.monotonic() - startedAt;
  const { hop, hide } = wayTo(options);
  const first = options.traceparent && sight.trace ? traced(hop, sight.trace) : hop;
  const { answered, url: _url, ...looked } = await lookAt(first, options, sight);
  const registration = registrationOf(options.warn, hop.url.hostname, sight);
  const facts = { at, elapsedMs: elapsed(), ...looked, registration };
  if (answered === null) return { ...facts, answer: null };
  const expected = facts.failure === null ? options.expect : {};
  const leftMs = (): number => timeoutMs - elapsed();
  const { answer } = await readAnswer(answered, expected, sight.inspect, leftMs, { hide });
  return { ...facts, answer };
}

/** https://www.w3.org/TR/trace-context/#traceparent-header; one that is written in the check goes first. */
function traced(hop: Hop, { traceId, spanId }: Trace): Hop {
  return { ...hop, headers: { traceparent: `00-${traceId}-${spanId}-01`, ...hop.headers } };
}

interface Way {
  readonly hop: Hop;
  readonly hide: readonly string[];
}

/** Options outlive many looks. */
const ways = new WeakMap<HttpOptions, Way>();

function wayTo(options: HttpOptions): Way {
  let way = ways.get(options);
  if (way === undefined) {
    const hop = hopOf(options);
    way = { hop, hide: secretsIn(options, hop.headers) };
    ways.set(options, way);
  }
  return way;
}

export const http: Probe<HttpOptions, HttpFacts> = {
  type: 'http',
  options: httpOptions,
  files: requestFiles,
  target: targetOf,
  reaches: ({ http: address }) => [address],
  registered: ({ http: address, warn }) =>
    warn.domain === undefined ? null : new URL(address).hostname,
  observe,
  assess(facts, options) {
    const { at, failure, answer, registration } = facts;
    if (failure !== null) return [failed(failure, at)];
    const findings = answer === null ? [] : findingsOf({ ...facts, answer }, options);
    const leastMs = options.warn.domain;
    if (leastMs === undefined || registration === null) return findings;
    return [...findings, domainFinding(registration, leastMs, at)];
  },
  gauges: [...httpGauges, ...domainGauges],
};
