import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TocsinEvent } from '../../src/events.ts';
import type { Outcome } from '../../src/incident/notification.ts';
import { createTraces, type Traces } from '../../src/observers/traces.ts';
import { createTransport } from '../../src/system/network.ts';
import { OwnResolver } from '../../src/system/own-resolver.ts';
import { traceBeginner } from '../../src/system/trace.ts';
import {
  boardOf,
  checkOf,
  configOf,
  incidentOf,
  MORNING,
  notificationOf,
  stateOf,
} from '../server/house.ts';
import { startCollector, type Collector } from '../standins/otlp.ts';
import { VirtualClock } from '../virtual-clock.ts';
import { PROBES } from './watched.ts';

const TRACE = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), startedAt: MORNING };
const SECOND = 1_000;

let clock: VirtualClock;
let collector: Collector;
let traces: Traces;
let events: TocsinEvent[];

function begin(more: object = {}): void {
  traces = createTraces({
    settings: {
      url: `${collector.url}/v1/traces`,
      headers: { authorization: 'Bearer abc' },
      resource: { 'service.name': 'pager' },
      ...{ share: 1, timeoutMs: 10 * SECOND, delayMs: 5 * SECOND, queue: 4, batch: 2 },
      ...more,
    },
    transport: createTransport({ resolver: new OwnResolver({ clock }), clock, connections: 1 }),
    version: '1.2.3',
    probes: PROBES,
    config: () => configOf([checkOf('shop')], { location: 'lisbon' }),
    board: () => boardOf([incidentOf('7K')], []),
    clock,
    emit: (event) => events.push(event),
  });
}

beforeEach(async () => {
  clock = new VirtualClock(MORNING);
  events = [];
  collector = await startCollector();
  begin();
});
afterEach(async () => {
  await traces.stop();
  await collector.close();
});

function look(
  status: 'up' | 'down',
  facts: object | null = null,
  trace: object | null = TRACE,
): void {
  const reason = status === 'down' ? 'status' : null;
  const seen = { check: 'shop', generation: 'g1', from: 'lisbon', at: MORNING, tookMs: 12.345678 };
  const verdict = { ...seen, status, findings: [], reason, brief: 'HTTP 503' } as const;
  const state = stateOf('shop', {});
  traces.observe({ type: 'looked', verdict, state, facts, ...(trace && { trace: TRACE }) });
}

function attempt(outcome: Outcome): void {
  const notification = notificationOf('k1', { about: ['incident-7K'], attempts: 0 });
  traces.observe({ type: 'attempted', notification, outcome, tookMs: 300, trace: TRACE });
}

/** What the exporter says of the collector, as soon as it does. */
async function said(count: number): Promise<readonly object[]> {
  const them = () => events.filter(({ type }) => type === 'spans_not_taken');
  while (them().length < count) await new Promise(setImmediate);
  return them();
}

describe('a span', () => {
  it('of a look says what /metrics says of it, by the same names', async () => {
    look('up', { code: 200, phases: { tls: 0.02 }, subject: 'CN=shop' });
    look('down', { code: 503 });
    const { path, resource, spans } = await collector.waitFor(() => true);
    expect(path).toBe('/v1/traces');
    expect(collector.received[0]?.headers.authorization).toBe('Bearer abc');
    expect(resource).toMatchObject({ 'service.name': 'pager', 'service.version': '1.2.3' });
    expect(spans).toEqual([
      {
        traceId: TRACE.traceId,
        spanId: TRACE.spanId,
        name: 'look http',
        tookMs: expect.closeTo(12.3457, 3) as number,
        status: {},
        attributes: {
          'tocsin.check': 'shop',
          'tocsin.type': 'http',
          'tocsin.instance': 'https://shop.example/',
          'tocsin.location': 'lisbon',
          'tocsin.result': 'up',
          probe_http_status_code: 200,
          'probe_http_duration_seconds.tls': 0.02,
          probe_ip_protocol: 4,
          'probe_ssl_last_chain_info.subject': 'CN=shop',
          'probe_ssl_last_chain_info.issuer': 'CN=Ours',
        },
      },
      expect.objectContaining({ status: { code: 2, message: 'status' } }),
    ]);
    expect(JSON.stringify(spans)).not.toContain('HTTP 503');
  });

  it('of a delivery says which notification of which incident, and no address', async () => {
    attempt({ outcome: 'accepted', reference: 'SM1' });
    await clock.advance(40);
    attempt({ outcome: 'refused', reason: 'auth', detail: 'no, +351912345678' });
    const { spans } = await collector.waitFor(() => true);
    expect(spans[0]?.attributes).toEqual({
      'tocsin.notification': 'k1',
      'tocsin.kind': 'page',
      'tocsin.channel': 'sms',
      'tocsin.type': 'sms',
      'tocsin.responder': 'ana',
      'tocsin.incident': ['7K'],
      'tocsin.attempt': 1,
      'tocsin.location': 'lisbon',
      'tocsin.outcome': 'accepted',
    });
    expect(spans[1]).toMatchObject({
      name: 'deliver page',
      tookMs: 40,
      status: { code: 2, message: 'auth' },
    });
    expect(JSON.stringify(collector.received)).not.toContain('351912345678');
  });

  it('waits for others, but not for long', async () => {
    look('up');
    await clock.advance(5 * SECOND - 1);
    expect(collector.received).toEqual([]);
    await clock.advance(1);
    expect((await collector.waitFor(() => true)).spans).toHaveLength(1);
  });

  it('there is none of a look that is not recorded', async () => {
    look('up', null, null);
    await traces.stop();
    expect(collector.received).toEqual([]);
  });

  it('what is left at the end is sent then', async () => {
    look('up');
    await traces.stop();
    expect(collector.requests.flatMap(({ spans }) => spans)).toHaveLength(1);
  });
});

describe('a collector', () => {
  it.each([429, 502, 503, 504])(
    'that says %i gets the same spans a second later',
    async (status) => {
      collector.script({ status });
      look('up');
      look('down');
      expect(await said(1)).toMatchObject([{ lost: 0, why: `HTTP ${status}` }]);
      await clock.advance(SECOND - 1);
      expect(collector.received).toHaveLength(1);
      await clock.advance(1);
      expect((await collector.waitFor(() => true)).spans).toHaveLength(2);
    },
  );

  it('that refuses them for good costs them', async () => {
    collector.script({ status: 400 });
    look('up');
    look('up');
    expect(await said(1)).toMatchObject([{ lost: 2, why: 'HTTP 400' }]);
    look('down');
    look('down');
    expect((await collector.waitFor(() => true)).spans).toMatchObject([
      { attributes: { 'tocsin.result': 'down' } },
      { attributes: { 'tocsin.result': 'down' } },
    ]);
  });

  it('that takes a part says how many it did not', async () => {
    collector.script({ status: 200, body: '{"partialSuccess":{"rejectedSpans":"1"}}' });
    look('up');
    look('up');
    expect(await said(1)).toMatchObject([{ lost: 1, why: 'rejected' }]);
  });

  it('that hangs has its time, and what does not fit meanwhile is lost and counted', async () => {
    collector.script('hang');
    for (let n = 0; n < 7; n++) look('up');
    while (collector.received.length === 0) await new Promise(setImmediate);
    await clock.advance(10 * SECOND);
    expect(await said(1)).toMatchObject([{ lost: 3 }]);
    await clock.advance(SECOND);
    while (collector.requests.length < 2) await new Promise(setImmediate);
    expect(collector.requests.flatMap(({ spans }) => spans)).toHaveLength(4);
  });

  it('that stays away is asked more and more seldom, and said once a minute', async () => {
    await collector.close();
    look('up');
    look('up');
    const times: number[] = [];
    await said(1);
    const alarms = () => clock.pending();
    expect(alarms()).toBe(1);
    for (let minute = 0; minute < 4; minute++) {
      await clock.advance(60 * SECOND);
      times.push(events.length);
    }
    expect(times.at(-1)).toBeGreaterThan(1);
    expect(times.at(-1)).toBeLessThanOrEqual(5);
    collector = await startCollector();
  });
});

it('a share of the traces is recorded, decided by the id', () => {
  const words = [0, 1, 2 ** 30 - 1, 2 ** 30, 2 ** 32 - 1];
  const seed = (last: number) => ({ seed: () => [1, 2, 3, last] as const });
  const kept = words.map((word) => traceBeginner(seed(word), clock, 0.25)());
  expect(kept.map((trace) => trace !== null)).toEqual([true, true, true, false, false]);
  expect(kept[1]).toEqual({
    traceId: '00000001000000020000000300000001',
    spanId: '0000000100000002',
    startedAt: MORNING,
  });
});
