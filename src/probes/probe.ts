/**
 * What a probe is: a way of looking at one kind of target. A probe is one file here and one line in
 * the registry. It has two halves that never mix: `observe` goes out and brings back facts, and is
 * the only one that may wait; `assess` holds the facts against what was expected, and is pure.
 */
import type { z } from 'zod';
import type { Registration } from '../registration/rdap.ts';
import type { Clock, Instant } from '../system/clock.ts';
import type { RunProgram } from '../system/program.ts';
import type { Signal } from '../system/signal.ts';
import type { Trace } from '../system/trace.ts';
import type { Transport } from '../system/transport.ts';
import type { Inspect } from './_inspect.ts';

/** Why something is not as expected: the words used in messages, metrics, API and tests. */
export const REASONS = [
  'dns',
  'refused',
  'unreachable',
  'reset',
  'connect_timeout',
  'tls',
  'certificate',
  'timeout',
  'status',
  'body',
  'json',
  'header',
  'banner',
  'slow',
  'protocol',
  'too_large',
  'redirect',
  'missed_heartbeat',
  'exit_code',
  'internal',
] as const;
export type Reason = (typeof REASONS)[number];

/** What a look costs us while it waits: a socket next to nothing, a program memory, getaddrinfo a thread. */
export type Means = 'sockets' | 'programs' | 'system names';

/** One expectation held against what was seen. */
export interface Finding {
  /** The expectation's key in checks.yml (`status`, `body`, `time`), or `connect` for the look itself. */
  readonly expectation: string;
  /** An unmet `expect` is down, an unmet `warn` is degraded. */
  readonly level: 'expect' | 'warn';
  readonly met: boolean;
  /** Readable, at most 200 characters each, never a secret. */
  readonly expected: string;
  readonly seen: string;
  /** What it is called when it is not met. */
  readonly reason: Reason;
  /** The few words for a phone when it is not met: `HTTP 503`, `refused`, `3.2s`. */
  readonly brief: string;
  /** false: what it takes is not known. Met, it counts so; unmet, the look could not see, and nothing worse. */
  readonly isJudged?: false;
}

/** How an observation came to nothing: the target (or the way to it) failed before there was an answer. */
export interface Failure {
  readonly reason: Reason;
  /** At most 200 characters, for people: `connection refused (127.0.0.1:8080)`. */
  readonly detail: string;
}

/** What a probe may use to look. */
export interface Sight {
  readonly clock: Clock;
  readonly transport: Transport;
  readonly run: RunProgram;
  /** For what a target has sent, of any length: it does not hold the loop. */
  readonly inspect: Inspect;
  /** What is known now of the registration that a name stands under; nobody is asked for it. */
  registration(host: string): Registration;
  readonly timeoutMs: number;
  /** In which the look is recorded, for a target that is to be told; absent: it is not. */
  readonly trace?: Trace | undefined;
  /** Aborts when the look is over, at the deadline or at a drain. */
  readonly signal: Signal;
}

/** One act of looking and what it brought back: at most 4 KiB of plain JSON. */
export interface Observation<F = unknown> {
  readonly check: string;
  readonly generation: string;
  /** The location it was seen from. */
  readonly from: string;
  readonly at: Instant;
  readonly tookMs: number;
  readonly facts: F | null;
  /** Could not look at all: our own fault, not the target's. Then `facts` is null. */
  readonly fault: string | null;
}

/** A metric read off the facts. */
export interface Gauge<F> {
  readonly name: string;
  readonly help: string;
  /** The name of one more label, where a Map has a value for each of its values. */
  readonly label?: string;
  read(facts: F): Reading;
}

/** Of one series, of one for each value of a label, or words as labels of a 1; `undefined`: none. */
export type Reading = number | ReadonlyMap<string, number> | Words | undefined;

export interface Words {
  readonly words: Readonly<Record<string, string>>;
}

export interface Probe<O extends object, F> {
  /** The key that makes a check of this type in checks.yml. */
  readonly type: string;
  /** The keys that a check of this type may have, its own `expect` and `warn` among them. */
  readonly options: z.ZodObject;
  /** Paths of options that name files, such as [['tls', 'ca']]: the loader puts the content there. */
  readonly files?: readonly (readonly string[])[];
  /** Without credentials, query or secret. */
  target(options: O): string;
  /** Where it looks: URLs, `host:port`, hosts. What is neither is lost with it as far as is known. */
  reaches?(options: O): readonly string[];
  /** The options with what findings may tell of them: `shown` has *** for each reference; null: nothing. */
  labelled?(options: O, shown: O | null): O;
  /** Does a look start a program? */
  readonly startsProgram?: true;
  /** The name whose registration is to be known; null, or no such function: none. */
  registered?(options: O): string | null;
  observe(options: O, sight: Sight): Promise<F>;
  assess(facts: F, options: O): Finding[];
  readonly gauges: readonly Gauge<F>[];
}

/** A probe whose types have been forgotten, as the registry holds it. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- the registry pairs each probe with options its own schema parsed
export type AnyProbe = Probe<any, any>;

export function meansOf(probe: AnyProbe | undefined, options: object): Means {
  if (probe?.startsProgram) return 'programs';
  return 'resolver' in options && options.resolver === 'system' ? 'system names' : 'sockets';
}
