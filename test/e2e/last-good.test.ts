/** A start that finds a broken file: the last good configuration runs, and is loud about it. */
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openHouse } from './house.ts';

let house: Awaited<ReturnType<typeof openHouse>>;
let good: string;
let kept: string;

beforeEach(async () => {
  house = await openHouse();
  await mkdir(join(house.folder, 'conf.d'));
  writeFileSync(
    join(house.folder, 'conf.d/edge.yml'),
    'checks: { edge: { exec: ["/bin/true"] } }\n',
  );
  good = readFileSync(house.file, 'utf8').replace('checks:', 'include: [conf.d/*.yml]\nchecks:');
  writeFileSync(house.file, good);
  kept = join(house.folder, 'data/last-good.json');
  const daemon = await house.start();
  await daemon.kill('SIGTERM');
});
afterEach(() => house.close());

const metric = async (name: string): Promise<string | undefined> => {
  const text = await (await fetch(`${house.operator}/metrics`)).text();
  return new RegExp(`^${name}(?:{[^}]*})? (.*)$`, 'm').exec(text)?.[1];
};

const RELOADED = 'tocsin_config_last_reload_successful';
const OLD = /Tocsin runs an old configuration/;

describe('the last good configuration', () => {
  test('is kept for its owner only, without any secret', () => {
    expect(statSync(kept).mode & 0o777).toBe(0o600);
    const text = readFileSync(kept, 'utf8');
    expect(text).toContain('${env:E2E_TOKEN}');
    expect(text).not.toContain(house.token);
  });

  test('runs while the file is broken, which is paged, and the file when it is mended', async () => {
    writeFileSync(house.file, good.replace('every: 1s', 'evry: 1s'));
    rmSync(join(house.folder, 'conf.d'), { recursive: true });
    const daemon = await house.start();
    const said = await daemon.waitFor(({ event }) => event.startsWith('the file is broken'));
    expect(said['problems']).toEqual([expect.stringMatching(/:\d+:5 unknown key "evry"/)]);
    expect(await metric(RELOADED)).toBe('0');
    await house.waitForSms('+351912345678', OLD);
    const edge = await fetch(`${house.operator}/api/v1/checks/edge`);
    expect(edge.status).toBe(200);

    const command = await house.command('incidents');
    expect(command.out).toMatch(OLD);

    writeFileSync(house.file, good);
    const reloaded = await fetch(`${house.operator}/-/reload`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
    });
    expect(reloaded.status).toBe(200);
    expect(await metric(RELOADED)).toBe('1');
    await house.waitForSms('+351912345678', /OK|UP|resolved/i);
  });

  test('is found beside a file that cannot even be parsed, also by who acknowledges', async () => {
    writeFileSync(house.file, `data: "./data"\n${good}\n  : [\n`);
    const daemon = await house.start();
    await daemon.waitFor(({ event }) => event.startsWith('the file is broken'));
    await house.waitForSms('+351912345678', OLD);
    expect((await house.command('incidents')).out).toMatch(OLD);
  });

  test('is of no use without its secrets: both stories are told, and the exit code is 2', async () => {
    writeFileSync(house.file, good.replace('every: 1s', 'evry: 1s'));
    const daemon = house.spawnWithout('E2E_TOKEN');
    expect(await daemon.ended).toBe(2);
    const told = daemon.other.join('\n');
    expect(told).toMatch(/unknown key "evry"/);
    expect(told).toMatch(/kept in .*last-good\.json, cannot be used either:\n.*E2E_TOKEN/);
  });

  test('of another file with the same data is not taken', async () => {
    const other = join(house.folder, 'other.yml');
    writeFileSync(other, 'version: 1\nchekcs: {}\n');
    const daemon = house.spawn(other);
    expect(await daemon.ended).toBe(2);
  });
});
