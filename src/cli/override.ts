/**
 * `tocsin override ROTATION RESPONDER`: Ben takes Tuesday night. `tocsin overrides` lists what was
 * taken over and is not past, `tocsin unoverride` gives a turn back.
 */
import type { OverrideView } from '../incident/duty-view.ts';
import { whoSays } from './_who.ts';
import { when } from './_when.ts';
import { ask, askAll } from './_operator.ts';
import { show, table, type AddCommand, type AskOptions } from './terminal.ts';

type Wish = AskOptions & {
  readonly from?: string;
  readonly until?: string;
  readonly for?: string;
  readonly why?: string;
  readonly by?: string;
};

export const addOverride: AddCommand = (program, terminal, end) => {
  program
    .command('override')
    .argument('<rotation>', "a rotation's id")
    .argument('<responder>', 'the id of whoever takes it over')
    .description("take somebody's turns over for a while")
    .option('--from <time>', 'such as 2026-01-06T18:00Z (default: now)')
    .option('--until <time>', 'such as 2026-01-07T09:00Z')
    .option('--for <duration>', 'how long, such as 12h, instead of --until')
    .option('--why <text>', 'the reason')
    .option('--by <who>', "a responder's id, or a name (default: you)")
    .option('--json', 'the override as JSON')
    .action(async (rotation: string, responder: string, options: Wish) => {
      const { from, until, for: length, why } = options;
      if ((until === undefined) === (length === undefined)) {
        terminal.err('expected --until TIME, or --for DURATION, such as --for 12h');
        end(2);
        return;
      }
      const wish = { rotation, responder, from, until, for: length, why };
      const asked = await ask(options, terminal, 'POST', '/api/v1/overrides', {
        ...Object.fromEntries(Object.entries(wish).filter(([, value]) => value !== undefined)),
        by: await whoSays(options, terminal),
      });
      if ('failed' in asked) {
        end(asked.failed);
        return;
      }
      show(asked.body, options, terminal, () => rows([asked.body as OverrideView]));
      end(0);
    });
};

export const addOverrides: AddCommand = (program, terminal, end) => {
  program
    .command('overrides')
    .description('show whose turns were taken over')
    .option('--json', 'as JSON')
    .action(async (options: AskOptions) => {
      const asked = await askAll(options, terminal, '/api/v1/overrides');
      if ('failed' in asked) {
        end(asked.failed);
        return;
      }
      const overrides = asked.items as readonly OverrideView[];
      if (overrides.length === 0 && options.json !== true) terminal.err('nothing is taken over');
      else show(overrides, options, terminal, () => rows(overrides));
      end(0);
    });
};

export const addUnoverride: AddCommand = (program, terminal, end) => {
  program
    .command('unoverride')
    .argument('<override>', 'its id, or the beginning of it')
    .description('give a turn back')
    .option('--by <who>', "a responder's id, or a name (default: you)")
    .option('--json', 'the override as JSON')
    .action(async (named: string, options: AskOptions & { by?: string }) => {
      const asked = await askAll(options, terminal, '/api/v1/overrides');
      if ('failed' in asked) {
        end(asked.failed);
        return;
      }
      const [meant, other] = (asked.items as readonly OverrideView[]).filter(({ id }) =>
        id.startsWith(named),
      );
      if (!meant || other) {
        const what = meant ? 'more than one override begins with' : 'no override';
        terminal.err(`${what} "${named}": tocsin overrides lists them`);
        end(1);
        return;
      }
      const path = `/api/v1/overrides/${encodeURIComponent(meant.id)}/end`;
      const by = await whoSays(options, terminal);
      const ended = await ask(options, terminal, 'POST', path, { by });
      if ('body' in ended) show(ended.body, options, terminal, () => rows([meant]));
      end('body' in ended ? 0 : ended.failed);
    });
};

const ID_SHOWN = 8;
const COLUMNS = ['id', 'rotation', 'on duty', 'from', 'until', 'by', 'why'];

function rows(overrides: readonly OverrideView[]): readonly string[] {
  const cells = overrides.map(({ id, rotation, responder, from, until, by, why }) => {
    return [id.slice(0, ID_SHOWN), rotation, responder, when(from), when(until), by, why];
  });
  return table(COLUMNS, cells);
}
