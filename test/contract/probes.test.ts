/** What every probe promises, whichever it is: a new one is tested here by its line in the registry. */
import type { Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { probes } from '../../src/probes/index.ts';
import { REASONS } from '../../src/probes/probe.ts';
import type { Sight } from '../../src/probes/probe.ts';
import type { RunProgram } from '../../src/system/program.ts';
import { closedPort, tcpServer } from '../loopback.ts';
import { look, sight } from '../probes/looking.ts';
import { VirtualClock } from '../virtual-clock.ts';

const NOON = Date.UTC(2026, 4, 1, 12);

/** How to point each at a port, in a way that needs an answer. */
const AT: Readonly<Record<string, (port: number) => object>> = {
  dns: (port) => ({ dns: 'example.test', server: `127.0.0.1:${port}`, over: 'tcp' }),
  http: (port) => ({ http: `http://127.0.0.1:${port}/path?token=hunter2` }),
  steps: (port) => ({ steps: [{ http: `http://127.0.0.1:${port}/path?token=hunter2` }] }),
  tcp: (port) => ({ tcp: `127.0.0.1:${port}`, expect: { banner: { contains: 'x' } } }),
  tls: (port) => ({ tls: `127.0.0.1:${port}` }),
  icmp: () => ({ icmp: '127.0.0.1' }),
  grpc: (port) => ({ grpc: `127.0.0.1:${port}` }),
  websocket: (port) => ({ websocket: `ws://127.0.0.1:${port}/path?token=hunter2` }),
  ssh: (port) => ({ ssh: `127.0.0.1:${port}` }),
  exec: (port) => ({ exec: connecting(port), env: { PASSWORD: 'hunter2' } }),
};

/** A program that ends when its connection does: in 1 without a reply, as ping would. */
const connecting = (port: number): [string, ...string[]] => [
  process.execPath,
  '-e',
  `require('node:net').connect(${port}, '127.0.0.1')
    .on('error', ({ code }) => { console.error('ping: connect: ' + code); process.exit(2); });`,
];

/** Of a port that refuses, where it is not called so. */
const REFUSED: Readonly<Record<string, object>> = {
  steps: { expectation: 'step 1 connect', reason: 'refused' },
  icmp: { expectation: 'connect', reason: 'internal' },
  exec: { expectation: 'exit', reason: 'exit_code' },
};
const TARGET: Readonly<Record<string, string>> = { icmp: '127.0.0.1', exec: process.execPath };

/** What is run for a ping, which has no port, is a program that connects to one. */
function sightOf(type: string, port: number, more: Partial<Sight> = {}): Sight {
  const usual = sight(more);
  const run: RunProgram = (program) => usual.run({ ...program, argv: connecting(port) });
  return type === 'icmp' ? { ...usual, run } : usual;
}

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
    expect(target).toContain(TARGET[type] ?? '127.0.0.1:8080');
    expect(target).not.toMatch(/hunter2|\?|@/);
  });

  test('parses to plain data', () => {
    const parsed = probe.options.parse(written(80));
    expect(structuredClone(parsed)).toEqual(parsed);
    expect(JSON.parse(JSON.stringify(parsed))).toEqual(parsed);
  });

  test('calls a refused port refused, and its gauges can be read', async () => {
    const port = await closedPort();
    const { findings, facts } = await look(probe, written(port), sightOf(type, port));
    const refused = REFUSED[type] ?? { expectation: 'connect', reason: 'refused' };
    expect(findings).toMatchObject([{ met: false, ...refused }]);
    expect(JSON.parse(JSON.stringify(facts))).toEqual(facts);
  });

  test('ends at its deadline before a silent server, with nothing left behind', async () => {
    const clock = new VirtualClock(NOON);
    const opened = Promise.withResolvers<Socket>();
    const port = await tcpServer((socket) => opened.resolve(socket.resume()));
    const looked = look(probe, written(port), sightOf(type, port, { clock }));
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
    const over = { clock, signal: AbortSignal.abort() };
    await probe.observe(options, sightOf(type, port, over));
    const stop = new AbortController();
    const looked = probe.observe(options, sightOf(type, port, { clock, signal: stop.signal }));
    await opened.promise;
    stop.abort();
    await looked;
    expect(clock.pending()).toBe(0);
  });

  test('gives the same findings for the same facts', async () => {
    const port = await closedPort();
    const { facts, findings } = await look(probe, written(port), sightOf(type, port));
    expect(probe.assess(facts, probe.options.parse(written(1)))).toEqual(findings);
  });

  test('names its gauges as Prometheus allows', () => {
    for (const { name, label, help } of probe.gauges) {
      expect(name).toMatch(/^(probe|tocsin)_[a-z0-9_]+$/);
      expect(label ?? 'none').toMatch(/^[a-z_]+$/);
      expect(help).not.toBe('');
    }
  });
});

test('every probe in the registry is tested here', () => {
  expect(Object.keys(AT)).toEqual([...probes.keys()]);
});
