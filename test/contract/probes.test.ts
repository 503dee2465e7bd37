/** What every probe promises, whichever it is: a new one is tested here by its line in the registry. */
import type { Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { probes } from '../../src/probes/index.ts';
import { REASONS } from '../../src/probes/probe.ts';
import { closedPort, tcpServer } from '../loopback.ts';
import { look, sight } from '../probes/looking.ts';
import { VirtualClock } from '../virtual-clock.ts';

const NOON = Date.UTC(2026, 4, 1, 12);

/** How to point each at a port, in a way that needs an answer. */
const AT: Readonly<Record<string, (port: number) => object>> = {
  dns: (port) => ({ dns: 'example.test', server: `127.0.0.1:${port}`, over: 'tcp' }),
  http: (port) => ({ http: `http://127.0.0.1:${port}/path?token=hunter2` }),
  tcp: (port) => ({ tcp: `127.0.0.1:${port}`, expect: { banner: { contains: 'x' } } }),
};

describe.each([...probes])('the probe %s', (type, probe) => {
  const written = (port: number) => AT[type]!(port);

  test('is called by its own key, which its options have', () => {
    expect(probe.type).toBe(type);
    expect(Object.keys(probe.options.shape)).toContain(type);
  });

  test('knows no other keys than its own', () => {
    const parsed = probe.options.safeParse({ ...written(80), nonsense: 1 });
    expect(parsed.error?.issues).toMatchObject([{ code: 'unrecognized_keys' }]);
  });

  test('shows a target without credentials or query', () => {
    const target = probe.target(probe.options.parse(written(8080)));
    expect(target).toContain('127.0.0.1:8080');
    expect(target).not.toMatch(/hunter2|\?|@/);
  });

  test('parses to plain data', () => {
    const parsed = probe.options.parse(written(80));
    expect(structuredClone(parsed)).toEqual(parsed);
    expect(JSON.parse(JSON.stringify(parsed))).toEqual(parsed);
  });

  test('calls a refused port refused, and its gauges can be read', async () => {
    const { findings, facts } = await look(probe, written(await closedPort()));
    expect(findings).toMatchObject([{ expectation: 'connect', met: false, reason: 'refused' }]);
    expect(JSON.parse(JSON.stringify(facts))).toEqual(facts);
  });

  test('ends at its deadline before a silent server, with nothing left behind', async () => {
    const clock = new VirtualClock(NOON);
    const opened = Promise.withResolvers<Socket>();
    const port = await tcpServer((socket) => opened.resolve(socket.resume()));
    const looked = look(probe, written(port), { clock });
    await opened.promise;
    await clock.advance(5_000);
    const { unmet } = await looked;
    expect(unmet).toHaveLength(1);
    for (const finding of unmet) {
      expect(REASONS).toContain(finding.reason);
      expect(finding.brief).toContain('in 5s');
      expect(finding.brief.length).toBeLessThanOrEqual(60);
    }
    expect(clock.pending()).toBe(0);
  });

  test('ends at once when it is told to, before or during the look', async () => {
    const clock = new VirtualClock(NOON);
    const opened = Promise.withResolvers<Socket>();
    const port = await tcpServer((socket) => opened.resolve(socket.resume()));
    const options: unknown = probe.options.parse(written(port));
    await probe.observe(options, sight({ clock, signal: AbortSignal.abort() }));
    const stop = new AbortController();
    const looked = probe.observe(options, sight({ clock, signal: stop.signal }));
    await opened.promise;
    stop.abort();
    await looked;
    expect(clock.pending()).toBe(0);
  });

  test('gives the same findings for the same facts', async () => {
    const { facts, findings } = await look(probe, written(await closedPort()));
    expect(probe.assess(facts, probe.options.parse(written(1)))).toEqual(findings);
  });

  test('names its gauges as Prometheus allows', () => {
    for (const { name, label, help } of probe.gauges) {
      expect(name).toMatch(/^probe_[a-z0-9_]+$/);
      expect(label ?? 'none').toMatch(/^[a-z_]+$/);
      expect(help).not.toBe('');
    }
  });
});

test('every probe in the registry is tested here', () => {
  expect(Object.keys(AT)).toEqual([...probes.keys()]);
});
