/** `tocsin resolve CODE`: it is over; by force only with a reason. */
import { sayOf } from './_incident.ts';
import type { AddCommand, AskOptions } from './terminal.ts';

type Options = AskOptions & { by?: string; force?: boolean; why?: string };

export const addResolve: AddCommand = (program, terminal, end) => {
  program
    .command('resolve')
    .argument('<code>', 'the code of an incident, such as 7K, or of a message about several')
    .description('end an incident')
    .option('--by <who>', "a responder's id, or a name (default: you)")
    .option('--force', 'although it is still down: its checks are silenced until they recover')
    .option('--why <text>', 'the reason; needed with --force')
    .option('--json', 'the incident as JSON')
    .action(async (code: string, options: Options) => {
      if (options.force === true && options.why === undefined) {
        terminal.err('--force needs --why TEXT: the reason is told to whoever was paged');
        end(2);
        return;
      }
      const body = {
        ...(options.why === undefined ? {} : { text: options.why }),
        ...(options.force === true ? { force: true } : {}),
      };
      const said = await sayOf(code, 'resolve', body, options, terminal);
      end('failed' in said ? said.failed : 0);
    });
};
