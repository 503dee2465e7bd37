/** `tocsin note CODE TEXT`: a line for the incident's timeline, posted out of band as well. */
import type { IncidentView } from '../incident/view.ts';
import { printIncident } from './_incident.ts';
import { ask } from './_operator.ts';
import type { AddCommand, CommonOptions } from './terminal.ts';

export const addNote: AddCommand = (program, terminal, end) => {
  program
    .command('note')
    .argument('<code>', "an incident's code, such as 7K")
    .argument('<text...>', 'what there is to say')
    .description("add a note to an incident's timeline")
    .option('--by <who>', "a responder's id, or a name (default: you)")
    .option('--json', 'the incident as JSON')
    .action(async (code: string, words: string[], options: CommonOptions & { by?: string }) => {
      const by = options.by ?? terminal.env['USER'] ?? 'cli';
      const path = `/api/v1/incidents/${encodeURIComponent(code)}/notes`;
      const asked = await ask(options, terminal, 'POST', path, { by, text: words.join(' ') });
      if ('failed' in asked) {
        end(asked.failed);
        return;
      }
      printIncident(asked.body as IncidentView, options, terminal, asked.recorded);
      end(0);
    });
};
