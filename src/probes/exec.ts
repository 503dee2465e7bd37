/**
 * A program that says how things are by its exit code, as Nagios plugins do: 0 is up, 1 degraded,
 * anything else down. 3 (unknown) is down as well: a check that cannot tell must not be silent.
 */
import { z } from 'zod';
import type { NotRun, Ran } from '../system/program.ts';
import { argv, duration, environment } from '../system/values.ts';
import { failed, finding, printTook, timeFinding } from './_look.ts';
import type { LookFailure } from './_look.ts';
import { readPlugin } from './_perfdata.ts';
import type { PluginOutput } from './_perfdata.ts';
import type { Finding, Gauge, Probe, Reason, Sight } from './probe.ts';

const MAX_OUTPUT_BYTES = 64 * 1024;

const options = z.strictObject({
  exec: argv().meta({ examples: [['/usr/lib/nagios/plugins/check_load', '-w', '5', '-c', '10']] }),
  env: environment(),
  expect: z.strictObject({ time: duration({ min: 1 }).optional() }).default({}),
  warn: z.strictObject({ time: duration({ min: 1 }).optional() }).default({}),
});
type ExecOptions = z.infer<typeof options>;

interface ExecFacts extends PluginOutput {
  readonly at: number;
  readonly elapsedMs: number;
  readonly failure: LookFailure | null;
  /** null: a signal ended it, or it did not run. */
  readonly exitCode: number | null;
  readonly killedBy: string | null;
}

async function observe({ exec, env }: ExecOptions, sight: Sight): Promise<ExecFacts> {
  const { clock, run, timeoutMs, signal } = sight;
  const at = clock.now();
  const startedAt = clock.monotonic();
  const [path = '', ...args] = exec;
  const argv = [path, ...args] as const;
  const ran = await run({ argv, env, maxBytes: MAX_OUTPUT_BYTES, timeoutMs, signal });
  const elapsedMs = clock.monotonic() - startedAt;
  if ('failure' in ran) {
    const failure = failureOf(ran, path, elapsedMs);
    return { at, elapsedMs, failure, exitCode: null, killedBy: null, text: '', perfdata: [] };
  }
  const { exitCode, killedBy } = ran;
  return { at, elapsedMs, failure: null, exitCode, killedBy, ...printedBy(ran) };
}

/** What it has to say may be an error of its own, such as a missing library. */
function printedBy({ output, errors }: Ran): PluginOutput {
  return readPlugin(output.trim() === '' ? errors : output);
}

const REASONS: Readonly<Record<NotRun['failure'], Reason>> = {
  missing: 'internal',
  forbidden: 'internal',
  internal: 'internal',
  timeout: 'timeout',
  too_large: 'too_large',
};

function failureOf({ failure, detail }: NotRun, path: string, elapsedMs: number): LookFailure {
  const late = failure === 'timeout' ? ` in ${printTook(elapsedMs)}` : '';
  const name = path.slice(path.lastIndexOf('/') + 1);
  return {
    reason: REASONS[failure],
    detail: `${name}: ${detail}${late} (${path})`,
    certificateEndsAt: null,
  };
}

function assess(facts: ExecFacts, { expect, warn }: ExecOptions): Finding[] {
  const { at, elapsedMs, failure } = facts;
  if (failure !== null) return [failed(failure, at)];
  const findings = [exitFinding(facts)];
  if (expect.time !== undefined) findings.push(timeFinding('expect', elapsedMs, expect.time));
  if (warn.time !== undefined) findings.push(timeFinding('warn', elapsedMs, warn.time));
  return findings;
}

const MEANINGS = ['OK', 'WARNING', 'CRITICAL', 'UNKNOWN'];

function exitFinding({ exitCode, killedBy, text }: ExecFacts): Finding {
  const meaning = MEANINGS[exitCode ?? -1];
  const code = exitCode === null ? `killed by ${killedBy ?? '?'}` : `exit code ${exitCode}`;
  const how = meaning === undefined ? code : `${code} (${meaning})`;
  return finding({
    expectation: 'exit',
    level: exitCode === 1 ? 'warn' : 'expect',
    met: exitCode === 0,
    expected: 'exit code 0',
    seen: text === '' ? how : `${how}: ${text}`,
    reason: 'exit_code',
    brief: text === '' ? code : text,
  });
}

const gauges: readonly Gauge<ExecFacts>[] = [
  {
    name: 'probe_exec_exit_code',
    help: 'Exit code of the program',
    read: ({ exitCode }) => exitCode ?? undefined,
  },
  {
    name: 'probe_exec_perfdata',
    help: 'What the plugin measured; times in seconds, sizes in bytes, else as printed',
    label: 'label',
    read: ({ perfdata }) => new Map(perfdata.map(({ label, value }) => [label, value])),
  },
];

export const exec: Probe<ExecOptions, ExecFacts> = {
  type: 'exec',
  startsProgram: true,
  options,
  target: ({ exec }) => exec[0] ?? '',
  observe,
  assess,
  gauges,
};
