/** `tocsin schema`: the JSON Schema of checks.yml, for editors. */
import { channels } from '../channels/index.ts';
import { jsonSchema } from '../config/json-schema.ts';
import { probes } from '../probes/index.ts';
import type { AddCommand } from './terminal.ts';

export const addSchema: AddCommand = (program, terminal, end) => {
  program
    .command('schema')
    .description('print the JSON Schema of checks.yml')
    .option('--json', 'it always is')
    .action(() => {
      terminal.out(JSON.stringify(jsonSchema(probes, channels), null, 2));
      end(0);
    });
};
