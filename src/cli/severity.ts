/** `tocsin severity CODE critical`: worse than it seemed pages anew, less bad is only posted. */
import { Argument } from 'commander';
import { sayOf } from './_incident.ts';
import type { AddCommand, AskOptions } from './terminal.ts';

export const addSeverity: AddCommand = (program, terminal, end) => {
  program
    .command('severity')
    .argument('<code>', 'the code of an incident, such as 7K, or of a message about several')
    .addArgument(new Argument('<severity>', 'how bad it is').choices(SEVERITIES))
    .description("raise or lower an incident's severity; raised, it pages from the first step")
    .option('--by <who>', "a responder's id, or a name (default: you)")
    .option('--json', 'the incident as JSON')
    .action(async (code: string, severity: string, options: AskOptions & { by?: string }) => {
      const said = await sayOf(code, 'severity', { severity }, options, terminal);
      end('failed' in said ? said.failed : 0);
    });
};

export const SEVERITIES = ['critical', 'major', 'minor'];
