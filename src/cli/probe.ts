/** `tocsin probe CHECK`: one look, now, from here; each expectation with what was seen. */
import type { Check, Config } from '../config/config.ts';
import { nearest } from '../config/suggest.ts';
import { judge } from '../judge/judge.ts';
import type { Verdict } from '../judge/verdict.ts';
import { probes } from '../probes/index.ts';
import { createInspector } from '../probes/inspector.ts';
import { createLookup } from '../registration/lookup.ts';
import { systemClock } from '../system/clock.ts';
import { createTransport } from '../system/network.ts';
import { OwnResolver } from '../system/own-resolver.ts';
import { programRunner } from '../system/program.ts';
import { readConfig } from './_settings.ts';
import { table, type AddCommand, type CommonOptions } from './terminal.ts';

export const addProbe: AddCommand = (program, terminal, end) => {
  program
    .command('probe')
    .argument('<check>', "a check's id")
    .description('look once: exit 0 if it is up, 1 if not')
    .option('--json', 'as JSON')
    .action(async (id: string, options: CommonOptions) => {
      const config = await readConfig(options.config, terminal);
      if (config === null) {
        end(2);
        return;
      }
      const check = config.checks.get(id);
      if (!check) {
        const like = nearest(id, [...config.checks.keys()]);
        terminal.err(`no check "${id}"${like === null ? '' : `: did you mean "${like}"?`}`);
        end(2);
        return;
      }
      if (check.heartbeat) {
        terminal.err(`${id} is a heartbeat: its job reports, there is nothing to look at`);
        end(2);
        return;
      }
      const verdict = await lookOnce(check, config);
      if (options.json === true) terminal.out(JSON.stringify(verdict, null, 2));
      else for (const line of lines(verdict)) terminal.out(line);
      end(verdict.status === 'down' || verdict.status === 'unknown' ? 1 : 0);
    });
};

async function lookOnce(
  { id, type, generation, options, timeoutMs }: Check,
  { location, self }: Config,
): Promise<Verdict> {
  const clock = systemClock();
  const transport = createTransport({ resolver: new OwnResolver({ clock }), clock });
  const inspector = createInspector(clock);
  const probe = probes.get(type);
  if (!probe) throw new RangeError(`no probe of type ${type}`);
  const name = probe.registered?.(options) ?? null;
  const lookup = createLookup({ clock, transport, bootstrap: () => self.rdap });
  const found = name === null ? null : await lookup.find(name, new AbortController().signal);
  const registration = () => found?.registration ?? { unknown: 'not asked' };
  const at = clock.now();
  const began = clock.monotonic();
  const signal = AbortSignal.timeout(timeoutMs);
  const { inspect } = inspector;
  const run = programRunner(clock);
  const sight = { clock, transport, run, inspect, registration, timeoutMs, signal };
  try {
    const facts: unknown = await probe.observe(options, sight);
    const tookMs = clock.monotonic() - began;
    const from = location ?? 'local';
    const observation = { check: id, generation, from, at, tookMs, facts, fault: null };
    return judge(observation, probe.assess(facts, options));
  } finally {
    await Promise.all([transport.close(), inspector.close()]);
  }
}

function lines({ status, findings, tookMs }: Verdict): readonly string[] {
  const rows = findings.map(({ met, level, expectation, expected, seen, reason, isJudged }) => {
    const judged = met ? 'ok' : level === 'warn' ? 'WARN' : 'FAIL';
    const mark = isJudged === false ? '--' : judged;
    return [mark, expectation, expected, seen, met ? '' : reason];
  });
  const columns = ['', 'expectation', 'expected', 'seen', 'reason'];
  return [`${status}  in ${String(Math.round(tookMs))} ms`, ...table(columns, rows)];
}
