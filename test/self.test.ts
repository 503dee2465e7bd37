import { expect, test } from 'vitest';
import { BLIND, PULSE, type Config } from '../src/config/config.ts';
import { emptyBoard } from '../src/incident/board.ts';
import { createSelf } from '../src/self.ts';
import { checkCalled, configOf } from './incident/story.ts';
import { VirtualClock } from './virtual-clock.ts';

test('blindness is over once a reload has left no witness to say so', async () => {
  const clock = new VirtualClock(Date.UTC(2026, 2, 3));
  const board = emptyBoard(1);
  const witness = checkCalled('witness', { type: 'tcp', target: '192.0.2.1:443' });
  const witnesses = (...all: readonly (typeof witness)[]): Config => ({
    ...configOf({ checks: [] }),
    self: { witnesses: new Map(all.map((each) => [each.id, each])), checks: new Map(), rdap: null },
  });
  let config = witnesses(witness);
  const turns: string[] = [];
  const self = createSelf({
    clock,
    config: () => config,
    board,
    scheduler: { lookAgain: () => undefined },
    counted: (state) => board.checks.set(state.check, state),
    submit: ({ check, to }) => Promise.resolve(turns.push(`${check} ${to}`)),
  });
  self.start();
  self.saw({
    ...{ check: 'witness', generation: 'g1', from: 'local', at: clock.now(), tookMs: 5_000 },
    ...{ status: 'down', findings: [], reason: 'timeout', brief: 'no answer' },
  });
  await clock.advance(60_000);
  expect(turns).toEqual([`${BLIND} down`]);
  config = witnesses();
  await clock.advance(60_000);
  expect(turns).toEqual([`${BLIND} down`, `${BLIND} up`]);
  self.stop();
});

test('a dead-man switch that refuses is a trouble after ten minutes, and over with the first that is taken', async () => {
  const clock = new VirtualClock(Date.UTC(2026, 2, 3));
  const board = emptyBoard(1);
  const turns: string[] = [];
  const self = createSelf({
    clock,
    config: () => configOf({ checks: [] }),
    board,
    scheduler: { lookAgain: () => undefined },
    counted: (state) => board.checks.set(state.check, state),
    submit: ({ check, to, brief }) => Promise.resolve(turns.push(`${check} ${to} ${brief}`)),
  });
  const refused = { since: clock.now(), why: 'HTTP 404' };
  self.unheard(refused);
  await clock.advance(599_999);
  self.unheard(refused);
  expect(turns).toEqual([]);
  await clock.advance(1);
  self.unheard(refused);
  self.unheard(refused);
  expect(turns).toEqual([`${PULSE} down heartbeat_to is not taken: HTTP 404`]);
  self.unheard(null);
  expect(turns.slice(1)).toEqual([`${PULSE} up `]);
});
