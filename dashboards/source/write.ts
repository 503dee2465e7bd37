/** `npm run dashboards`: writes the JSON that Grafana reads. A test holds the committed files equal. */
import { writeFileSync } from 'node:fs';
import { dashboard } from './board.ts';
import { check } from './check.ts';
import { overview } from './overview.ts';
import { paging } from './paging.ts';
import { tocsin } from './tocsin.ts';

/** By the name of the file. */
export const boards = { overview, check, paging, tocsin };

export function asJson(name: keyof typeof boards): string {
  return `${JSON.stringify(dashboard(boards[name]), null, 2)}\n`;
}

if (import.meta.main) {
  for (const name of Object.keys(boards) as (keyof typeof boards)[]) {
    writeFileSync(new URL(`../${name}.json`, import.meta.url), asJson(name));
  }
}
