/**
 * `tocsin plan`: what the configuration would change if it were reloaded now, before it is. It is
 * held against the running daemon, if there is one to ask; nothing is applied.
 */
import { type Config, type TemplateName, TEMPLATES } from '../config/config.ts';
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
      const templates = await reworded(options.config, config, terminal);
      if (options.json === true) {
        terminal.out(JSON.stringify({ against: running.against, ...plan, templates }, null, 2));
      } else {
        print({ ...plan, templates }, running, config, terminal);
      }
      end(0);
    });
};

/** The templates that say something else than those in force: the daemon keeps what it runs on. */
async function reworded(
  file: string,
  { templates }: Config,
  { env }: Terminal,
): Promise<TemplateName[]> {
  const inForce = await loadLastGood({ file, env });
  if (inForce === null) return [];
  return TEMPLATES.filter((name) => templates[name].text !== inForce.templates[name].text);
}

function print(
  plan: Plan & { readonly templates: readonly TemplateName[] },
  running: Running,
  config: Config,
  terminal: Terminal,
): void {
  if (running.against === 'nothing') {
    terminal.err('no daemon answers: held against nothing, so that everything is new');
  }
  const { added, removed, changed, incidents, told, templates } = plan;
  const rows = [
    ...added.map((id) => ['+', id, config.checks.get(id)?.target ?? '']),
    ...removed.map((id) => ['-', id, 'not looked at any more']),
    ...changed.map(({ id, what }) => ['~', id, what.join(', ')]),
  ];
  if (rows.length > 0) {
    for (const line of table(['', 'check', 'what'], rows)) terminal.out(line);
  }
  if (templates.length > 0) {
    terminal.out(`messages would be in other words: ${templates.join(', ')}`);
  }
  for (const { code, title, becomes, left } of incidents) {
    const leaves = left.length === 0 ? '' : `: ${left.join(', ')} would leave it`;
    terminal.out(`incident ${code ?? '(new)'} ${title} would be ${WORDS[becomes]}${leaves}`);
  }
  for (const [line, count] of counted(told)) {
    terminal.out(`would be told: ${line}${count > 1 ? ` (${String(count)} messages)` : ''}`);
  }
  if (rows.length + incidents.length + templates.length === 0) terminal.out('nothing would change');
  else if (told.length === 0) terminal.out('nobody would be told');
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
