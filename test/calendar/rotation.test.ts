import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { hoursOf, opensAt } from '../../src/calendar/hours.ts';
import {
  countTurns,
  dutyWith,
  gapIn,
  midnightOf,
  onDuty,
  type Layer,
  type Rotation,
} from '../../src/calendar/rotation.ts';

const LISBON = 'Europe/Lisbon';
const at = (instant: string): number => Date.parse(instant);
const utc = (instant: number): string => new Date(instant).toISOString().slice(0, 16);

function weekly(fields: Partial<Layer> = {}): Rotation {
  const layer: Layer = {
    members: ['ana', 'ben'],
    startsAt: midnightOf('2026-01-05', LISBON),
    handoff: '0 9 * * 1',
    timezone: LISBON,
    hours: null,
    ...fields,
  };
  return { id: 'primary', layers: [layer] };
}

const whoIsOn = (rotation: Rotation, instant: string) => {
  const duty = onDuty(rotation, at(instant));
  return duty === null ? 'nobody' : `${duty.responder} until ${utc(duty.until)}`;
};

describe('turns', () => {
  it('the first member has it from the first hand-over on or after the start', () => {
    expect(whoIsOn(weekly(), '2026-01-05T09:00Z')).toBe('ana until 2026-01-12T09:00');
  });

  it('and before it: a rotation that has not begun leaves no gap', () => {
    expect(whoIsOn(weekly(), '2025-12-24T03:00Z')).toBe('ana until 2026-01-12T09:00');
  });

  it('change at the hand-over and not a moment before', () => {
    expect(whoIsOn(weekly(), '2026-01-12T08:59:59.999Z')).toBe('ana until 2026-01-12T09:00');
    expect(whoIsOn(weekly(), '2026-01-12T09:00Z')).toBe('ben until 2026-01-19T09:00');
  });

  it('are handed over at nine by the clock on the wall, in winter and in summer', () => {
    expect(whoIsOn(weekly(), '2026-03-29T12:00Z')).toMatch(/until 2026-03-30T08:00$/);
    expect(whoIsOn(weekly(), '2026-10-25T12:00Z')).toMatch(/until 2026-10-26T09:00$/);
  });

  it('on the night that has no 01:30 a hand-over at 01:30 happens once, at 02:00', () => {
    const nightly = weekly({ handoff: '30 1 * * *' });
    expect(whoIsOn(nightly, '2026-03-29T00:59Z')).toMatch(/until 2026-03-29T01:00$/);
    const before = onDuty(nightly, at('2026-03-29T00:59Z'))?.responder;
    const after = onDuty(nightly, at('2026-03-29T01:00Z'))?.responder;
    expect(new Set([before, after])).toEqual(new Set(['ana', 'ben']));
  });

  it('are the same whichever instant is asked for first', () => {
    const instants = fc.date({
      min: new Date('2026-01-01'),
      max: new Date('2031-01-01'),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(instants, fc.integer({ min: 1, max: 5 }), (instant, size) => {
        const members = ['a', 'b', 'c', 'd', 'e'].slice(0, size);
        const duty = onDuty(weekly({ members }), instant.getTime());
        const weeks = Math.floor(
          (Date.parse(localDay(instant)) - Date.parse('2026-01-05T09:00Z')) / (7 * 86_400_000),
        );
        expect(duty?.responder).toBe(members[Math.max(0, weeks) % size]);
      }),
      { numRuns: 200 },
    );
  });
});

/** The local wall clock, read as if it were UTC. */
function localDay(instant: Date): string {
  return `${instant.toLocaleString('sv-SE', { timeZone: LISBON }).replace(' ', 'T')}Z`;
}

describe('layers', () => {
  const office = hoursOf('mon-fri', '09:00', '18:00');
  const [always] = weekly().layers;
  const layered = (...layers: readonly (Layer | undefined)[]): Rotation => ({
    id: 'primary',
    layers: layers.filter((layer) => layer !== undefined),
  });

  it('the last that is on has it, and the one below takes over when its hours end', () => {
    const [day] = weekly({ members: ['carol'], hours: office }).layers;
    const rotation = layered(always, day);
    expect(whoIsOn(rotation, '2026-01-07T10:00Z')).toBe('carol until 2026-01-07T18:00');
    expect(whoIsOn(rotation, '2026-01-07T18:00Z')).toBe('ana until 2026-01-08T09:00');
    expect(whoIsOn(rotation, '2026-01-10T10:00Z')).toBe('ana until 2026-01-12T09:00');
  });

  it('a time that no layer covers is a gap, found and named', () => {
    const [day] = weekly({ hours: office }).layers;
    expect(onDuty(layered(day), at('2026-01-10T10:00Z'))).toBeNull();
    const gap = gapIn(layered(day), at('2026-01-07T12:00Z'), 7 * 86_400_000);
    expect(gap && [utc(gap.from), utc(gap.until)]).toEqual([
      '2026-01-07T18:00',
      '2026-01-08T09:00',
    ]);
    expect(gapIn(layered(always, day), at('2026-01-07T12:00Z'), 7 * 86_400_000)).toBeNull();
  });
});

describe('turns taken over', () => {
  const spell = (responder: string, from: string, until: string) => ({
    ...{ responder, from: at(from), until: at(until) },
  });
  const night = spell('ben', '2026-01-06T18:00Z', '2026-01-07T09:00Z');

  it('bound the turns beside them; of two at a time the one made last counts', () => {
    const part = spell('carol', '2026-01-06T20:00Z', '2026-01-06T22:00Z');
    const who = (instant: string, ...spells: (typeof night)[]) => {
      const duty = dutyWith(weekly(), spells, at(instant));
      return duty && `${duty.responder} until ${utc(duty.until)}`;
    };
    expect(who('2026-01-06T12:00Z', night)).toBe('ana until 2026-01-06T18:00');
    expect(who('2026-01-06T19:00Z', night, part)).toBe('ben until 2026-01-06T20:00');
    expect(who('2026-01-06T21:00Z', night, part)).toBe('carol until 2026-01-06T22:00');
    expect(who('2026-01-06T21:00Z', part, night)).toBe('ben until 2026-01-07T09:00');
    expect(who('2026-01-07T09:00Z', night)).toBe('ana until 2026-01-12T09:00');
  });
});

test('years of hand-overs are counted some at a time, and the answer is the same', () => {
  const rotation = weekly({ startsAt: midnightOf('2019-01-07', LISBON), handoff: '0 7 * * *' });
  const now = at('2026-01-07T12:00Z');
  let times = 1;
  while (!countTurns(rotation, now, 50)) times += 1;
  expect(times).toBe(Math.ceil((7 * 365 + 2) / 50));
  expect(onDuty(rotation, now)?.until).toBe(at('2026-01-08T07:00Z'));
});

describe('hours', () => {
  it.each([
    ['within them', 'mon-fri', '09:00', '18:00', '2026-01-07T12:00Z', '2026-01-07T12:00'],
    ['at their first moment', 'mon-fri', '09:00', '18:00', '2026-01-07T09:00Z', '2026-01-07T09:00'],
    ['at their end', 'mon-fri', '09:00', '18:00', '2026-01-07T18:00Z', '2026-01-08T09:00'],
    ['on Friday evening', 'mon-fri', '09:00', '18:00', '2026-01-09T19:00Z', '2026-01-12T09:00'],
    ['over midnight', 'fri', '22:00', '06:00', '2026-01-10T05:00Z', '2026-01-10T05:00'],
    ['after a night', 'fri', '22:00', '06:00', '2026-01-10T06:00Z', '2026-01-16T22:00'],
    [
      'the whole of some days',
      'sat,sun',
      '00:00',
      '24:00',
      '2026-01-11T23:59Z',
      '2026-01-11T23:59',
    ],
    [
      'after the whole of them',
      'sat-sun',
      '00:00',
      '24:00',
      '2026-01-12T00:00Z',
      '2026-01-17T00:00',
    ],
    [
      'over the end of a week',
      'sat-mon',
      '09:00',
      '10:00',
      '2026-01-11T09:30Z',
      '2026-01-11T09:30',
    ],
    ['in summer time', 'mon-fri', '09:00', '18:00', '2026-07-07T07:59Z', '2026-07-07T08:00'],
  ])('%s', (_, days, from, to, instant, opens) => {
    expect(utc(opensAt(hoursOf(days, from, to), LISBON, at(instant)))).toBe(opens);
  });
});
