/**
 * `tocsin plan`: what the configuration would change if it were reloaded now, before it is. It is
 * held against the running daemon, if there is one to ask; nothing is applied.
 */
import { type Config, type TemplateName, TEMPLATES } from '../config/config.ts';
import { differencesOf, needsRestart, type Difference } from '../config/differences.ts';
import { dutyViews } from '../incident/duty-view.ts';
import { planOf, type Plan, type Told } from '../incident/plan.ts';
import { loadLastGood } from '../loading/last-good.ts';
import { systemClock } from '../system/clock.ts';
import { askRunning, type Running } from './_running.ts';
import { readConfig } from './_settings.ts';
import { table, type AddCommand, type AskOptions, type Terminal } from './terminal.ts';

export const addPlan: AddCommand = (program, terminal, end) => {
  program
    .command('plan')
    .description('say what a changed configuration would do, without doing it')
    .option('--json', 'as JSON')
    .action(async (options: AskOptions) => {
      const config = await readConfig(options.config, terminal);
      if (config === null) {
        end(2);
        return;
      }
      const now = systemClock().now();
      const running = await askRunning(options, terminal);
      if ('failed' in running) {
        end(running.failed);
        return;
      }
      const plan = planOf(running.checks, running.board, config, now);
      const isRunning = running.against === 'running';
      const inForce = isRunning
        ? await loadLastGood({ file: options.config, env: terminal.env })
        : null;
      const whole = { ...plan, ...otherwise(inForce, config, running, now) };
      if (options.json === true) {
        terminal.out(JSON.stringify({ against: running.against, ...whole }, null, 2));
      } else {
        print(whole, running, config, terminal);
      }
      end(0);
    });
};

interface Otherwise {
  /** false: what the daemon runs on could not be read here, so that only checks were compared. */
  readonly compared: boolean;
  readonly differences: readonly Difference[];
  readonly duty: readonly {
    readonly rotation: string;
    readonly before: string;
    readonly after: string;
  }[];
  readonly templates: readonly TemplateName[];
  readonly restartNeeded: readonly string[];
}

/** All but checks, held against the configuration that the daemon keeps of what it runs on. */
function otherwise(
  before: Config | null,
  after: Config,
  { board }: Running,
  now: number,
): Otherwise {
  if (before === null) {
    return { compared: false, differences: [], duty: [], templates: [], restartNeeded: [] };
  }
  const overrides = [...board.overrides.values()];
  const was = new Map(dutyViews(before, overrides, now).map((view) => [view.rotation, view]));
  const duty = dutyViews(after, overrides, now).flatMap(({ rotation, responder }) => {
    const held = was.get(rotation);
    if (held === undefined || held.responder === responder) return [];
    return [{ rotation, before: held.responder ?? 'nobody', after: responder ?? 'nobody' }];
  });
  return {
    compared: true,
    differences: differencesOf(before, after),
    duty,
    templates: TEMPLATES.filter(
      (name) => after.templates[name].text !== before.templates[name].text,
    ),
    restartNeeded: needsRestart(before, after),
  };
}

function print(plan: Plan & Otherwise, running: Running, config: Config, terminal: Terminal): void {
  if (running.against === 'nothing') {
    terminal.err('no daemon answers: held against nothing, so that everything is new');
  } else if (!plan.compared) {
    terminal.err(
      'what the daemon runs on is not kept here: only checks and incidents were compared',
    );
  }
  const { added, removed, changed, incidents, told, templates, duty, restartNeeded } = plan;
  const checks = [
    ...added.map((id) => ['+', id, config.checks.get(id)?.target ?? '']),
    ...removed.map((id) => ['-', id, 'not looked at any more']),
    ...changed.map(({ id, what }) => ['~', id, what.join(', ')]),
  ];
  printTable(['', 'check', 'what'], checks, terminal);
  const others = plan.differences.flatMap(({ kind, id, what }) =>
    what.map((words) => [MARKS[words] ?? '~', `${kind} ${id}`, words]),
  );
  printTable(['', 'who and how', 'what'], others, terminal);
  for (const { rotation, before, after } of duty) {
    terminal.out(`on duty now in ${rotation}: ${before} → ${after}`);
  }
  if (templates.length > 0) {
    terminal.out(`messages would be in other words: ${templates.join(', ')}`);
  }
  if (restartNeeded.length > 0) {
    terminal.out(`a restart is needed for: ${restartNeeded.join(', ')}`);
  }
  for (const { code, title, becomes, left } of incidents) {
    const leaves = left.length === 0 ? '' : `: ${left.join(', ')} would leave it`;
    terminal.out(`incident ${code ?? '(new)'} ${title} would be ${WORDS[becomes]}${leaves}`);
  }
  for (const [line, count] of counted(told)) {
    terminal.out(`would be told: ${line}${count > 1 ? ` (${String(count)} messages)` : ''}`);
  }
  const changes = [checks, others, incidents, templates, duty, restartNeeded];
  if (changes.every(({ length }) => length === 0)) terminal.out('nothing would change');
  else if (told.length === 0) terminal.out('nobody would be told by the reload itself');
}

const MARKS: Readonly<Record<string, string>> = { added: '+', removed: '-' };

function printTable(
  columns: readonly string[],
  rows: readonly (readonly string[])[],
  terminal: Terminal,
): void {
  if (rows.length === 0) return;
  for (const line of table(columns, rows)) terminal.out(line);
}

const WORDS = {
  ended: 'ended',
  opened: 'opened',
  'goes on': 'open as before',
  'goes on by another escalation': 'going on by another escalation',
  'pages nobody': 'kept, without paging anybody',
  silenced: 'silenced',
  'pages again': 'paging again',
} as const;

function counted(told: readonly Told[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { kind, responder, channel } of told) {
    const line = `${responder === null ? '' : `${responder} by `}${channel}: ${kind}`;
    counts.set(line, (counts.get(line) ?? 0) + 1);
  }
  return counts;
}
