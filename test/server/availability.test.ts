import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { House, MORNING } from './house.ts';

const DAY = 86_400_000;
const TODAY = Math.floor(MORNING / DAY) * DAY;

let house: House;
let stop: () => Promise<void>;
beforeEach(async () => {
  house = new House();
  const operator = await house.open();
  stop = () => operator.stop();
});
afterEach(() => stop());

const availability = async (): Promise<unknown> => {
  const { json } = await house.get('/api/v1/checks/shop');
  return (json as unknown as { availability: unknown }).availability;
};
const day = (ago: number, up: number, down: number) => ({
  ...{ startsAt: TODAY - ago * DAY, up, degraded: 0, down, unknown: 0 },
});

describe('how much of the time a check was up', () => {
  it('counts degraded as up, and leaves out what could not be seen', async () => {
    house.tallies = { lately: { up: 6, degraded: 3, down: 1, unknown: 90 }, days: [] };
    expect(await availability()).toEqual({ '24h': 0.9, '7d': null, '30d': null, '90d': null });
  });

  it('takes whole days, today included', async () => {
    const days = [day(0, 10, 0), day(6, 5, 5), day(7, 0, 20), day(29, 10, 0), day(89, 50, 0)];
    house.tallies = { lately: { up: 1, degraded: 0, down: 0, unknown: 0 }, days };
    const [month, quarter] = [25 / 50, 75 / 100];
    expect(await availability()).toEqual({ '24h': 1, '7d': 0.75, '30d': month, '90d': quarter });
  });

  it('is left out while the history hangs: the check itself is told', async () => {
    house.tallies = null;
    const asked = house.get('/api/v1/checks/shop');
    while (house.clock.pending() === 0) await new Promise(setImmediate);
    await house.clock.advance(1_000);
    expect((await asked).json).toMatchObject({ id: 'shop', availability: null });
  });
});

describe('a backup', () => {
  it('is written where it was asked for', async () => {
    const { status, json } = await house.post('/api/v1/backup', { file: '/var/backups/t.db' });
    expect([status, json]).toEqual([200, { file: '/var/backups/t.db', bytes: 8_192 }]);
    expect(house.backups).toEqual(['/var/backups/t.db']);
  });

  it('says why it was not written', async () => {
    house.backup = { refused: '/var/backups/t.db is there already' };
    const { status, json } = await house.post('/api/v1/backup', { file: '/var/backups/t.db' });
    expect([status, json]).toMatchObject([409, { detail: '/var/backups/t.db is there already' }]);
  });

  it('needs an absolute path: the daemon may have been started elsewhere', async () => {
    const { status, json } = await house.post('/api/v1/backup', { file: 't.db' });
    expect(status).toBe(400);
    expect(json).toMatchObject({
      detail: expect.stringMatching(/^file: expected an absolute path/),
    });
    expect(house.backups).toEqual([]);
  });
});
