/** `tocsin checks`: every check and how it is now. */
import { whenIfAny } from './_when.ts';
import { askAll } from './_operator.ts';
import { show, table, type AddCommand, type AskOptions } from './terminal.ts';

interface CheckView {
  readonly id: string;
  readonly state: string;
  readonly reason: string | null;
  readonly detail: string | null;
  readonly since: string | null;
  readonly incident: string | null;
  readonly silence: { readonly maintenance: boolean } | null;
}

export const addChecks: AddCommand = (program, terminal, end) => {
  program
    .command('checks')
    .description('show every check and how it is now')
    .option('--json', 'as JSON')
    .action(async (options: AskOptions) => {
      const asked = await askAll(options, terminal, '/api/v1/checks');
      if ('failed' in asked) {
        end(asked.failed);
        return;
      }
      const checks = asked.items as readonly CheckView[];
      show(checks, options, terminal, () => table(COLUMNS, checks.map(cells)));
      end(0);
    });
};

const COLUMNS = ['check', 'state', 'since', 'silence', 'incident', 'detail'];

function cells({ id, state, detail, since, incident, silence }: CheckView): readonly string[] {
  // A job's own words may have many lines; --json has them all.
  const [words = ''] = (detail ?? '').split('\n');
  const kind = silence?.maintenance === true ? 'maintenance' : 'silenced';
  return [id, state, whenIfAny(since), silence === null ? '' : kind, incident ?? '', words];
}
