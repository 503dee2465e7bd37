/** `tocsin open TITLE`: an incident that no check has seen; it lasts until somebody resolves it. */
import { Option } from 'commander';
import type { IncidentView } from '../incident/view.ts';
import { printIncident, warnUnstored } from './_incident.ts';
import { whoSays } from './_who.ts';
import { ask } from './_operator.ts';
import { SEVERITIES } from './severity.ts';
import type { AddCommand, AskOptions } from './terminal.ts';

type Options = AskOptions & {
  readonly severity: string;
  readonly page?: string;
  readonly text?: string;
  readonly by?: string;
};

export const addOpen: AddCommand = (program, terminal, end) => {
  program
    .command('open')
    .argument('<title...>', 'what is wrong, such as "customers report that they cannot pay"')
    .description('open an incident by hand, and page for it')
    .addOption(
      new Option('--severity <severity>', 'how bad it is').choices(SEVERITIES).default('major'),
    )
    .option('--page <escalation>', 'an escalation, or none (default: as for checks)')
    .option('--text <text>', 'what else is known')
    .option('--by <who>', "a responder's id, or a name (default: you)")
    .option('--json', 'the incident as JSON')
    .action(async (words: string[], options: Options) => {
      const { severity, page, text } = options;
      const asked = await ask(options, terminal, 'POST', '/api/v1/incidents', {
        title: words.join(' '),
        severity,
        ...(page === undefined ? {} : { escalation: page }),
        ...(text === undefined ? {} : { text }),
        by: await whoSays(options, terminal),
      });
      if ('failed' in asked) {
        end(asked.failed);
        return;
      }
      if (!asked.recorded) warnUnstored(terminal);
      printIncident(asked.body as IncidentView, options, terminal);
      end(0);
    });
};
