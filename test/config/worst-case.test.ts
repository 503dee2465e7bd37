/** The promise that `validate` prints. */
import { expect, it } from 'vitest';
import { worstCaseMs } from '../../src/config/worst-case.ts';
import { configOf } from './fixture.ts';

it.each([
  ['the built-in values', '', 30 + 2 * 10 + 3 * 5],
  ['3 of 5', 'confirm: { fail: 3 of 5 }', 30 + 4 * 10 + 5 * 5],
  ['one failure', 'confirm: { fail: 1 }', 30 + 5],
  ['a fast check', 'every: 2s, confirm: { fail: 2 }', 2 + 2 + 2 * 2],
  ['a cron check', 'cron: "*/5 * * * *"', 300 + 2 * 10 + 3 * 5],
  ['an hourly one that is patient', 'cron: "0 * * * *", timeout: 60s', 3_600 + 2 * 10 + 3 * 60],
  ['one that rests at the weekend', 'cron: "0 9 * * mon-fri"', 3 * 86_400 + 2 * 10 + 3 * 5],
])('with %s', async (_, keys, seconds) => {
  const { checks } = await configOf(
    `version: 1\nchecks:\n  a: { tcp: "a.example.com:1"${keys === '' ? '' : `, ${keys}`} }\n`,
  );
  expect([...checks.values()].map(worstCaseMs)).toEqual([seconds * 1_000]);
});

it('a job may break just after it has reported', async () => {
  const { checks } = await configOf(
    'version: 1\nchecks: { a: { heartbeat: { every: 24h, grace: 1h }, token: token-of-the-job } }\n',
  );
  expect([...checks.values()].map(worstCaseMs)).toEqual([25 * 3_600_000]);
});
