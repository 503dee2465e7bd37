/** `tocsin backup FILE`: a copy of what the running daemon remembers, which a restart can begin with. */
import { resolve } from 'node:path';
import { ask } from './_operator.ts';
import { show, type AddCommand, type AskOptions } from './terminal.ts';

export const addBackup: AddCommand = (program, terminal, end) => {
  program
    .command('backup')
    .argument('<file>', 'where the daemon writes it; it must not be there yet')
    .description('copy incidents, acknowledgements and silences to a file')
    .option('--json', 'as JSON')
    .action(async (file: string, options: AskOptions) => {
      const asked = await ask(options, terminal, 'POST', '/api/v1/backup', { file: resolve(file) });
      if ('failed' in asked) {
        end(asked.failed);
        return;
      }
      const written = asked.body as { readonly file: string; readonly bytes: number };
      const line = `${written.file}: a copy of journal.db, ${String(written.bytes)} bytes`;
      show(written, options, terminal, () => [line]);
      end(0);
    });
};
