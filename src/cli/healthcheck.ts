/** `tocsin healthcheck`: is the daemon there and ready? For containers, which have no curl. */
import { ask } from './_operator.ts';
import type { AddCommand, AskOptions } from './terminal.ts';

export const addHealthcheck: AddCommand = (program, terminal, end) => {
  program
    .command('healthcheck')
    .description('exit 0 if the daemon is running and ready')
    .action(async (options: AskOptions) => {
      const asked = await ask(options, terminal, 'GET', '/-/ready');
      if ('failed' in asked) {
        end(asked.failed);
        return;
      }
      terminal.out('ready');
      end(0);
    });
};
