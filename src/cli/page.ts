/** `tocsin page CODE RESPONDER`: pulls somebody in, by every address, whoever has the incident. */
import { sayOf } from './_incident.ts';
import type { AddCommand, AskOptions } from './terminal.ts';

export const addPage: AddCommand = (program, terminal, end) => {
  program
    .command('page')
    .argument('<code>', 'the code of an incident, such as 7K, or of a message about several')
    .argument('<responder>', "a responder's id or name")
    .description('page a responder about an incident now')
    .option('--by <who>', "a responder's id, or a name (default: you)")
    .option('--json', 'the incident as JSON')
    .action(async (code: string, responder: string, options: AskOptions & { by?: string }) => {
      const said = await sayOf(code, 'page', { responder }, options, terminal);
      end('failed' in said ? said.failed : 0);
    });
};
