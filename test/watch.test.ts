import { beforeEach, describe, expect, test } from 'vitest';
import type { Check, Config } from '../src/config/config.ts';
import type { TocsinEvent } from '../src/events.ts';
import type { CheckState, Turn } from '../src/judge/check-state.ts';
import type { AnyProbe, Finding, Reason, Sight } from '../src/probes/probe.ts';
import type { BeginTrace } from '../src/system/trace.ts';
import type { Transport } from '../src/system/transport.ts';
import type { Signal } from '../src/system/signal.ts';
import { createSelf, type Self } from '../src/self.ts';
import type { ReadonlyBoard } from '../src/incident/board.ts';
import { createWatch, type Watch } from '../src/watch.ts';
import { VirtualClock } from './virtual-clock.ts';

const S = 1_000;
const START = Date.UTC(2026, 0, 5, 3, 12);

let clock: VirtualClock;
let watch: Watch;
let checks: Map<string, Check>;
let states: Map<string, CheckState>;
let turns: string[];
let events: TocsinEvent[];
let calls: string[];
let submit: (turn: Turn) => Promise<unknown>;
/** By check: is it well? A function may take its time, throw or hang. */
let well: Map<string, boolean | ((sight: Sight) => Promise<boolean>)>;
let drained: AbortController;
let witnesses: Map<string, Check>;
let self: Self;
let awaited: Set<string>;
let beginTrace: BeginTrace;

function check(id: string, more: Partial<Check> = {}): void {
  const confirm = { fail: 1, of: 1, recheckMs: 10 * S, recover: 1 };
  const options = { id };
  const base = { id, type: 'fake', options, generation: 'g1', confirm, dependsOn: [] };
  checks.set(id, { ...base, timeoutMs: 5 * S, ...more } as unknown as Check);
}

/** The reason of every failure. */
let failsBy: Reason = 'status';

const probe = {
  async observe({ id }: { id: string }, sight: Sight) {
    const answer = well.get(id) ?? true;
    return { ok: typeof answer === 'function' ? await answer(sight) : answer };
  },
  assess({ ok }: { ok: boolean }): Finding[] {
    const finding = { expectation: 'status', level: 'expect', expected: '200', seen: '' } as const;
    return [{ ...finding, met: ok, reason: failsBy, brief: 'HTTP 503' }];
  },
} as unknown as AnyProbe;

beforeEach(() => {
  clock = new VirtualClock(START);
  checks = new Map();
  failsBy = 'status';
  states = new Map();
  turns = [];
  events = [];
  calls = [];
  well = new Map();
  drained = new AbortController();
  submit = async () => {};
  witnesses = new Map();
  awaited = new Set();
  beginTrace = () => null;
  const config = () =>
    ({ checks, location: 'lisbon', self: { witnesses, checks: new Map() } }) as unknown as Config;
  self = createSelf({
    clock,
    config,
    board: { checks: states } as unknown as ReadonlyBoard,
    scheduler: {
      lookAgain: (id, at) => void calls.push(`again ${id} +${at - START}`),
    },
    counted: (state) => void states.set(state.check, state),
    submit: async (turn) => void turns.push(`${turn.check} ${turn.to}`),
  });
  watch = createWatch({
    clock,
    transport: {} as Transport,
    registration: () => ({ unknown: 'not asked' }),
    run: () => Promise.reject(new Error('nothing is run here')),
    inspect: () => Promise.reject(new Error('nothing is inspected here')),
    probe: (type) => (type === 'fake' ? probe : undefined),
    config,
    state: (id) => states.get(id),
    counted: (state) => states.set(state.check, state),
    isAwaited: (id) => awaited.has(id),
    submit: async (input) => {
      if (input.type === 'fresh') {
        turns.push(`${input.check} ${input.down ? 'still down' : 'answers'}`);
        return;
      }
      turns.push(`${input.check} ${input.to}`);
      await submit(input);
    },
    scheduler: {
      lookAgain: (id, at) => void calls.push(`again ${id} +${at - START}`),
      lookNow: (ids) => void calls.push(`now ${[...ids].join(' ')}`),
    },
    self,
    beginTrace: () => beginTrace(),
    emit: (event) => events.push(event),
  });
});

const look = (id: string, dueAt: number | null = clock.now()) =>
  watch.look(id, dueAt, drained.signal);
const told = (type: TocsinEvent['type']) => events.filter((event) => event.type === type);

test('a look is judged, counted and told, with its lag, and a turn is handed on', async () => {
  check('shop');
  await clock.advance(40);
  await look('shop', START);
  expect(states.get('shop')).toMatchObject({ status: 'up', lookedAt: START + 40 });
  expect(turns).toEqual(['shop up']);
  expect(told('lag')).toEqual([{ type: 'lag', check: 'shop', lagMs: 40 }]);
  expect(told('looked')).toMatchObject([
    { facts: { ok: true }, verdict: { from: 'lisbon', status: 'up' } },
  ]);
  expect(clock.pending()).toBe(0);
});

test('a look that is recorded tells its probe and whoever listens in which trace', async () => {
  const trace = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), startedAt: START };
  let seen: unknown;
  beginTrace = () => trace;
  check('shop');
  well.set('shop', async (sight) => {
    seen = sight.trace;
    return true;
  });
  await look('shop');
  expect([seen, ...told('looked'), ...told('turned')]).toMatchObject([trace, { trace }, { trace }]);
  beginTrace = () => null;
  await look('shop');
  expect(told('looked').at(-1)).not.toHaveProperty('trace');
});

test('a second look that says the same hands on nothing', async () => {
  check('shop');
  await look('shop');
  await look('shop');
  expect(turns).toEqual(['shop up']);
});

test('a failure that has to be confirmed asks for another look', async () => {
  check('shop', { confirm: { fail: 3, of: 3, recheckMs: 10 * S, recover: 2 } });
  well.set('shop', false);
  await look('shop');
  expect(calls).toContain(`again shop +${10 * S}`);
  expect(turns).toEqual([]);
});

test('a look asked for in between does not confirm what is being confirmed', async () => {
  check('shop', { confirm: { fail: 2, of: 2, recheckMs: 10 * S, recover: 2 } });
  well.set('shop', false);
  await look('shop');
  await clock.advance(1 * S);
  await look('shop', null);
  expect(turns).toEqual([]);
  expect(states.get('shop')!.lookedAt).toBe(START + 1 * S);
  await clock.advance(9 * S);
  await look('shop');
  expect(turns).toEqual(['shop down']);
});

describe('a probe that misbehaves', () => {
  test('and throws is down, internal, and told by name only', async () => {
    check('shop');
    well.set('shop', () => Promise.reject(new TypeError('Bearer c2VjcmV0')));
    await look('shop');
    expect(states.get('shop')).toMatchObject({ status: 'down', reason: 'internal' });
    expect(told('trouble')).toMatchObject([{ what: 'could not look at shop: TypeError' }]);
    expect(JSON.stringify(events)).not.toContain('c2VjcmV0');
  });

  test('and ignores its deadline is given up a second later', async () => {
    check('shop');
    let signal: Signal | undefined;
    well.set('shop', (sight) => {
      signal = sight.signal;
      return new Promise(() => {});
    });
    const looking = look('shop');
    await clock.advance(5 * S);
    expect(signal!.aborted).toBe(true);
    expect(turns).toEqual([]);
    await clock.advance(1 * S);
    await looking;
    expect(turns).toEqual(['shop down']);
  });

  test('and is of no known type is a fault as well', async () => {
    check('shop', { type: 'unheard of' });
    await look('shop');
    expect(states.get('shop')).toMatchObject({ status: 'down', reason: 'internal' });
  });
});

test('what is seen of a check that has changed meanwhile, or is gone, is dropped', async () => {
  check('shop');
  well.set('shop', async () => {
    check('shop', { generation: 'g2' });
    return false;
  });
  await look('shop');
  checks.clear();
  await look('shop');
  expect([...states, ...turns, ...told('looked')]).toEqual([]);
});

test('a look that a drain aborts ends at once and is no failure', async () => {
  check('shop');
  well.set('shop', () => new Promise(() => {}));
  const looking = look('shop');
  await clock.advance(1 * S);
  drained.abort();
  await looking;
  expect([...states, ...turns, ...told('trouble')]).toEqual([]);
  expect(clock.pending()).toBe(0);
});

test('a turn that is not taken is told and breaks nothing', async () => {
  check('shop');
  submit = () => Promise.reject(new Error('no pipeline'));
  await look('shop');
  expect(told('trouble')).toMatchObject([{ what: 'what was seen of shop was not taken' }]);
});

describe('causes first', () => {
  beforeEach(async () => {
    check('edge', { timeoutMs: 2 * S });
    check('db', { dependsOn: ['edge'], timeoutMs: 3 * S });
    check('shop', { dependsOn: ['db'] });
    for (const id of ['edge', 'db', 'shop']) await look(id);
    turns = [];
    calls = [];
    await clock.advance(30 * S);
    well.set('shop', false);
    await look('shop');
  });

  test('the first failure asks for a look at all ancestors', () => {
    expect(calls).toContain('now db edge');
  });

  test('the turn to down waits for the last of them', async () => {
    await look('db', null);
    expect(turns).toEqual([]);
    expect(states.get('shop')!.status).toBe('up');
    await look('edge', null);
    expect(turns).toEqual(['shop down']);
    expect(states.get('shop')!.status).toBe('down');
    expect(clock.pending()).toBe(0);
  });

  test('victims of one cause do not wait for each other to be stored', async () => {
    check('cart', { dependsOn: ['db'] });
    well.set('cart', false);
    await look('cart');
    submit = () => new Promise(() => {});
    await look('db', null);
    void look('edge', null);
    await clock.advance(0);
    expect(turns).toEqual(['shop down', 'cart down']);
  });

  test('a cause that is down itself comes before its victim', async () => {
    well.set('edge', false);
    await look('edge', null);
    await look('db', null);
    expect(turns).toEqual(['edge down', 'shop down']);
  });

  test('it waits no longer than the slowest of them may take, and a second', async () => {
    await clock.advance(4 * S - 1);
    expect(turns).toEqual([]);
    await clock.advance(1);
    expect(turns).toEqual(['shop down']);
  });

  test('looks that come while it waits go on counting, and make no second turn', async () => {
    await clock.advance(1 * S);
    await look('shop');
    expect(turns).toEqual([]);
    await clock.advance(3 * S);
    expect(turns).toEqual(['shop down']);
    expect(states.get('shop')!.lookedAt).toBe(START + 31 * S);
  });

  test('a recovery that comes while it waits does not overtake it', async () => {
    await clock.advance(1 * S);
    well.set('shop', true);
    await look('shop');
    expect(turns).toEqual(['shop down', 'shop up']);
    await clock.advance(10 * S);
    expect(turns).toHaveLength(2);
  });

  test('what is held of a check that is gone meanwhile is dropped', async () => {
    checks.delete('shop');
    await clock.advance(10 * S);
    expect(turns).toEqual([]);
    expect(states.get('shop')!.status).toBe('up');
  });

  test('what is held at the end is let go', async () => {
    await watch.release();
    expect(turns).toEqual(['shop down']);
    expect(clock.pending()).toBe(0);
  });

  test('causes that have been looked at since are not waited for', async () => {
    await watch.release();
    await clock.advance(30 * S);
    well.set('shop', true);
    await look('shop');
    turns = [];
    check('shop', {
      dependsOn: ['db'],
      confirm: { fail: 2, of: 2, recheckMs: 10 * S, recover: 1 },
    });
    well.set('shop', false);
    await look('shop');
    await look('db', null);
    await look('edge', null);
    await clock.advance(10 * S);
    await look('shop');
    expect(turns).toEqual(['shop down']);
  });
});

describe('a failure that may be our own', () => {
  const rule = { fail: 2, of: 2, recheckMs: 10 * S, recover: 1 };

  function witness(id: string, type: string, target: string): void {
    check(id, { type: 'fake', target });
    const made = checks.get(id);
    checks.delete(id);
    if (made) witnesses.set(id, { ...made, type });
  }

  beforeEach(() => {
    failsBy = 'connect_timeout';
    check('shop', { confirm: rule });
    witness('witness:tcp', 'fake', '1.1.1.1:443');
    well.set('shop', false);
  });

  test('the first one asks the witnesses as well', async () => {
    await look('shop');
    expect(calls).toContain('now witness:tcp');
  });

  test('a witness that answers makes it an outage', async () => {
    await look('shop');
    await look('witness:tcp', null);
    await clock.advance(10 * S);
    await look('shop');
    expect(turns).toEqual(['shop down']);
  });

  test('all witnesses fail in the same way: unknown, and what was being confirmed is forgotten', async () => {
    well.set('witness:tcp', false);
    await look('shop');
    await look('witness:tcp', null);
    await clock.advance(10 * S);
    await look('shop');
    expect(turns).toEqual([]);
    expect(states.get('shop')).toMatchObject({ status: 'unknown', window: [] });
    const [, verdict] = told('looked').map((event) => 'verdict' in event && event.verdict);
    expect(verdict).toMatchObject({ status: 'unknown', reason: 'connect_timeout' });
  });

  test('a refusal is the target’s own, whatever the witnesses say', async () => {
    well.set('witness:tcp', false);
    await look('witness:tcp', null);
    failsBy = 'refused';
    await look('shop');
    await clock.advance(10 * S);
    await look('shop');
    expect(turns).toEqual(['shop down']);
  });

  test('a turn to down waits for the witnesses, and is dropped when they fail as well', async () => {
    check('shop', { confirm: { ...rule, fail: 1, of: 1 } });
    well.set('witness:tcp', false);
    await look('shop');
    expect(turns).toEqual([]);
    await look('witness:tcp', null);
    expect(turns).toEqual([]);
    expect(states.get('shop')?.status).toBe('unknown');
  });

  test('a witness that does not answer at all holds the page no longer than its timeout and a second', async () => {
    check('shop', { confirm: { ...rule, fail: 1, of: 1 } });
    await look('shop');
    await clock.advance(6 * S - 1);
    expect(turns).toEqual([]);
    await clock.advance(1);
    expect(turns).toEqual(['shop down']);
  });

  test('a witness that fails at its timeout, as behind a wall that drops all, has said so in time', async () => {
    check('shop', { confirm: { ...rule, fail: 1, of: 1 } });
    await look('shop');
    await clock.advance(5 * S);
    well.set('witness:tcp', false);
    await look('witness:tcp', null);
    await clock.advance(S);
    expect(turns).toEqual([]);
    expect(states.get('shop')?.status).toBe('unknown');
  });

  test('a witness that was being looked at when the target failed has its say', async () => {
    check('shop', { confirm: { ...rule, fail: 1, of: 1 } });
    const { promise, resolve } = Promise.withResolvers<boolean>();
    well.set('witness:tcp', () => promise);
    const under = look('witness:tcp');
    await clock.advance(S);
    await look('shop');
    await clock.advance(4 * S);
    resolve(false);
    await under;
    await clock.advance(2 * S);
    expect(turns).toEqual([]);
    expect(states.get('shop')?.status).toBe('unknown');
  });

  test('a name needs the resolver: only a witness that asks for a name is heard about it', async () => {
    failsBy = 'dns';
    check('shop', { confirm: { ...rule, fail: 1, of: 1 } });
    well.set('witness:tcp', false);
    await look('witness:tcp', null);
    await look('shop');
    expect(turns).toEqual(['shop down']);
  });

  test('down stays down while nothing can be seen', async () => {
    check('shop', { confirm: { ...rule, fail: 1, of: 1 } });
    await look('shop');
    await look('witness:tcp', null);
    expect(turns).toEqual(['shop down']);
    well.set('witness:tcp', false);
    await look('witness:tcp', null);
    await look('shop');
    expect(states.get('shop')).toMatchObject({ status: 'down', lastStatus: 'unknown' });
  });

  test('blind for a minute is told, once, and told when it is over', async () => {
    well.set('witness:tcp', false);
    await look('witness:tcp', null);
    await clock.advance(59 * S);
    expect(turns).toEqual([]);
    await clock.advance(1 * S);
    expect(turns).toEqual(['self:blind down']);
    await look('witness:tcp', null);
    well.set('witness:tcp', true);
    await look('witness:tcp', null);
    expect(turns).toEqual(['self:blind down', 'self:blind up']);
  });

  test('a look that ended long after its deadline says that the loop was held', async () => {
    check('shop', { confirm: { ...rule, fail: 1, of: 1 } });
    failsBy = 'timeout';
    well.set('shop', async () => {
      clock.hold(20 * S);
      return false;
    });
    await look('shop');
    expect(turns).toEqual([]);
    expect(states.get('shop')?.status).toBe('unknown');
  });
});

describe('what nobody looks at any more', () => {
  test('is a fact of its own after two rounds and a timeout, until it is looked at again', async () => {
    check('shop', { rhythm: { everyMs: 30 * S } });
    await look('shop');
    turns = [];
    self.start();
    await clock.advance(60 * S);
    expect(turns).toEqual([]);
    await clock.advance(15 * S);
    expect(turns).toEqual(['self:stale down']);
    expect(states.get('self:stale')?.brief).toBe('1 not looked at: shop');
    await look('shop');
    await clock.advance(15 * S);
    expect(turns).toEqual(['self:stale down', 'self:stale up']);
    self.stop();
  });

  test('is so on a cron as well, when two of its times have passed', async () => {
    check('report', { rhythm: { cron: '*/5 * * * *', timezone: 'UTC' } });
    await look('report');
    turns = [];
    self.start();
    // 03:12; due at 03:15 and 03:20.
    await clock.advance(8 * 60 * S);
    expect(turns).toEqual([]);
    await clock.advance(15 * S);
    expect(turns).toEqual(['self:stale down']);
    self.stop();
  });

  test('is not a check that a reload has just brought, nor what had no time since the start', async () => {
    check('shop', { rhythm: { everyMs: 30 * S } });
    self.start();
    await clock.advance(64 * S);
    await look('shop');
    turns = [];
    check('fresh', { rhythm: { everyMs: 30 * S } });
    await clock.advance(60 * S);
    expect(turns).toEqual([]);
    await look('shop');
    await clock.advance(30 * S);
    expect(turns.at(-1)).toBe('self:stale down');
    expect(states.get('self:stale')?.brief).toBe('1 not looked at: fresh');
    self.stop();
  });

  test('is not what a suspend of an hour has kept from being looked at', async () => {
    check('shop', { rhythm: { everyMs: 30 * S } });
    await look('shop');
    turns = [];
    self.start();
    await clock.advance(15 * S);
    clock.hold(3_600 * S);
    await clock.advance(60 * S);
    expect(turns).toEqual([]);
    await clock.advance(15 * S);
    expect(turns).toEqual(['self:stale down']);
    self.stop();
  });

  test('is not a heartbeat: nobody ever looks at that', async () => {
    const heartbeat = { token: 'token-of-the-backup', graceMs: S };
    check('backup', { rhythm: { everyMs: S }, timeoutMs: 0, heartbeat });
    self.start();
    await clock.advance(60 * S);
    expect(turns).toEqual([]);
    self.stop();
  });
});

describe('after an absence', () => {
  test('the first look at a check whose incident waits for one is told, whatever it says', async () => {
    check('shop', { confirm: { fail: 3, of: 3, recheckMs: 10 * S, recover: 2 } });
    awaited.add('shop');
    await look('shop');
    well.set('shop', false);
    await look('shop');
    expect(turns).toEqual(['shop up', 'shop answers', 'shop still down']);
  });
});

test('a look that victims ask for counts where the next recheck was due: they cannot starve it', async () => {
  check('edge', { confirm: { fail: 3, of: 3, recheckMs: 10 * S, recover: 1 } });
  well.set('edge', false);
  await look('edge');
  for (let second = 1; second <= 20; second += 1) {
    await clock.advance(S);
    await look('edge', null);
  }
  expect(turns).toEqual(['edge down']);
});

test('what hangs below a check that is back is looked at at once, if it is down', async () => {
  check('edge');
  check('shop', { dependsOn: ['edge'] });
  check('cart', { dependsOn: ['shop'] });
  check('blog', { dependsOn: ['edge'] });
  for (const id of ['edge', 'shop', 'cart', 'blog']) {
    well.set(id, id === 'blog');
    await look(id);
  }
  calls.length = 0;
  well.set('edge', true);
  await clock.advance(10 * S);
  await look('edge');
  expect(calls).toEqual(['again shop +10000', 'again cart +10000']);
});

test('a look that was under way when time was not what it seemed says nothing, and is taken again', async () => {
  check('shop');
  const answer = Promise.withResolvers<boolean>();
  well.set('shop', () => answer.promise);
  const looking = look('shop');
  watch.discard();
  answer.resolve(false);
  await looking;
  expect([turns, told('looked')]).toEqual([[], []]);
  expect(calls).toEqual(['again shop +0']);
  well.set('shop', true);
  await look('shop');
  expect(turns).toEqual(['shop up']);
});
