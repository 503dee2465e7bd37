import { expect, it } from 'vitest';
import { boardOf, configOf, MORNING, notificationOf } from '../server/house.ts';
import { Watched } from './watched.ts';

it('bundles that wait are those on the board; those that left are counted once', async () => {
  const watched = new Watched();
  const held = { heldUntil: MORNING + 900_000, dueAt: MORNING + 900_000 };
  const rows = [
    notificationOf('b1', held),
    notificationOf('k2', { bundledInto: 'b1', state: 'withheld', reason: 'bundled' }),
    notificationOf('b3', { ...held, channel: 'gone' }),
    notificationOf('b4', { heldUntil: null }),
  ];
  watched.board = boardOf([], [], rows);
  const key = 'b4';
  watched.change({ notifications: rows, reasons: [{ outcome: 'bundled', key }] });
  watched.change({ notifications: rows, reasons: [{ outcome: 'receipt recorded', key }] });
  await watched.read();
  const seen = await watched.read();
  expect(seen.value('tocsin_bundles_held', { channel: 'sms' })).toBe(1);
  expect(seen.value('tocsin_bundles_held', { channel: 'lifeline' })).toBe(0);
  expect(seen.value('tocsin_bundles_total', { channel: 'sms' })).toBe(1);
  expect(seen.value('tocsin_bundles_total', { channel: 'lifeline' })).toBe(0);
  expect(seen.all('tocsin_bundles_held')).toHaveLength(2);
});

it('a channel that a reload takes away and brings back goes on counting', async () => {
  const watched = new Watched();
  const { channels } = watched.config;
  const row = notificationOf('b1');
  const reasons = [{ outcome: 'bundled', key: 'b1' }] as const;
  watched.change({ notifications: [row], reasons });
  watched.configure(configOf([], { channels: new Map() }));
  expect((await watched.read()).all('tocsin_bundles_total')).toEqual([]);
  watched.configure(configOf([], { channels }));
  expect((await watched.read()).value('tocsin_bundles_total', { channel: 'sms' })).toBe(1);
});
