/** `tocsin incidents [CODE]`: what is open, one incident with all that is known of it, or what one message was about. */
import type { BundleView, IncidentView } from '../incident/view.ts';
import { INCIDENT_COLUMNS, incidentLine, printBundle, printIncident } from './_incident.ts';
import { ask, askAll } from './_operator.ts';
import { table, type AddCommand, type AskOptions } from './terminal.ts';

export const addIncidents: AddCommand = (program, terminal, end) => {
  program
    .command('incidents')
    .argument('[code]', 'the code of an incident, such as 7K, or of a message about several')
    .description('show open incidents, or one of them')
    .option('--all', 'also those that are over')
    .option('--json', 'as JSON')
    .action(async (code: string | undefined, options: AskOptions & { all?: boolean }) => {
      if (code !== undefined) {
        const path = `/api/v1/incidents/${encodeURIComponent(code)}`;
        const asked = await ask(options, terminal, 'GET', path);
        if ('failed' in asked) {
          end(asked.failed);
          return;
        }
        const found = asked.body as IncidentView | BundleView;
        if ('incidentsTotal' in found) printBundle(found, options, terminal);
        else printIncident(found, options, terminal);
        end(0);
        return;
      }
      const query = options.all === true ? '?state=all' : '';
      const asked = await askAll(options, terminal, `/api/v1/incidents${query}`);
      if ('failed' in asked) {
        end(asked.failed);
        return;
      }
      const incidents = asked.items as readonly IncidentView[];
      if (options.json === true) terminal.out(JSON.stringify(incidents, null, 2));
      else if (incidents.length === 0) terminal.err('nothing is open');
      else
        for (const line of table(INCIDENT_COLUMNS, incidents.map(incidentLine))) terminal.out(line);
      end(0);
    });
};
