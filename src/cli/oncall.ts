/** `tocsin oncall`: who has it now, or at a time, until when, and who is next. */
import type { DutyView } from '../incident/duty-view.ts';
import { whenIfAny } from './_when.ts';
import { ask } from './_operator.ts';
import { table, type AddCommand, type AskOptions } from './terminal.ts';

export const addOncall: AddCommand = (program, terminal, end) => {
  program
    .command('oncall')
    .description('show who is on duty in each rotation')
    .option('--at <time>', 'such as 2026-01-05T09:00Z (default: now)')
    .option('--json', 'as JSON')
    .action(async (options: AskOptions & { at?: string }) => {
      const query = options.at === undefined ? '' : `?at=${encodeURIComponent(options.at)}`;
      const asked = await ask(options, terminal, 'GET', `/api/v1/oncall${query}`);
      if ('failed' in asked) {
        end(asked.failed);
        return;
      }
      const { items } = asked.body as { readonly items: readonly DutyView[] };
      if (options.json === true) terminal.out(JSON.stringify(items, null, 2));
      else if (items.length === 0) terminal.err('there are no rotations');
      else for (const line of table(COLUMNS, items.map(row))) terminal.out(line);
      end(0);
    });
};

const COLUMNS = ['rotation', 'on duty', 'until', 'next', 'by layer'];

function row({ rotation, name, responder, until, next, layer }: DutyView): readonly string[] {
  const who = responder === null ? 'nobody' : `${name ?? responder} (${responder})`;
  return [
    rotation,
    who,
    whenIfAny(until),
    next ?? '',
    layer === null ? (responder === null ? '' : 'override') : String(layer),
  ];
}
