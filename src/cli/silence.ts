/**
 * `tocsin silence CHECK`: it pages nobody for a while, with an end and a reason; looks go on. `tocsin
 * silences` lists what is silenced and what is planned, `tocsin unsilence` ends one before its time.
 */
import type { SilenceView } from '../incident/silence-view.ts';
import { parseDuration } from '../system/values.ts';
import { whoSays } from './_who.ts';
import { when } from './_when.ts';
import { ask, askAll } from './_operator.ts';
import { show, table, type AddCommand, type AskOptions } from './terminal.ts';

type Wish = AskOptions & {
  readonly for?: string;
  readonly until?: string;
  readonly why?: string;
  readonly by?: string;
  readonly below?: boolean;
};

export const addSilence: AddCommand = (program, terminal, end) => {
  program
    .command('silence')
    .argument('<check>', 'the id of a check, tag=value, or "*" for all')
    .description('page nobody about a check for a while; looks go on')
    .option('--for <duration>', 'how long, such as 2h')
    .option('--until <what>', 'recovered: until it is up again, instead of --for')
    .option('--why <text>', 'the reason; needed')
    .option('--below', 'also what hangs below it')
    .option('--by <who>', "a responder's id, or a name (default: you)")
    .option('--json', 'the silence as JSON')
    .action(async (check: string, options: Wish) => {
      const wrong = usage(options);
      if (wrong !== null) {
        terminal.err(wrong);
        end(2);
        return;
      }
      const { for: length, until, why, below } = options;
      const asked = await ask(options, terminal, 'POST', '/api/v1/silences', {
        check,
        ...(length === undefined ? { until } : { for: length }),
        ...(below === true ? { below } : {}),
        by: await whoSays(options, terminal),
        why,
      });
      if ('failed' in asked) {
        end(asked.failed);
        return;
      }
      show(asked.body, options, terminal, () => rows([asked.body as SilenceView]));
      end(0);
    });
};

/** All that is missing at once. */
function usage({ for: length, until, why }: Wish): string | null {
  if (until !== undefined && until !== 'recovered') return `--until ${until}: expected recovered`;
  const parsed = length === undefined ? null : parseDuration(length);
  if (parsed && 'why' in parsed) return `--for ${length ?? ''}: ${parsed.why}`;
  const missing = [
    ...((length === undefined) === (until === undefined)
      ? ['--for DURATION, such as --for 2h, or --until recovered']
      : []),
    ...(why === undefined ? ['--why TEXT, the reason'] : []),
  ];
  return missing.length === 0 ? null : `expected ${missing.join('; and ')}`;
}

export const addSilences: AddCommand = (program, terminal, end) => {
  program
    .command('silences')
    .description('show what is silenced, and the maintenance that is planned')
    .option('--json', 'as JSON')
    .action(async (options: AskOptions) => {
      const asked = await askAll(options, terminal, '/api/v1/silences');
      if ('failed' in asked) {
        end(asked.failed);
        return;
      }
      const silences = asked.items as readonly SilenceView[];
      if (silences.length === 0 && options.json !== true) terminal.err('nothing is silenced');
      else show(silences, options, terminal, () => rows(silences));
      end(0);
    });
};

export const addUnsilence: AddCommand = (program, terminal, end) => {
  program
    .command('unsilence')
    .argument('<silence>', 'its id or the beginning of it, or the check as it was silenced')
    .description('end a silence now: what is still down pages')
    .option('--by <who>', "a responder's id, or a name (default: you)")
    .option('--json', 'the silence as JSON')
    .action(async (named: string, options: AskOptions & { by?: string }) => {
      const asked = await askAll(options, terminal, '/api/v1/silences');
      if ('failed' in asked) {
        end(asked.failed);
        return;
      }
      const meant = (asked.items as readonly SilenceView[]).filter((silence) => {
        return silence.id.startsWith(named) || silence.covers.join(',') === named;
      });
      if (meant.length === 0) {
        terminal.err(`no silence "${named}": tocsin silences lists them`);
        end(1);
        return;
      }
      const by = await whoSays(options, terminal);
      const ended: SilenceView[] = [];
      for (const { id } of meant) {
        const path = `/api/v1/silences/${encodeURIComponent(id)}/end`;
        const answer = await ask(options, terminal, 'POST', path, { by });
        if ('body' in answer) ended.push(answer.body as SilenceView);
      }
      show(ended, options, terminal, () => rows(ended));
      end(ended.length === meant.length ? 0 : 1);
    });
};

const ID_SHOWN = 8;
const COLUMNS = ['id', 'checks', 'when', 'by', 'why'];

function rows(silences: readonly SilenceView[]): readonly string[] {
  const cells = silences.map((silence) => {
    const { id, covers, below, by, why, startsAt, endsAt, inForce } = silence;
    const until = endsAt === null ? 'until it recovers' : `until ${when(endsAt)}`;
    const time = inForce ? until : `from ${when(startsAt)} ${until}`;
    const what = `${covers.join(', ')}${below ? ' and below' : ''}`;
    return [id.slice(0, ID_SHOWN), what, time, by, why];
  });
  return table(COLUMNS, cells);
}
