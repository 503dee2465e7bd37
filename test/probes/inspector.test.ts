import { once } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import type { Worker } from 'node:worker_threads';
import { describe, expect, onTestFinished, test } from 'vitest';
import { judge } from '../../src/judge/judge.ts';
import { http } from '../../src/probes/http.ts';
import { createInspector } from '../../src/probes/inspector.ts';
import type { Inspect } from '../../src/probes/_inspect.ts';
import { httpServer } from '../loopback.ts';
import { VirtualClock } from '../virtual-clock.ts';
import { look } from './looking.ts';

const OBSERVED = {
  check: 'c',
  generation: 'g',
  from: 'local',
  at: 0,
  tookMs: 1,
  facts: {},
  fault: null,
};
const NOON = Date.UTC(2026, 4, 1, 12);
const MIB = 1_048_576;
const LOOK_MS = 5_000;
/** A megabyte on one line, and patterns whose automaton is large: half a minute each. */
const LINE = 'ab'.repeat(MIB / 2);
const NASTY = { take: { x: { matches: '[ab]{0,500}[^ab]' } } };
/** Small, and all the same for the thread: `..` may visit everything twice. */
const SMALL = { json: { '$..status': 'UP' } };
const UP = '{"deep":{"status":"UP"}}';

interface Place {
  readonly inspect: Inspect;
  readonly clock: VirtualClock;
  readonly thread: Worker;
}

function threadStarted(): Promise<Worker> {
  const { promise, resolve } = Promise.withResolvers<Worker>();
  process.once('worker', resolve);
  return promise;
}

/** With the thread running and idle, so that the next text is in it at once. */
async function ready(): Promise<Place> {
  const clock = new VirtualClock(NOON);
  const { inspect, close } = createInspector(clock);
  onTestFinished(close);
  const started = threadStarted();
  await inspect(UP, SMALL, LOOK_MS);
  const thread = await started;
  return { inspect, clock, thread };
}

describe('a text that takes long', () => {
  test('a megabyte on one line and a nasty pattern: the loop turns, and after a second it is undecided', async () => {
    const { inspect, clock } = await ready();
    let isOver = false;
    const inspected = inspect(LINE, NASTY, LOOK_MS).finally(() => (isOver = true));
    for (let turn = 0; turn < 1_000; turn++) await setImmediate();
    await clock.advance(999);
    expect(isOver).toBe(false);
    await clock.advance(1);
    expect(await inspected).toEqual({ undecided: '1s' });
    expect(clock.pending()).toBe(0);
  });

  test('gets no longer than what is left of the look', async () => {
    const { inspect, clock } = await ready();
    const inspected = inspect(LINE, NASTY, 250);
    await clock.advance(250);
    expect(await inspected).toEqual({ undecided: '0.25s' });
  });

  test('two ".." in deeply nested JSON: the same', async () => {
    const { inspect, clock } = await ready();
    const nested = `${'{"a":'.repeat(6_000)}1${'}'.repeat(6_000)}`;
    const inspected = inspect(nested, { json: { '$..a..a': 1 } }, LOOK_MS);
    for (let turn = 0; turn < 100; turn++) await setImmediate();
    await clock.advance(1_000);
    expect(await inspected).toEqual({ undecided: '1s' });
  });

  test('has no more memory than it may use, and the next one has it again', async () => {
    const { inspect } = await ready();
    const path = `$[${'*,'.repeat(5_000)}*]`;
    const list = JSON.stringify(Array.from({ length: 4_000 }, () => 1));
    const found = await inspect(list, { json: { [path]: 1 } }, LOOK_MS);
    expect(found).toEqual({ undecided: '96 MB of memory' });
    expect(await inspect(UP, SMALL, LOOK_MS)).toHaveProperty('taken');
  });

  test('two ".." are answered where the document is small', async () => {
    const { inspect } = await ready();
    const nested = `${'{"a":'.repeat(50)}1${'}'.repeat(50)}`;
    expect(await inspect(nested, { json: { '$..a..none': 1 } }, LOOK_MS)).toMatchObject({
      inspected: { json: { '$..a..none': { met: false, seen: null } } },
    });
  });

  test('waits for all others from the second time on', async () => {
    const { inspect, clock } = await ready();
    const first = inspect(LINE, NASTY, LOOK_MS);
    await clock.advance(1_000);
    expect(await first).toHaveProperty('undecided');
    const again = inspect(LINE, NASTY, LOOK_MS);
    expect(await inspect(UP, SMALL, LOOK_MS)).toHaveProperty('taken');
    await clock.advance(1_000);
    expect(await again).toEqual({ undecided: '1s' });
  });

  test('makes others wait, and they are answered by a new thread', async () => {
    const { inspect, clock, thread } = await ready();
    const ended = once(thread, 'exit');
    const slow = inspect(LINE, NASTY, LOOK_MS);
    const next = inspect(UP, SMALL, LOOK_MS);
    await clock.advance(1_000);
    expect(await slow).toHaveProperty('undecided');
    expect(await next).toMatchObject({ inspected: { json: { '$..status': { met: true } } } });
    await ended;
  });
});

describe('a fault of ours', () => {
  test('a text whose look ends while it waits for others is not decided, and that is said to be ours', async () => {
    const { inspect, clock } = await ready();
    const slow = inspect(LINE, NASTY, LOOK_MS);
    const next = inspect(UP, SMALL, 500);
    await clock.advance(500);
    expect(await next).toEqual({ undecided: '0.5s beside others', isOurs: true });
    await clock.advance(500);
    expect(await slow).toHaveProperty('undecided');
    expect(clock.pending()).toBe(0);
  });

  test('more than 16 million characters do not wait', async () => {
    const { inspect, clock } = await ready();
    const slow = inspect(LINE, NASTY, LOOK_MS);
    const waiting = Array.from({ length: 16 }, () => inspect(LINE, SMALL, LOOK_MS));
    expect(await inspect(UP, SMALL, LOOK_MS)).toHaveProperty('isOurs', true);
    await clock.advance(1_000);
    await Promise.all([slow, ...waiting]);
    expect(await inspect(UP, SMALL, LOOK_MS)).toHaveProperty('taken');
  });

  test('a thread that is killed takes with it what was in it, and nothing else', async () => {
    const { inspect, thread } = await ready();
    const inside = expect(inspect(LINE, NASTY, LOOK_MS)).rejects.toThrow();
    const next = inspect(UP, SMALL, LOOK_MS);
    await thread.terminate();
    await inside;
    expect(await next).toHaveProperty('taken');
  });

  test('after the end nothing is inspected, and what was waiting is told', async () => {
    const clock = new VirtualClock(NOON);
    const { inspect, close } = createInspector(clock);
    const waiting = expect(inspect(UP, SMALL, LOOK_MS)).rejects.toThrow();
    await close();
    await waiting;
    await expect(inspect(UP, SMALL, LOOK_MS)).rejects.toThrow();
    expect(clock.pending()).toBe(0);
  });
});

describe('what is quick', () => {
  test('needs no thread', async () => {
    const { inspect } = createInspector(new VirtualClock(NOON));
    const quick = [
      inspect('Add to cart', { match: { contains: 'cart', matches: 'c.rt$' } }, LOOK_MS),
      inspect('{"a":1}', { json: { '$.a': 1 } }, LOOK_MS),
      inspect(LINE, { match: { contains: 'abba' } }, LOOK_MS),
    ];
    let threads = 0;
    const count = (): void => {
      threads += 1;
    };
    process.on('worker', count);
    onTestFinished(() => void process.off('worker', count));
    for (const found of await Promise.all(quick)) expect(found).toHaveProperty('inspected');
    expect(threads).toBe(0);
  });

  test.each([
    ['a long text with a pattern', LINE, { match: { matches: 'x$' } }],
    ['a large pattern on a short text', 'ab'.repeat(1_000), { match: { matches: '[ab]{200}c' } }],
    ['a long needle in a long text', LINE, { match: { contains: 'ab'.repeat(100) } }],
    ['long JSON', JSON.stringify(LINE), { json: { '$.a': 1 } }],
    ['a filter', '[]', { json: { '$[?@ == 1]': 1 } }],
  ])('%s is not', async (_what, text, inquiry) => {
    const { inspect, close } = createInspector(new VirtualClock(NOON));
    onTestFinished(close);
    const started = threadStarted();
    expect(await inspect(text, inquiry, LOOK_MS)).toHaveProperty('inspected');
    await started;
  });
});

describe('what is to be hidden', () => {
  const { inspect } = createInspector(new VirtualClock(NOON));
  const secret = 'a"b/c d';

  test.each([
    ['as it is', `token ${secret}!`, 'token ***!'],
    ['as JSON has it', `token ${JSON.stringify(secret)}!`, 'token "***"!'],
    ['as a URL has it', `?token=${encodeURIComponent(secret)}`, '?token=***'],
    ['where the excerpt ends', `${'x'.repeat(198)}${secret}`, `${'x'.repeat(198)}***`],
  ])('is not shown %s', async (_how, text, excerpt) => {
    const found = await inspect(text, { hide: [secret] }, LOOK_MS);
    expect(found).toMatchObject({ inspected: { excerpt } });
  });

  test('what is taken is hidden at once, also in what a path leads to', async () => {
    const found = await inspect(
      '{"token":"abcdef","note":"use abcdef"}',
      { json: { '$.note': 'x' }, take: { token: { json: '$.token' } } },
      LOOK_MS,
    );
    expect(found).toEqual({
      inspected: {
        excerpt: '{"token":"***","note":"use ***"}',
        wrong: null,
        json: { '$.note': { met: false, seen: '"use ***"' } },
      },
      taken: { token: 'abcdef' },
    });
  });
});

test('what could not be decided is down as a trouble of ours, never up and never the fault of the body', async () => {
  const port = await httpServer((_request, response) => {
    response.setHeader('x-state', 'ok').end('{"status":"UP"}');
  });
  const expected = {
    body: { matches: 'UP' },
    json: { '$.status': 'UP' },
    header: { 'x-state': { matches: 'o' } },
  };
  const written = { http: `http://127.0.0.1:${port}/`, expect: expected };
  const { unmet } = await look(http, written, {
    inspect: () => Promise.resolve({ undecided: '1s' }),
  });
  expect(unmet).toMatchObject([
    { expectation: 'header', reason: 'internal', brief: 'x-state not decided in 1s' },
    { expectation: 'body', reason: 'internal', brief: 'body not decided in 1s' },
    { expectation: 'json', reason: 'internal', brief: '$.status not decided in 1s' },
  ]);
});

test('an answer that others left no time for is not held against the target: it is unknown', async () => {
  const port = await httpServer((request, response) => {
    response.statusCode = request.url === '/bad' ? 500 : 200;
    response.end('UP');
  });
  const busy = {
    inspect: () => Promise.resolve({ undecided: '5s beside others', isOurs: true } as const),
  };
  const at = (path: string) => ({
    http: `http://127.0.0.1:${port}${path}`,
    expect: { body: { matches: 'UP' } },
  });
  const judged = async (path: string) =>
    judge(OBSERVED, (await look(http, at(path), busy)).findings);
  expect(await judged('/')).toMatchObject({
    status: 'unknown',
    reason: 'internal',
    brief: 'body not decided in 5s beside others',
  });
  expect(await judged('/bad')).toMatchObject({ status: 'down', reason: 'status' });
});

test('the facts of a look hold no body, whatever is expected of it', async () => {
  const port = await httpServer((_request, response) => response.end('x'.repeat(60_000)));
  const written = { http: `http://127.0.0.1:${port}/`, expect: { body: { contains: 'x' } } };
  const { facts, unmet } = await look(http, written);
  expect(unmet).toEqual([]);
  expect(JSON.stringify(facts).length).toBeLessThan(4_096);
});

test('a megabyte of body is read where that is asked for, and searched to its end', async () => {
  const port = await httpServer((_request, response) => response.end(`${LINE.slice(4)}UP`));
  const written = {
    http: `http://127.0.0.1:${port}/`,
    body_limit: '1MiB',
    expect: { body: { matches: '(ab)+UP$' } },
  };
  expect((await look(http, written)).unmet).toEqual([]);
});
