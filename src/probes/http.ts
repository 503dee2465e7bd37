/**
 * A URL: its answer's status, headers, body, speed and certificate. The facts hold what came of
 * inspecting the body, and not the body: it may be long, and no business of whoever keeps facts.
 */
import { readAnswer } from './_http-answer.ts';
import type { HttpAnswer } from './_http-answer.ts';
import { fetchFinal, hopOf } from './_http-fetch.ts';
import { findingsOf } from './_http-findings.ts';
import { httpGauges } from './_http-gauges.ts';
import type { HttpMeasured } from './_http-gauges.ts';
import { httpOptions, requestFiles, targetOf } from './_http-options.ts';
import type { HttpOptions } from './_http-options.ts';
import { failed } from './_look.ts';
import type { LookFailure } from './_look.ts';
import type { Probe, Sight } from './probe.ts';
import type { Hop } from './_redirects.ts';

interface HttpFacts extends HttpMeasured {
  readonly at: number;
  /** Until the answer was there, without what inspecting it took. */
  readonly elapsedMs: number;
  readonly failure: LookFailure | null;
  readonly answer: HttpAnswer | null;
}

async function observe(options: HttpOptions, sight: Sight): Promise<HttpFacts> {
  const { clock, timeoutMs } = sight;
  const at = clock.now();
  const startedAt = clock.monotonic();
  const elapsed = (): number => clock.monotonic() - startedAt;
  const leftMs = (): number => timeoutMs - elapsed();
  const {
    answered,
    url: _url,
    ...fetched
  } = await fetchFinal(firstHop(options), options, sight, leftMs);
  const facts = { at, elapsedMs: elapsed(), ...fetched, resolveMs: fetched.phases.resolve };
  if (answered === null) return { ...facts, answer: null };
  const expected = facts.failure === null ? options.expect : {};
  const { answer } = await readAnswer(answered, expected, sight.inspect, leftMs);
  return { ...facts, answer };
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

export const http: Probe<HttpOptions, HttpFacts> = {
  type: 'http',
  options: httpOptions,
  files: requestFiles,
  target: targetOf,
  observe,
  assess(facts, options) {
    const { at, failure, answer } = facts;
    if (failure !== null) return [failed(failure, at)];
    return answer === null ? [] : findingsOf({ ...facts, answer }, options);
  },
  gauges: httpGauges,
};
