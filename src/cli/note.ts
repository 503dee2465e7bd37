/** `tocsin note CODE TEXT`: a line for the incident's timeline, posted out of band as well. */
import { sayOf } from './_incident.ts';
import type { AddCommand, AskOptions } from './terminal.ts';

export const addNote: AddCommand = (program, terminal, end) => {
  program
    .command('note')
    .argument('<code>', 'the code of an incident, such as 7K, or of a message about several')
    .argument('<text...>', 'what there is to say')
    .description("add a note to an incident's timeline")
    .option('--by <who>', "a responder's id, or a name (default: you)")
    .option('--json', 'the incident as JSON')
    .action(async (code: string, words: string[], options: AskOptions & { by?: string }) => {
      const body = { text: words.join(' ') };
      const said = await sayOf(code, 'notes', body, options, terminal);
      end('failed' in said ? said.failed : 0);
    });
};
