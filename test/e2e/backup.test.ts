/** A backup of the running daemon, and a start from it. */
import { copyFileSync, existsSync, rmSync, statSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openHouse } from './house.ts';

let house: Awaited<ReturnType<typeof openHouse>>;
beforeEach(async () => {
  house = await openHouse();
});
afterEach(() => house.close());

test('a daemon that starts from a backup knows the incident and who has it', async () => {
  const daemon = await house.start();
  house.shop.answerWith(500);
  const page = await house.waitForSms('+351912345678', /DOWN/);
  const code = page.body.split(' ')[0] ?? '';
  expect((await house.command('ack', code, '--by', 'ben')).code).toBe(0);

  const file = join(house.folder, 'tocsin.db');
  const written = await house.command('backup', file);
  expect(written).toMatchObject({ code: 0, out: expect.stringContaining(`${file}: a copy of`) });
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const again = await house.command('backup', file);
  expect(again).toMatchObject({ code: 1, err: expect.stringContaining('is there already') });
  expect(existsSync(`${file}.new`)).toBe(false);

  await daemon.kill('SIGKILL');
  const data = join(house.folder, 'data');
  rmSync(data, { recursive: true });
  await mkdir(data);
  copyFileSync(file, join(data, 'journal.db'));
  await house.start();
  const { out } = await house.command('incidents', code, '--json');
  const held = expect.objectContaining({ code, state: 'acknowledged', acknowledgedBy: 'ben' });
  expect([JSON.parse(out)].flat()).toEqual([held]);
});
