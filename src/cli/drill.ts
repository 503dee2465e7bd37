/**
 * `tocsin drill ESCALATION`: a test page to real people, who are expected to answer, or the end of it. `tocsin drills`
 * lists what was drilled and will be, and when everybody was last proven reachable.
 */
import type { DrillView, ReachView } from '../incident/drill-view.ts';
import { whoSays } from './_who.ts';
import { when, whenIfAny } from './_when.ts';
import { ask, askAll } from './_operator.ts';
import { table, type AddCommand, type AskOptions, type Terminal } from './terminal.ts';

const DRILLS = '/api/v1/drills';

type Wish = AskOptions & {
  readonly within?: string;
  readonly by?: string;
  readonly cancel?: boolean;
};

export const addDrill: AddCommand = (program, terminal, end) => {
  program
    .command('drill')
    .argument('<escalation>', "an escalation's id; of one to be called off, its code will do")
    .description('send a test page to the people of an escalation, who are to answer it')
    .option('--within <duration>', 'how long they have to answer (default: 15m)')
    .option('--cancel', 'call off the one that is under way')
    .option('--by <who>', "a responder's id, or a name (default: you)")
    .option('--json', 'the drill as JSON')
    .action(async (escalation: string, options: Wish) => {
      const { within, cancel } = options;
      const by = await whoSays(options, terminal);
      const asked =
        cancel === true
          ? await ask(
              options,
              terminal,
              'POST',
              `${DRILLS}/${encodeURIComponent(escalation)}/cancel`,
              { by },
            )
          : await ask(options, terminal, 'POST', DRILLS, {
              escalation,
              ...(within === undefined ? {} : { within }),
              by,
            });
      if ('failed' in asked) {
        end(asked.failed);
        return;
      }
      if (!asked.recorded) terminal.err('done, but not stored yet');
      const drill = asked.body as DrillView;
      printDrill(drill, options, terminal);
      const isUnheld = drill.ending === 'spared';
      if (isUnheld) terminal.err(`nobody was asked: ${whyNobody(drill)}`);
      end(isUnheld ? 1 : 0);
    });
};

export const addDrills: AddCommand = (program, terminal, end) => {
  program
    .command('drills')
    .argument('[code]', "a drill's code, such as 7K")
    .description('show drills, and when everybody was last proven reachable')
    .option('--json', 'as JSON')
    .action(async (code: string | undefined, options: AskOptions) => {
      if (code !== undefined) {
        const path = `${DRILLS}/${encodeURIComponent(code)}`;
        const one = await ask(options, terminal, 'GET', path);
        if ('body' in one) printDrill(one.body as DrillView, options, terminal);
        end('failed' in one ? one.failed : 0);
        return;
      }
      const listed = await askAll(options, terminal, DRILLS);
      const reach = 'failed' in listed ? listed : await askAll(options, terminal, '/api/v1/reach');
      if ('failed' in listed || 'failed' in reach) {
        end(1);
        return;
      }
      const drills = listed.items as readonly DrillView[];
      const ways = reach.items as readonly ReachView[];
      if (options.json === true) terminal.out(JSON.stringify({ drills, reach: ways }, null, 2));
      else printAll(drills, ways, terminal);
      end(0);
    });
};

function whyNobody({ escalation, people }: DrillView): string {
  if (people.length === 0) return `the steps of ${escalation} name nobody who is on duty now`;
  const names = people.map(({ name }) => name).join(', ');
  return `${names}: there is a page to them that nobody has acknowledged. Try again after it`;
}

export function printDrill(drill: DrillView, { json }: AskOptions, terminal: Terminal): void {
  if (json === true) {
    terminal.out(JSON.stringify(drill, null, 2));
    return;
  }
  for (const line of table(DRILL_COLUMNS, [drillRow(drill)])) terminal.out(line);
  if (drill.people.length === 0) return;
  terminal.out('\nPeople');
  const rows = drill.people.map(({ name, state, askAt, answeredAt, notifications }) => [
    name,
    state,
    state === 'waiting' ? `from ${when(askAt)}` : whenIfAny(answeredAt),
    notifications.map((sent) => `${sent.channel} ${sent.reason ?? sent.state}`).join(', '),
  ]);
  for (const line of table(['who', 'state', 'at', 'sent'], rows)) terminal.out(`  ${line}`);
}

const DRILL_COLUMNS = ['code', 'escalation', 'state', 'starts', 'answers by', 'asked by'];

function drillRow(drill: DrillView): readonly string[] {
  const { code, escalation, state, ending, startsAt, answerBy, by } = drill;
  return [
    code,
    escalation,
    ending ?? state,
    when(startsAt),
    whenIfAny(answerBy),
    by ?? 'checks.yml',
  ];
}

function printAll(
  drills: readonly DrillView[],
  ways: readonly ReachView[],
  terminal: Terminal,
): void {
  if (drills.length === 0) terminal.err('no drill is planned or was held');
  else for (const line of table(DRILL_COLUMNS, drills.map(drillRow))) terminal.out(line);
  if (ways.length === 0) return;
  terminal.out('\nLast proven reachable');
  const rows = ways.map(({ name, channel, lastReachedAt, lastAnsweredAt }) => [
    name,
    channel,
    lastReachedAt === null ? 'not known' : when(lastReachedAt),
    lastAnsweredAt === null ? 'not known' : when(lastAnsweredAt),
  ]);
  const columns = ['who', 'channel', 'a message arrived', 'they answered'];
  for (const line of table(columns, rows)) terminal.out(`  ${line}`);
}
