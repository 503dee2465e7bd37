/**
 * Looks at every hostile target as the daemon does, and prints what came of it as JSON: run it by
 * `node --expose-gc test/hostile/run.ts`. The targets live in another process, so that what this one
 * has grown by is what looking has left behind.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { isIP } from 'node:net';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { judge } from '../../src/judge/judge.ts';
import { createInspector } from '../../src/probes/inspector.ts';
import { probes } from '../../src/probes/index.ts';
import type { AnyProbe } from '../../src/probes/probe.ts';
import { systemClock } from '../../src/system/clock.ts';
import { createTransport, type NetworkParts } from '../../src/system/network.ts';
import { programRunner } from '../../src/system/program.ts';
import { systemResolver } from '../../src/system/system-resolver.ts';
import { corpus } from './corpus.ts';
import type { Case } from './target.ts';

export interface Outcome {
  readonly name: string;
  /** As `expected` is written, or what was thrown. */
  readonly seen: string;
  readonly brief: string;
  /** Milliseconds after the deadline; negative: in time. For people: a busy machine makes it more. */
  readonly lateMs: number;
  /** Had it not ended when a clock that was set beside it had rung 100 ms after the deadline? */
  readonly isLate: boolean;
}

export interface Report {
  readonly outcomes: readonly Outcome[];
  readonly grownRssBytes: number;
  readonly grownHeapBytes: number;
  /** Sockets and timers that are still there at the end. */
  readonly left: readonly string[];
}

const LANES = 16;
/** How late an answer may be. */
const SLACK_MS = 100;
/** What rings at the same time on a loop that was held may still be on its way. */
const TURNS = 10;
const HARMLESS = new Set([
  ...['answers and never closes', 'TLS good', 'banner: as it should be'],
  'steps: as it should be, with a path that goes to the thread',
  ...['HTTP/2: as it should be', 'gzip', 'br', 'zstd'],
]);
const clock = systemClock();
const system = systemResolver();
/** Knows this machine, and asks nobody else. */
const resolver: NetworkParts['resolver'] = {
  resolve: (host, signal) =>
    host === 'localhost' || isIP(host) !== 0
      ? system.resolve(host, signal)
      : Promise.resolve({ failure: 'nxdomain' }),
  servers: () => Promise.resolve([]),
  close() {},
};
const transport = createTransport({ clock, resolver });
const run = programRunner(clock);
const inspector = createInspector(clock);

async function look({ name, at, check, timeoutMs = 5_000 }: Case, port: number): Promise<Outcome> {
  const written = { ...(at?.(port) ?? { http: `http://127.0.0.1:${port}/` }), ...check };
  const [probe] = [...probes.values()].filter(({ type }) => type in written);
  if (probe === undefined) throw new RangeError(`no probe for ${name}`);
  const options: unknown = probe.options.parse(written);
  const stop = new AbortController();
  const startedAt = performance.now();
  const deadline = clock.alarm(clock.now() + timeoutMs, () => stop.abort());
  const ended = new AbortController();
  const control = late(timeoutMs + SLACK_MS, ended.signal);
  const seen = await verdict(probe, options, timeoutMs, stop.signal);
  const lateMs = performance.now() - startedAt - timeoutMs;
  deadline.cancel();
  ended.abort();
  return { name, ...seen, lateMs, isLate: await control };
}

/** A clock beside a look, on the same loop: true once it has rung and the loop has turned a few times. */
async function late(ms: number, ended: AbortSignal): Promise<boolean> {
  try {
    await setTimeout(ms, null, { signal: ended });
    for (let turn = 0; turn < TURNS; turn++) await setImmediate(null, { signal: ended });
    return true;
  } catch {
    return false;
  }
}

async function verdict(
  probe: AnyProbe,
  options: unknown,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<Pick<Outcome, 'seen' | 'brief'>> {
  const observed = { check: 'hostile', generation: '1', from: 'here', at: clock.now(), tookMs: 0 };
  try {
    const registration = () => ({ unknown: 'not asked' });
    const { inspect } = inspector;
    const sight = { clock, transport, run, inspect, registration, timeoutMs, signal };
    const facts: unknown = await probe.observe(options, sight);
    const findings = probe.assess(facts, options);
    const { status, reason, brief } = judge({ ...observed, facts, fault: null }, findings);
    return { seen: reason === null ? status : `${status} ${reason}`, brief };
  } catch (error) {
    return { seen: 'thrown', brief: String(error) };
  }
}

/** In the order in which they are given. */
async function lookAt(targets: Iterable<readonly [Case, number]>): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const waiting = Iterator.from(targets);
  let begun = 0;
  const lane = async (): Promise<void> => {
    for (let next = waiting.next(); !next.done; next = waiting.next()) {
      const at = begun++;
      outcomes[at] = await look(...next.value);
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return outcomes;
}

/** Bytes, after all that can go has gone: also what the collector keeps for the next burst. */
async function size(): Promise<{ rss: number; heap: number }> {
  for (let round = 0; round < 3; round++) {
    await setImmediate();
    globalThis.gc?.({ type: 'major', execution: 'sync', flavor: 'last-resort' });
  }
  const { rss, heapUsed, external } = process.memoryUsage();
  return { rss, heap: heapUsed + external };
}

const servers = fork(new URL('servers.ts', import.meta.url));
const [ports] = (await once(servers, 'message')) as [number[]];
const targets = corpus.map((target, at) => [target, ports[at]!] as const);
// The first look of each kind pays for code that is there for good.
await lookAt(targets.filter(([{ name }]) => HARMLESS.has(name)));
const before = await size();
const outcomes = await lookAt(targets);
const after = await size();
await Promise.all([transport.close(), inspector.close()]);
servers.disconnect();
await once(servers, 'exit');
const report: Report = {
  outcomes,
  grownRssBytes: after.rss - before.rss,
  grownHeapBytes: after.heap - before.heap,
  left: process.getActiveResourcesInfo().filter((kind) => /^(TCP|TLS|Timeout)/.test(kind)),
};
process.stdout.write(`${JSON.stringify(report)}\n`);
