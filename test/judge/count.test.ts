import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ConfirmRule } from '../../src/config/config.ts';
import type { CheckState, Turn } from '../../src/judge/check-state.ts';
import { count, isCounting, notice } from '../../src/judge/count.ts';
import type { Status, Verdict } from '../../src/judge/verdict.ts';

const S = 1_000;
const RULE: ConfirmRule = { fail: 3, of: 3, recheckMs: 10 * S, recover: 2 };
const QUORUM: ConfirmRule = { ...RULE, fail: 3, of: 5 };

function verdict(status: Status, at: number, generation = 'g1'): Verdict {
  const reason = status === 'down' ? 'status' : status === 'degraded' ? 'slow' : null;
  const brief = status === 'down' ? `HTTP 503 at ${at}` : '';
  const look = { check: 'shop', generation, from: 'lisbon', at, tookMs: 5 };
  return { ...look, status, findings: [], reason, brief };
}

/** Looks in turn, 10 s apart from 0: U up, D degraded, F down, ? unknown. */
function run(looks: string, rule = RULE, from: CheckState | null = null, startAt = 0) {
  let state = from;
  const turns: Turn[] = [];
  let lookAgainAt: number | undefined;
  Array.from(looks).forEach((letter, i) => {
    const at = startAt + i * 10 * S;
    const status = ({ U: 'up', D: 'degraded', F: 'down', '?': 'unknown' } as const)[letter]!;
    const counted = count(state, verdict(status, at), rule, at + 5);
    state = counted.state;
    lookAgainAt = counted.lookAgainAt;
    if (counted.turn) turns.push(counted.turn);
  });
  return { state: state!, turns, lookAgainAt };
}

const ways = (turns: Turn[]) => turns.map(({ from, to }) => `${from} → ${to}`);

describe('the first look ever', () => {
  test('is up at once when it succeeds', () => {
    const { state, turns, lookAgainAt } = run('U');
    expect(ways(turns)).toEqual(['unknown → up']);
    expect(state).toMatchObject({ status: 'up', since: 0, lookedAt: 0, tookMs: 5, window: [] });
    expect(lookAgainAt).toBeUndefined();
  });

  test('is degraded at once with the reason', () => {
    const { state } = run('D');
    expect(state).toMatchObject({ status: 'degraded', reason: 'slow' });
  });

  test('has to be confirmed when it fails', () => {
    const { state, turns, lookAgainAt } = run('F');
    expect(turns).toEqual([]);
    expect(state).toMatchObject({ status: 'unknown', firstFailedAt: 0, lastStatus: 'down' });
    expect(lookAgainAt).toBe(10 * S);
  });

  test('confirmed from unknown is down since the first failure', () => {
    expect(ways(run('FFF').turns)).toEqual(['unknown → down']);
  });

  test('with fail: 1 one failure is enough', () => {
    const { turns, lookAgainAt } = run('UF', { ...RULE, fail: 1, of: 1 });
    expect(ways(turns)).toEqual(['unknown → up', 'up → down']);
    expect(lookAgainAt).toBeUndefined();
  });
});

describe('confirming', () => {
  test('the third failure in a row is the turn, since the first, with the latest words', () => {
    const { state, turns } = run('UFFF');
    expect(turns[1]).toEqual({
      check: 'shop',
      from: 'up',
      to: 'down',
      at: 30 * S + 5,
      since: 10 * S,
      reason: 'status',
      brief: 'HTTP 503 at 30000',
    });
    expect(state).toMatchObject({ since: 10 * S, firstFailedAt: 10 * S, window: [], successes: 0 });
  });

  test('two failures and a success with 3 of 3 clear it', () => {
    const { state, turns, lookAgainAt } = run('UFFU');
    expect(turns).toHaveLength(1);
    expect(state).toMatchObject({ status: 'up', since: 0, firstFailedAt: null, window: [] });
    expect(lookAgainAt).toBeUndefined();
  });

  test('with 3 of 5 a success in between does not clear it', () => {
    expect(ways(run('UFUFUF', QUORUM).turns)).toEqual(['unknown → up', 'up → down']);
    expect(run('UFU', QUORUM).lookAgainAt).toBe(30 * S);
  });

  test('with 3 of 5 it is cleared as soon as three can no longer be reached', () => {
    expect(run('UFUU', QUORUM).state.window).toHaveLength(3);
    expect(run('UFUUU', QUORUM).state.window).toEqual([]);
  });

  test('what is trimmed takes the beginning of the trouble with it', () => {
    const { state } = run('UFUFUU', QUORUM);
    expect(state.firstFailedAt).toBe(30 * S);
    expect(run('UFUFUUFF', QUORUM).turns.at(-1)).toMatchObject({ to: 'down', since: 30 * S });
  });

  test('the next look is wanted a recheck after this one began, never in the past', () => {
    const up = run('U').state;
    expect(count(up, verdict('down', 50 * S), RULE, 51 * S).lookAgainAt).toBe(60 * S);
    expect(count(up, verdict('down', 50 * S), RULE, 70 * S).lookAgainAt).toBe(70 * S);
  });
});

describe('while down', () => {
  test('one success is not enough, and asks for a recheck', () => {
    const { state, turns, lookAgainAt } = run('FFFU');
    expect(ways(turns)).toEqual(['unknown → down']);
    expect(state).toMatchObject({ status: 'down', successes: 1 });
    expect(lookAgainAt).toBe(40 * S);
  });

  test('two in a row are up again, with nothing left of the trouble', () => {
    const { state, turns } = run('FFFUU');
    expect(ways(turns)).toEqual(['unknown → down', 'down → up']);
    expect(state).toMatchObject({ reason: null, brief: '', firstFailedAt: null, since: 40 * S });
  });

  test('a failure in between starts the count again', () => {
    expect(ways(run('FFFUFU').turns)).toEqual(['unknown → down']);
    expect(ways(run('FFFUFUU').turns)).toEqual(['unknown → down', 'down → up']);
  });

  test('a degraded look counts as a success and is what it turns to', () => {
    expect(ways(run('FFFUD').turns)).toEqual(['unknown → down', 'down → degraded']);
  });

  test('the latest failure gives the words, without a turn', () => {
    const { state, turns } = run('FFFF');
    expect(turns).toHaveLength(1);
    expect(state).toMatchObject({ since: 0, brief: 'HTTP 503 at 30000' });
  });
});

test('up and degraded change places at once', () => {
  expect(ways(run('UDU').turns)).toEqual(['unknown → up', 'up → degraded', 'degraded → up']);
});

test('a second look alike keeps since and makes no turn', () => {
  const { state, turns } = run('DD');
  expect(turns).toHaveLength(1);
  expect(state).toMatchObject({ status: 'degraded', since: 0, lookedAt: 10 * S });
});

test('an older look changes nothing', () => {
  const { state } = run('UF');
  expect(count(state, verdict('down', 9 * S), RULE, 99 * S)).toEqual({ state });
});

test('an unknown look ends the confirming: what could not be seen does not count', () => {
  const { state, turns } = run('UFF?');
  expect(turns.map(({ to }) => to)).toEqual(['up', 'unknown']);
  expect(state).toMatchObject({ status: 'unknown', lastStatus: 'unknown', lookedAt: 30 * S });
  expect(state).toMatchObject({ window: [], firstFailedAt: null });
});

test('what is down stays down while it cannot be seen', () => {
  const { state, turns } = run('UFFF?');
  expect(turns.map(({ to }) => to)).toEqual(['up', 'down']);
  expect(state).toMatchObject({ status: 'down', lastStatus: 'unknown' });
});

describe('a check that was changed', () => {
  test('starts confirming afresh and stays what it was', () => {
    const { state } = run('UFF');
    const counted = count(state, verdict('down', 30 * S, 'g2'), RULE, 30 * S);
    expect(counted.turn).toBeUndefined();
    expect(counted.state).toMatchObject({ generation: 'g2', status: 'up', firstFailedAt: 30 * S });
    expect(counted.state.window).toHaveLength(1);
  });

  test('stays down until it has recovered anew', () => {
    const { state } = run('FFFU');
    const counted = count(state, verdict('up', 40 * S, 'g2'), RULE, 40 * S);
    expect(counted.turn).toBeUndefined();
    expect(counted.state).toMatchObject({ status: 'down', since: 0, successes: 1 });
  });
});

test('a look in between leaves the count as it is', () => {
  const { state } = run('UF');
  const noticed = notice(state, verdict('down', 11 * S));
  expect(noticed).toEqual({ ...state, lookedAt: 11 * S, lastStatus: 'down' });
  expect([run('U'), run('UF'), run('FFF')].map((r) => isCounting(r.state))).toEqual([
    false,
    true,
    true,
  ]);
});

test('down always means fail of the last of looks, and up again recover in a row', () => {
  const looks = fc.array(fc.constantFrom('U', 'D', 'F'), {
    minLength: 1,
    maxLength: 40,
    size: 'max',
  });
  const rules = fc.record({
    fail: fc.integer({ min: 1, max: 5 }),
    slack: fc.nat(4),
    recover: fc.integer({ min: 1, max: 3 }),
  });
  fc.assert(
    fc.property(looks, rules, (letters, { fail, slack, recover }) => {
      const rule = { ...RULE, fail, of: fail + slack, recover };
      let down = false;
      let since = 0;
      letters.forEach((letter, i) => {
        const recent = letters.slice(Math.max(since, i + 1 - rule.of), i + 1);
        const lastOnes = letters.slice(since, i + 1).slice(-recover);
        const failed = recent.filter((seen) => seen === 'F').length;
        const turned = down
          ? lastOnes.length === recover && lastOnes.every((seen) => seen !== 'F')
          : letter === 'F' && failed >= fail;
        if (turned) {
          down = !down;
          since = i + 1;
        }
        const { state } = run(letters.slice(0, i + 1).join(''), rule);
        expect(state.status === 'down').toBe(down);
        expect(state.window.length).toBeLessThanOrEqual(rule.of);
      });
    }),
    { numRuns: 300 },
  );
});
