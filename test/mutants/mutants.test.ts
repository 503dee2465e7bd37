import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { MUTANTS } from './mutants.ts';
import { plant } from './run.ts';

const AT_ONCE = 5;
const DAY = 24 * 60 * 60 * 1000;

test.each(MUTANTS)('"$bug" can still be planted', ({ file, from, to }) => {
  const source = readFileSync(file, 'utf8');
  expect(source.split(from)).toHaveLength(2);
  expect(to).not.toBe(from);
});

/** Others every day; `npm run prove` plants all. */
const first = (Math.floor(Date.now() / DAY) * AT_ONCE) % MUTANTS.length;
const todays = [...MUTANTS, ...MUTANTS].slice(first, first + AT_ONCE);

test.each(todays)('"$bug" is found', { timeout: 60_000 }, async (mutant) => {
  expect((await plant(mutant)).foundBy).not.toBeNull();
});
