/** `tocsin ack CODE`: somebody has it; the paging stops and the others hear who it is. */
import { parseDuration } from '../system/values.ts';
import { sayOf } from './_incident.ts';
import type { AddCommand, CommonOptions } from './terminal.ts';

export const addAck: AddCommand = (program, terminal, end) => {
  program
    .command('ack')
    .argument('<code>', "an incident's code, such as 7K")
    .description('acknowledge an incident')
    .option('--by <who>', "a responder's id, or a name (default: you)")
    .option('--for <duration>', 'page again after this long, such as 4h')
    .option('--json', 'the incident as JSON')
    .action(async (code: string, options: CommonOptions & { by?: string; for?: string }) => {
      const until = options.for === undefined ? null : parseDuration(options.for);
      if (until && 'why' in until) {
        terminal.err(`--for ${options.for ?? ''}: ${until.why}`);
        end(2);
        return;
      }
      const body = options.for === undefined ? {} : { for: options.for };
      end(await sayOf(code, 'acknowledge', body, options, terminal));
    });
};
