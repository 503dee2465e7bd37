/**
 * A daemon's store and nothing else, as a process to be killed: opens the directory it is given,
 * says `ready` or why not, then appends for ever and prints the seq of each Change that is stored.
 */
import { writeSync } from 'node:fs';
import { openStore } from '../../src/store/open-store.ts';
import { systemClock } from '../../src/system/clock.ts';
import { change, incident, member } from './rows.ts';

const [directory = '', mode] = process.argv.slice(2);
const opened = await openStore({ directory, clock: systemClock() });
if ('refused' in opened) {
  writeSync(1, `${opened.refused}\n`);
  process.exit(1);
}
const { store } = opened;
const { seq, epoch } = await store.load();
writeSync(1, 'ready\n');

async function append(n: number): Promise<void> {
  const id = `i${n}`;
  const rows = { incidents: [incident(id)], members: [member(id)] };
  const stored = await store.append(change({ seq: n, epoch, ...rows }));
  if (stored === 'stored') writeSync(1, `${n}\n`);
}

if (mode === 'append') {
  for (let n = seq + 1; ; n += 3) await Promise.all([append(n), append(n + 1), append(n + 2)]);
}
