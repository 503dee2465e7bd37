/**
 * Several requests in order, with what one answer gives carried to the next: to log in, then look.
 * One look, one deadline, one verdict: the first step that is not as expected ends it and names it.
 * What was taken lives in `observe` alone; facts say only whether it was there.
 */
import type { Phases, TlsFacts } from '../system/transport.ts';
import { certificateFinding } from './_certificate.ts';
import { CookieJar } from './_cookie-jar.ts';
import { secretsIn } from './_http-auth.ts';
import { readAnswer } from './_http-answer.ts';
import type { HttpAnswer } from './_http-answer.ts';
import { findingsOf } from './_http-findings.ts';
import { httpGauges } from './_http-gauges.ts';
import type { HttpMeasured } from './_http-gauges.ts';
import { lookAt, sum } from './_http-look.ts';
import type { Looked } from './_http-look.ts';
import { requestFiles, targetOf } from './_http-options.ts';
import { failed, finding, printTook, timeFinding } from './_look.ts';
import type { LookFailure } from './_look.ts';
import { stepsOptions } from './_steps-options.ts';
import type { Step, StepsOptions } from './_steps-options.ts';
import { bodyParts, gather, requestWith, secretsOf, takeFindings } from './_taking.ts';
import type { Finding, Probe, Sight } from './probe.ts';

interface StepFacts extends Omit<Looked, 'answered' | 'url'> {
  readonly elapsedMs: number;
  readonly answer: HttpAnswer | null;
  /** By name, why a value could not be taken; null: it was. */
  readonly taken: Readonly<Record<string, string | null>>;
}

interface StepsFacts extends HttpMeasured {
  readonly at: number;
  /** Of the steps together, without what inspecting their answers took. */
  readonly elapsedMs: number;
  /** As far as it went. */
  readonly steps: readonly StepFacts[];
}

const NOTHING: Omit<Looked, 'failure' | 'answered' | 'url'> = {
  ...{ ip: null, resolveMs: 0, redirects: 0, isTls: false, tls: null },
  phases: { resolve: 0, connect: 0, tls: 0, processing: 0, transfer: 0 },
};

async function observe({ steps }: StepsOptions, sight: Sight): Promise<StepsFacts> {
  const at = sight.clock.now();
  const startedAt = sight.clock.monotonic();
  const leftMs = (): number => sight.timeoutMs - (sight.clock.monotonic() - startedAt);
  const jar = new CookieJar(at);
  const taken = new Map<string, string>();
  const seen: StepFacts[] = [];
  for (const step of steps) {
    const facts = await take(step, taken, jar, sight, leftMs);
    seen.push(facts);
    if (stepFindings(facts, step, at).some(({ met }) => !met)) break;
  }
  return { at, ...together(seen), steps: seen };
}

/** One step: what it takes is added to `taken` and `jar`. */
async function take(
  step: Step,
  taken: Map<string, string>,
  jar: CookieJar,
  sight: Sight,
  leftMs: () => number,
): Promise<StepFacts> {
  const leftAtFirst = leftMs();
  const none = (failure: LookFailure): StepFacts => {
    return { ...NOTHING, failure, elapsedMs: 0, answer: null, taken: {} };
  };
  if (leftAtFirst <= 0) {
    const detail = `no time left: the steps before took ${printTook(sight.timeoutMs - leftAtFirst)}`;
    return none({ reason: 'timeout', detail, certificateEndsAt: null });
  }
  const asked = requestWith(step, taken);
  if ('reason' in asked) return none(asked);
  const { answered, url, ...fetched } = await lookAt(
    asked,
    step,
    { ...sight, timeoutMs: leftAtFirst },
    jar,
  );
  const facts = { ...fetched, elapsedMs: leftAtFirst - leftMs() };
  if (answered === null || fetched.failure !== null) return { ...facts, answer: null, taken: {} };
  const more = {
    take: bodyParts(step.take),
    hide: [...secretsIn(step, asked.headers), ...secretsOf(taken, jar, step.take, answered)],
  };
  const read = await readAnswer(answered, step.expect, sight.inspect, leftMs, more);
  const got = gather(step.take, answered, read.taken, (name) => jar.get(name, url));
  const faults: Record<string, string | null> = {};
  for (const [name, found] of Object.entries(got)) {
    faults[name] = 'why' in found ? found.why : null;
    if ('value' in found) taken.set(name, found.value);
  }
  return { ...facts, answer: read.answer, taken: faults };
}

/** Times are summed, as over redirects; the certificate is the one that ends first; all else is the last step's. */
function together(seen: readonly StepFacts[]): Omit<StepsFacts, 'at' | 'steps'> {
  const last = seen.at(-1);
  const phases = seen.reduce<Phases>((total, each) => sum(total, each.phases), NOTHING.phases);
  const ends = ({ leafNotAfter, chainNotAfter }: TlsFacts) => Math.min(leafNotAfter, chainNotAfter);
  const [tls = null] = seen.flatMap((each) => each.tls ?? []).toSorted((a, b) => ends(a) - ends(b));
  return {
    ...{ ip: last?.ip ?? null, isTls: last?.isTls ?? false, answer: last?.answer ?? null },
    ...{ phases, resolveMs: phases.resolve, tls },
    redirects: seen.reduce((total, each) => total + each.redirects, 0),
    elapsedMs: seen.reduce((total, each) => total + each.elapsedMs, 0),
  };
}

function stepFindings(facts: StepFacts, step: Step, at: number): Finding[] {
  const { failure, answer, taken } = facts;
  if (failure !== null) return [failed(failure, at)];
  if (answer === null) return [];
  return [
    ...findingsOf({ ...facts, at, answer }, { ...step, warn: {} }),
    ...takeFindings(step.take, taken, answer.body),
  ];
}

function assess(facts: StepsFacts, { steps, expect, warn }: StepsOptions): Finding[] {
  const { at, elapsedMs, tls } = facts;
  const findings = steps.flatMap((step, i) => {
    const seen = facts.steps[i];
    return seen === undefined ? [] : named(stepFindings(seen, step, at), i, step);
  });
  const isWhole = facts.steps.length === steps.length && findings.every(({ met }) => met);
  if (!isWhole) return findings;
  if (expect.time !== undefined) findings.push(timeFinding('expect', elapsedMs, expect.time));
  if (warn.time !== undefined) findings.push(timeFinding('warn', elapsedMs, warn.time));
  if (warn.certificate !== undefined) findings.push(certificateFinding(tls, warn.certificate, at));
  return findings;
}

function named(findings: readonly Finding[], i: number, { label }: Step): Finding[] {
  const which = `step ${i + 1}`;
  return findings.map((each) => {
    const seen = each.expectation === 'connect' ? `${label}: ${each.seen}` : each.seen;
    const brief = `${which}, ${label}: ${each.brief}`;
    return finding({ ...each, expectation: `${which} ${each.expectation}`, seen, brief });
  });
}

export const steps: Probe<StepsOptions, StepsFacts> = {
  type: 'steps',
  options: stepsOptions,
  files: requestFiles.map((path) => ['steps', ...path]),
  target: ({ steps: [first] }) => (first === undefined ? '' : targetOf(first)),
  reaches: ({ steps }) => steps.map(({ http }) => http),
  labelled: (options, shown) => ({
    ...options,
    steps: options.steps.map((step, i) => ({ ...step, label: shown?.steps[i]?.label ?? '***' })),
  }),
  observe,
  assess,
  gauges: httpGauges,
};
