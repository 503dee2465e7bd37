import { describe, expect, it } from 'vitest';
import type { MaintenanceWindow } from '../../src/config/config.ts';
import { configOf } from './fixture.ts';

const HEAD = `version: 1
checks:
  shop: { tcp: 127.0.0.1:80, tags: { team: shop } }
`;

async function windowOf(keys: string): Promise<MaintenanceWindow | undefined> {
  return (await configOf(`${HEAD}maintenance:\n  - { ${keys} }\n`)).maintenance[0];
}

describe('a maintenance window', () => {
  it('by a crontab line and a length, in a named zone', async () => {
    const keys = 'checks: [shop], cron: "0 3 * * 0", for: 1h, timezone: Europe/Lisbon, below: true';
    expect(await windowOf(`${keys}, why: weekly deploy`)).toMatchObject({
      covers: ['shop'],
      below: true,
      when: { cron: '0 3 * * 0', timezone: 'Europe/Lisbon', forMs: 3_600_000 },
      why: 'weekly deploy',
    });
  });

  it.each([
    ['at: 2026-07-01T09:00, for: 90m', '2026-07-01T09:00Z', '2026-07-01T10:30Z'],
    [
      'from: 2026-10-25T01:30, to: 2026-10-25T01:30, timezone: Europe/Lisbon',
      '2026-10-25T00:30Z',
      '2026-10-25T01:30Z',
    ],
    [
      'from: "2026-07-01 09:00+02:00", to: 2026-07-01T08:00Z',
      '2026-07-01T07:00Z',
      '2026-07-01T08:00Z',
    ],
  ])('once: %s', async (keys, from, to) => {
    expect((await windowOf(`checks: ["*"], ${keys}`))?.when).toEqual({
      from: Date.parse(from),
      to: Date.parse(to),
    });
  });

  it('covers nothing below and has no reason where none is written', async () => {
    const keys = 'checks: [team=shop], at: 2026-07-01T09:00, for: 1h';
    expect(await windowOf(keys)).toMatchObject({ covers: ['team=shop'], below: false, why: '' });
  });

  it('is the same over restarts, and another with whatever is written of it', async () => {
    const keys = 'checks: [shop], cron: "0 3 * * 0", for: 1h';
    const key = (await windowOf(keys))?.key;
    expect((await windowOf(keys))?.key).toBe(key);
    expect((await windowOf(`${keys}, below: true`))?.key).not.toBe(key);
  });
});
