/**
 * `tocsin doctor`: what an operator wants to know before the night. It asks the machine, the network,
 * the vendors and the running daemon, tells nobody anything, and changes nothing. A fault is exit 1; a
 * risk is the operator's to take.
 */
import { channels } from '../channels/index.ts';
import { watchedBy, type Config } from '../config/config.ts';
import { examineChannels } from '../doctor/channels.ts';
import { examineClock } from '../doctor/clock.ts';
import { examineDuty } from '../doctor/duty.ts';
import type { Examined, Finding } from '../doctor/finding.ts';
import { examinePing, examineWitnesses } from '../doctor/looks.ts';
import { examineData, examineFiles, limitsOf } from '../doctor/machine.ts';
import { lookBehind, resolvers, type Outside } from '../doctor/names.ts';
import { reliance } from '../doctor/reliance.ts';
import { sharedFates } from '../doctor/shared-fate.ts';
import { createNaming, stakesOf } from '../doctor/stakes.ts';
import { dutyViews, type DutyView } from '../incident/duty-view.ts';
import { probes } from '../probes/index.ts';
import { systemClock } from '../system/clock.ts';
import { createTransport } from '../system/network.ts';
import { OwnResolver } from '../system/own-resolver.ts';
import { ownNames } from '../system/process.ts';
import { programRunner } from '../system/program.ts';
import { lookOnce } from './_look.ts';
import { ask } from './_operator.ts';
import { placed, readConfig } from './_settings.ts';
import type { AddCommand, AskOptions, Terminal } from './terminal.ts';

const PATIENCE_MS = 60_000;

export const addDoctor: AddCommand = (program, terminal, end) => {
  program
    .command('doctor')
    .description('say what would keep a page from getting through tonight')
    .option('--json', 'as JSON')
    .action(async (options: AskOptions) => {
      const config = await readConfig(options.config, terminal);
      if (config === null) {
        end(2);
        return;
      }
      for (const warning of config.warnings) terminal.err(`WARNING: ${warning}`);
      const topics = await examine(config, options, terminal);
      const print = await placed(options.config, terminal);
      const findings = Object.values(topics).flatMap((examined) => examined.findings);
      const told = findings.map((finding) => ({ ...print(finding), level: finding.level }));
      const faults = findings.filter(({ level }) => level === 'fault').length;
      if (options.json === true) {
        const seen = Object.fromEntries(
          Object.entries(topics).map(([topic, examined]) => [topic, examined.seen]),
        );
        const views = told.map(({ view }) => view);
        terminal.out(JSON.stringify({ well: faults === 0, findings: views, seen }, null, 2));
      } else {
        for (const [topic, { seen }] of Object.entries(topics)) {
          for (const line of seen) terminal.out(`${topic}: ${line}`);
        }
        const sorted = told.toSorted((a, b) => a.level.localeCompare(b.level));
        for (const { level, line } of sorted) terminal.out(`${level.toUpperCase()}  ${line}`);
        const risks = findings.length - faults;
        terminal.out(`${count(faults, 'fault')}, ${count(risks, 'risk')}`);
      }
      end(faults > 0 ? 1 : 0);
    });
};

async function examine(config: Config, options: AskOptions, terminal: Terminal) {
  const clock = systemClock();
  const resolver = new OwnResolver({ clock });
  const transport = createTransport({ resolver, clock });
  const run = programRunner(clock);
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const outside: Outside = { resolver, transport, ownNames: ownNames(), signal };
  try {
    const [daemon, ways, witnesses, programs, data, time, behind] = await Promise.all([
      askDaemon(options, terminal),
      examineChannels(config, channels, { clock, transport, run }),
      examineWitnesses(config, (check) => lookOnce(check, config)),
      examinePing(config, run),
      examineData(config),
      examineClock(config, channels, clock, transport),
      lookBehind(stakesOf(config), config, { probes, channels }, outside),
    ]);
    const naming = createNaming(config, { probes, channels });
    const duties = daemon.duties ?? dutyViews(config, [], clock.now());
    const risks = [
      ...sharedFates(config, behind, naming),
      ...(await resolvers(behind, outside)),
      ...reliance(config, behind, naming),
    ];
    return {
      daemon: daemon.examined,
      duty: examineDuty(config, duties),
      channels: ways,
      fate: { seen: [], findings: risks },
      witnesses,
      programs,
      data,
      files: examineFiles(watchedBy(config).size, await limitsOf(config)),
      clock: time,
    };
  } finally {
    await transport.close();
  }
}

interface Answered {
  readonly examined: Examined;
  /** With what people have taken over; null: nobody is there to say. */
  readonly duties: readonly DutyView[] | null;
}

async function askDaemon(options: AskOptions, terminal: Terminal): Promise<Answered> {
  // What is wrong is told as a finding.
  const silent: Terminal = { ...terminal, err: () => undefined };
  const ready = await ask(options, silent, 'GET', '/-/ready');
  if ('failed' in ready) return { examined: { seen: [], findings: [NO_DAEMON] }, duties: null };
  const duties = await ask(options, silent, 'GET', '/api/v1/oncall');
  const items = 'failed' in duties ? null : (duties.body as { readonly items: DutyView[] }).items;
  return { examined: { seen: ['is there and ready'], findings: [] }, duties: items };
}
const NO_DAEMON: Finding = {
  level: 'fault',
  topic: 'daemon',
  what: 'the daemon does not answer, or is not ready',
  at: ['listen'],
  why: 'nothing is looked at and nobody is paged',
  remedy: 'start it (npm start), or name it with --url',
};

function count(n: number, noun: string): string {
  return `${String(n)} ${noun}${n === 1 ? '' : 's'}`;
}
