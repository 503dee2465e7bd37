/** `tocsin validate`: what is wrong with the configuration, or what it comes to. */
import { occurrenceAt } from '../calendar/window.ts';
import type { Check, Config, MaintenanceWindow } from '../config/config.ts';
import { worstCaseMs } from '../config/worst-case.ts';
import { channels } from '../channels/index.ts';
import { sharedFates } from '../doctor/shared-fate.ts';
import { createNaming, stakesOf } from '../doctor/stakes.ts';
import { dutyViews, type DutyView } from '../incident/duty-view.ts';
import { rfc3339 } from '../incident/incident-view.ts';
import { probes } from '../probes/index.ts';
import { systemClock } from '../system/clock.ts';
import { printDuration } from '../system/values.ts';
import type { Problem } from '../config/problem.ts';
import { load, placed, printProblems } from './_settings.ts';
import { when } from './_when.ts';
import { table, type AddCommand, type CommonOptions } from './terminal.ts';

export const addValidate: AddCommand = (program, terminal, end) => {
  program
    .command('validate')
    .description('check the configuration, and say how soon each check pages at worst')
    .option('--json', 'as JSON')
    .action(async (options: CommonOptions) => {
      const loaded = await load(options.config, terminal);
      if ('problems' in loaded) {
        if (options.json === true)
          terminal.out(printJson({ valid: false, problems: loaded.problems.map(problemView) }));
        else printProblems(loaded.problems, terminal);
        end(2);
        return;
      }
      const { config } = loaded;
      const checks = [...config.checks.values()];
      const now = systemClock().now();
      const naming = createNaming(config, { probes, channels });
      const found = sharedFates(config, stakesOf(config), naming);
      // To say where, the file is read again.
      const fates = found.length === 0 ? [] : found.map(await placed(options.config, terminal));
      if (options.json === true) {
        const { warnings } = config;
        const sharedFate = fates.map(({ view }) => view);
        const maintenance = config.maintenance.map((window) => windowView(window, now));
        const told = { valid: true, warnings, sharedFate, checks: checks.map(view), maintenance };
        terminal.out(printJson(told));
      } else {
        const rows = checks.map((check) => row(check, config));
        for (const line of table(['check', 'type', 'target', 'paging'], rows)) terminal.out(line);
        for (const view of dutyViews(config, [], now)) terminal.out(duty(view, config));
        for (const window of config.maintenance) terminal.out(windowLine(window, now));
        terminal.out(`${options.config} is valid: ${count(checks.length, 'check')}`);
      }
      for (const warning of config.warnings) terminal.err(`WARNING: ${warning}`);
      if (options.json !== true) for (const { line } of fates) terminal.err(`WARNING: ${line}`);
      end(0);
    });
};

function problemView({ file, line, column, text }: Problem): object {
  return { file, line, column, message: text };
}

function printJson(value: object): string {
  return JSON.stringify(value, null, 2);
}

function view(check: Check): object {
  const { id, type, target, escalation } = check;
  return { id, type, target, page: escalation ?? 'none', worstCaseMs: worstCaseMs(check) };
}

function windowView({ covers, below, when, why }: MaintenanceWindow, now: number): object {
  const next = occurrenceAt(when, now);
  const times = next && { startsAt: rfc3339(next.startsAt), endsAt: rfc3339(next.endsAt) };
  return { checks: covers, below, why, next: times };
}

/** In the zone that it is written in, which is the one that its author has in mind. */
function windowLine({ covers, below, when, why }: MaintenanceWindow, now: number): string {
  const what = `maintenance of ${covers.join(', ')}${below ? ' and below' : ''}`;
  const reason = why === '' ? '' : ` (${why})`;
  const next = occurrenceAt(when, now);
  if (next === null) return `${what}: is over${reason}`;
  const zone = 'timezone' in when ? when.timezone : 'UTC';
  const [from, to] = [next.startsAt, next.endsAt].map((at) => wallTime(at, zone));
  const is = next.startsAt <= now ? 'now, since' : 'next';
  return `${what}: ${is} ${from ?? ''} to ${to ?? ''} ${zone}${reason}`;
}

/** `2026-10-25 01:30` */
function wallTime(at: number, zone: string): string {
  const wall = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone);
  return wall.toPlainDateTime().toString({ smallestUnit: 'minute' }).replace('T', ' ');
}

function row(check: Check, config: Config): readonly string[] {
  const { id, type, target, escalation } = check;
  const paging =
    escalation === null
      ? 'pages nobody'
      : `${verb(escalation, config)} at most ${printDuration(worstCaseMs(check))} after it breaks`;
  return [id, type, target, paging];
}

/** Who is paged where a step names a rotation: now, and whose turn comes next. */
function duty({ rotation, responder, until, next }: DutyView, { responders }: Config): string {
  const who = (id: string | null) => responders.get(id ?? '')?.name ?? 'nobody';
  const now = `${rotation}: ${who(responder)} is on duty`;
  return until === null ? now : `${now} until ${when(until)}, then ${who(next)}`;
}

function verb(escalation: string, { escalations, channels }: Config): string {
  const used = escalations.get(escalation)?.steps.flatMap(({ by }) => by) ?? [];
  return used.every((id) => channels.get(id)?.type === 'console')
    ? 'prints to the console'
    : `pages ${escalation}`;
}

function count(n: number, noun: string): string {
  return `${String(n)} ${noun}${n === 1 ? '' : 's'}`;
}
