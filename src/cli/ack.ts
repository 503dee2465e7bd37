/** `tocsin ack CODE`: somebody has it; the paging stops and the others hear who it is. Of a drill: its answer. */
import type { DrillView } from '../incident/drill-view.ts';
import type { IncidentView } from '../incident/view.ts';
import { parseDuration } from '../system/values.ts';
import { sayOf } from './_incident.ts';
import { whoSays } from './_who.ts';
import { ask, askAll } from './_operator.ts';
import { when } from './_when.ts';
import { printDrill } from './drill.ts';
import type { AddCommand, AskOptions, ExitCode, Terminal } from './terminal.ts';

type Options = AskOptions & { by?: string; for?: string; takeOver?: boolean };

export const addAck: AddCommand = (program, terminal, end) => {
  program
    .command('ack')
    .argument(
      '[code]',
      'of an incident, such as 7K, or of a message about several (default: the one that is yours)',
    )
    .description('acknowledge an incident')
    .option('--by <who>', "a responder's id, or a name (default: you)")
    .option('--for <duration>', 'page again after this long, such as 4h')
    .option('--take-over', 'from whoever has it already')
    .option('--json', 'the incident as JSON')
    .action(async (given: string | undefined, options: Options) => {
      const until = options.for === undefined ? null : parseDuration(options.for);
      if (until && 'why' in until) {
        terminal.err(`--for ${options.for ?? ''}: ${until.why}`);
        end(2);
        return;
      }
      const code = given ?? (await theOne(options, terminal));
      if (typeof code !== 'string') {
        end(code.failed);
        return;
      }
      const path = `/api/v1/incidents/${encodeURIComponent(code)}`;
      const held: string[] = [];
      const quiet = { ...terminal, err: (line: string) => held.push(line) };
      const before = await ask(options, quiet, 'GET', path);
      if ('failed' in before) {
        const isThere =
          before.status === 404 &&
          (await isDrill(code, options, { ...terminal, err: () => undefined }));
        if (!isThere) for (const line of held) terminal.err(line);
        end(isThere ? await answerDrill(code, options, terminal) : before.failed);
        return;
      }
      const { acknowledgedAt = null, acknowledgedBy } = before.body as Partial<IncidentView>;
      const body = {
        ...(options.for === undefined ? {} : { for: options.for }),
        ...(options.takeOver === true ? { take_over: true } : {}),
      };
      const said = await sayOf(code, 'acknowledge', body, options, terminal);
      if ('incident' in said && acknowledgedAt !== null) {
        const isSame = said.incident.acknowledgedAt === acknowledgedAt;
        const who = acknowledgedBy ?? 'somebody';
        if (isSame)
          terminal.err(`${who} has it since ${when(acknowledgedAt)} (--take-over takes it over)`);
      }
      end('failed' in said ? said.failed : 0);
    });
};

/** As a bare OK by SMS: what is open and was paged to whoever says so; if it is one, it is meant. */
async function theOne(
  options: Options,
  terminal: Terminal,
): Promise<string | { readonly failed: ExitCode }> {
  const asked = await askAll(options, terminal, '/api/v1/incidents?state=open');
  if ('failed' in asked) return asked;
  const open = asked.items as readonly IncidentView[];
  const by = await whoSays(options, terminal);
  const mine = open.filter(({ notifications }) =>
    notifications.some(({ kind, responder }) => kind === 'page' && responder === by),
  );
  const [one, another] = mine.length > 0 ? mine : open;
  if (one && !another) return one.code;
  const codes = (mine.length > 0 ? mine : open).map(({ code, title }) => `${code} ${title}`);
  terminal.err(one ? `which of them? ${codes.join(', ')}` : 'nothing is open');
  return { failed: one ? 2 : 1 };
}

async function isDrill(code: string, options: Options, terminal: Terminal): Promise<boolean> {
  const asked = await ask(options, terminal, 'GET', pathOf(code));
  return 'body' in asked;
}

async function answerDrill(code: string, options: Options, terminal: Terminal): Promise<ExitCode> {
  const by = await whoSays(options, terminal);
  const said = await ask(options, terminal, 'POST', `${pathOf(code)}/acknowledge`, { by });
  if ('failed' in said) return said.failed;
  printDrill(said.body as DrillView, options, terminal);
  return 0;
}

function pathOf(code: string): string {
  return `/api/v1/drills/${encodeURIComponent(code)}`;
}
