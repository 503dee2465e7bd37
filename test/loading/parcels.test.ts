/** A large configuration on its way from the thread that read it: never more than a parcel in a turn. */
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { afterEach, describe, expect, it } from 'vitest';
import type { Config } from '../../src/config/config.ts';
import type { LoadedConfig } from '../../src/config/load.ts';
import { CHECKS_A_PARCEL, receiveParcels, sendParcels } from '../../src/loading/_parcels.ts';
import { configOf } from '../config/fixture.ts';

const MANY = 4 * CHECKS_A_PARCEL + 1;
let ports: MessagePort[] = [];
afterEach(() => {
  for (const port of ports) port.close();
});

const many = (): Promise<Config> => {
  const checks = Array.from({ length: MANY }, (_, i) => `  c${i}: { tcp: "10.0.0.1:${i + 1}" }\n`);
  return configOf(`version: 1\nchecks:\n${checks.join('')}`);
};

async function sent(loaded: LoadedConfig, heard: (message: unknown) => void = () => {}) {
  const { port1, port2 } = new MessageChannel();
  ports = [port1, port2];
  port2.on('message', heard);
  sendParcels(port1, loaded);
  return receiveParcels(port2);
}

describe('a configuration of many checks', () => {
  it('arrives as it was sent', async () => {
    const config = await many();
    const original = 'version: 1';
    expect(await sent({ config, original })).toEqual({ config, original });
  });

  it('comes in parcels, each in a turn of the loop of its own', async () => {
    let turn = 0;
    let ticking = setImmediate(function tick() {
      turn += 1;
      ticking = setImmediate(tick);
    });
    const turns = new Map<number, number>();
    const heard = (message: unknown): void => {
      const { checks = [] } = message as { checks?: readonly unknown[] };
      turns.set(turn, (turns.get(turn) ?? 0) + checks.length);
    };
    await sent({ config: await many(), original: '' }, heard);
    clearImmediate(ticking);
    const counts = [...turns.values()];
    expect(Math.max(...counts)).toBe(CHECKS_A_PARCEL);
    expect(counts.reduce((sum, count) => sum + count)).toBe(MANY);
  });

  it('holds once what is the same in the checks of a parcel', async () => {
    const loaded = await sent({ config: await many(), original: '' });
    const [first, second] = 'config' in loaded ? [...loaded.config.checks.values()] : [];
    expect(second?.confirm).toBe(first?.confirm);
    expect(second?.options).not.toBe(first?.options);
  });
});

it('what is wrong with a file arrives as it was sent', async () => {
  const problems = [{ file: 'checks.yml', line: 1, column: 2, text: 'is empty' }];
  expect(await sent({ problems })).toEqual({ problems });
});
