import { expect, it } from 'vitest';
import { configOf } from './fixture.ts';

const HEAD = `version: 1
checks: { shop: { tcp: 127.0.0.1:80 } }
channels: { console: { type: console } }
responders: { ana: {} }
escalations: { on-call: { steps: [{ page: [ana], by: [console] }] } }
`;
const drillsOf = async (...lines: readonly string[]) =>
  (await configOf(`${HEAD}drills:\n${lines.map((line) => `  - ${line}\n`).join('')}`)).drills;

it('a drill is of an escalation, by a crontab line in a named zone, with a time to answer', async () => {
  const line = '{ escalation: on-call, cron: "0 10 1 * *", timezone: Europe/Lisbon, within: 10m }';
  expect(await drillsOf(line)).toMatchObject([
    {
      escalation: 'on-call',
      cron: '0 10 1 * *',
      timezone: 'Europe/Lisbon',
      withinMs: 600_000,
    },
  ]);
});

it('without a zone its times are UTC, and people have a quarter of an hour', async () => {
  const [first, second] = await drillsOf(
    '{ escalation: on-call, cron: "0 10 1 * *" }',
    '{ escalation: on-call, cron: "0 15 1 * *" }',
  );
  expect(first).toMatchObject({ timezone: 'UTC', withinMs: 900_000 });
  expect(first?.key).not.toBe(second?.key);
});

it('where nothing else is configured, the one escalation there is can be drilled', async () => {
  const bare = 'version: 1\nchecks: { shop: { tcp: 127.0.0.1:80 } }\n';
  const { drills } = await configOf(
    `${bare}drills: [{ escalation: on-call, cron: "0 10 1 * *" }]\n`,
  );
  expect(drills).toHaveLength(1);
});
