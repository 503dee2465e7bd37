import { expect, it } from 'vitest';
import { apply } from '../../src/incident/apply.ts';
import { emptyBoard } from '../../src/incident/board.ts';
import type { Incident } from '../../src/incident/incident.ts';
import type { Input } from '../../src/incident/input.ts';
import type { Notification } from '../../src/incident/notification.ts';
import { lightEnough } from '../../src/incident/weight.ts';
import { facts } from '../message/facts.ts';
import { incidentOf, MORNING, notificationOf } from '../server/house.ts';

const EMPTY = { down: 0, checks: 0, over: 0, news: 0, shared: '', lines: [] };
const told = (n: number) => Array.from({ length: n }, (_, i) => `i${i}`);
const due = (incident: string): Input => ({ type: 'due', incident });
const count = (
  inputs: readonly Input[],
  rows: readonly Notification[] = [],
  incidents: readonly Incident[] = [],
): number => {
  const board = emptyBoard(1);
  const none = {
    checks: [],
    members: [],
    timeline: [],
    silences: [],
    drills: [],
    reaches: [],
  };
  const change = { seq: 1, epoch: 1, at: MORNING, notifications: rows, incidents, ...none };
  apply(board, { ...change, overrides: [], cursors: [], reasons: [] });
  return lightEnough(
    board,
    inputs.map((input) => ({ input })),
  );
};

it('two hundred inputs about one incident each are decided together', () => {
  expect(count([])).toBe(0);
  expect(count(told(7).map(due))).toBe(7);
  expect(count(told(500).map(due))).toBe(200);
});

it('what is about more than that is decided by itself', () => {
  const about = told(1_000);
  const bundle = notificationOf('b', {
    about,
    facts: facts({ bundle: { ...EMPTY, down: 1_000 } }),
  });
  const receipt: Input = {
    ...{ type: 'receipt', key: 'b', outcome: 'accepted', reference: null, retryAt: null },
  };
  expect(count([receipt, due('i1')], [bundle])).toBe(1);
  expect(count([due('i1'), due('i2'), receipt], [bundle])).toBe(2);
});

it('so is a lane with very much to tell, and a slice of a reply', () => {
  const waiting = { dueAt: MORNING, heldUntil: MORNING, state: 'queued', about: [] } as const;
  const held = notificationOf('b', { ...waiting, facts: facts({ bundle: EMPTY }) });
  const rows = told(300).map((id) =>
    notificationOf(id, { about: [id], facts: facts(), state: 'withheld', bundledInto: 'b' }),
  );
  const lane: Input = { type: 'due', lane: 'ana sms' };
  expect(count([lane, lane], [held, ...rows])).toBe(1);
  expect(count([lane, lane], [held])).toBe(2);
  const said = { channel: 'sms', responder: 'ana', text: 'D3', sentAt: MORNING, reference: 'R' };
  const slice: Input = { type: 'heard', ...said, part: { ids: told(150), isLast: false } };
  expect(count([slice, slice])).toBe(1);
});

it('what every incident is looked at for is decided by itself where there are very many', () => {
  const why = { by: 'ana', why: 'deploy' } as const;
  const all: Input = { type: 'silence', covers: ['*'], below: false, forMs: 60_000, ...why };
  const over: Input = { type: 'unsilence', silence: 's', by: 'ana' };
  const back: Input = { type: 'resumed', awaySince: MORNING };
  for (const input of [all, over, back, { type: 'reloaded' } as const]) {
    expect(
      count(
        [input, due('i1')],
        [],
        told(300).map((code) => incidentOf(code)),
      ),
    ).toBe(1);
    expect(
      count(
        [due('i1'), input],
        [],
        told(300).map((code) => incidentOf(code)),
      ),
    ).toBe(1);
    expect(count([input, due('i1')], [], [incidentOf('7K')])).toBe(2);
  }
});
