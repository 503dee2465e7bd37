/**
 * Part 6: what traces cost where they are on: a span of a look at an HTTPS target, from the event to
 * its text, and with sending it to a collector on the other core. Off, nothing of it is loaded.
 */
import { once } from 'node:events';
import type { Check, Config } from '../src/config/config.ts';
import { emptyBoard } from '../src/incident/board.ts';
import { createTraces } from '../src/observers/traces.ts';
import { keepHeapSmall } from '../src/system/heap.ts';
import { systemClock } from '../src/system/clock.ts';
import { createTransport } from '../src/system/network.ts';
import { OwnResolver } from '../src/system/own-resolver.ts';
import { systemRandom } from '../src/system/random.ts';
import { traceBeginner } from '../src/system/trace.ts';
import type { Transport } from '../src/system/transport.ts';
import { median, PROBER_CORE } from './cost.ts';
import { start } from './program.ts';
import { httpsProbe } from './scrape.ts';

const BATCH = 512;
const BATCHES = 40;
const ROUNDS = 5;
const LOOKS_A_SECOND = 1_000;
const CHECK = { id: 'shop', type: 'http', target: 'https://shop.example/' } as unknown as Check;

/** Markdown. */
export async function traces(): Promise<string> {
  keepHeapSmall();
  const clock = systemClock();
  const collector = start(PROBER_CORE, ['node', 'bench/collector.ts'], { ipc: true });
  const [port] = (await once(collector.child, 'message')) as [number];
  const network = createTransport({ resolver: new OwnResolver({ clock }), clock, connections: 1 });
  const taken = { status: 200, headers: {}, body: '{}' };
  const lines = [
    '| a span | CPU µs: median [least, most] | of a core, at 1,000 looks a second |',
    '| --- | --- | --- |',
  ];
  for (const [title, call] of [
    ['made', async () => taken],
    ['made and sent', network.call],
  ] as const) {
    const found: number[] = [];
    for (let round = 0; round <= ROUNDS; round++) found.push(await measure(port, call));
    // The first one finds nothing compiled.
    const us = found.slice(1).sort((a, b) => a - b);
    const share = ((median(us) * LOOKS_A_SECOND) / 1e4).toFixed(1);
    const range = `${us[0]!.toFixed(1)}, ${us.at(-1)!.toFixed(1)}`;
    lines.push(`| ${title} | ${median(us).toFixed(1)} [${range}] | ${share} % |`);
    console.error(lines.at(-1));
  }
  await network.close();
  await collector.stop();
  return lines.join('\n');
}

/** CPU µs a span, of this process. */
async function measure(port: number, call: Transport['call']): Promise<number> {
  const clock = systemClock();
  let sent = Promise.withResolvers<null>();
  const { observe, stop } = createTraces({
    settings: {
      ...{ url: `http://127.0.0.1:${port}/v1/traces`, headers: {}, share: 1 },
      resource: { 'service.name': 'tocsin' },
      ...{ timeoutMs: 10_000, delayMs: 5_000, queue: 2 * BATCH, batch: BATCH },
    },
    transport: {
      async call(request) {
        const answer = await call(request);
        setImmediate(() => sent.resolve(null));
        return answer;
      },
      close: async () => {},
    },
    version: '0',
    probes: new Map([['http', httpsProbe]]),
    config: () => ({ checks: new Map([['shop', CHECK]]), location: null }) as unknown as Config,
    board: () => emptyBoard(1),
    clock,
    emit: ({ type }) => {
      throw new Error(type);
    },
  });
  const begin = traceBeginner(systemRandom, clock, 1);
  const before = process.cpuUsage();
  for (let batch = 0; batch < BATCHES; batch++) {
    sent = Promise.withResolvers();
    for (let n = 0; n < BATCH; n++) observe(looked(clock.now(), begin()!));
    await sent.promise;
  }
  const { user, system } = process.cpuUsage(before);
  await stop();
  return (user + system) / (BATCH * BATCHES);
}

function looked(at: number, trace: { traceId: string; spanId: string; startedAt: number }) {
  const seen = { check: 'shop', generation: 'g', from: 'local', at, tookMs: Math.random() * 20 };
  const verdict = { ...seen, status: 'up', findings: [], reason: null, brief: '' } as const;
  const counted = { successes: 0, firstFailedAt: null, lookedAt: at, tookMs: 12 } as const;
  const state = {
    ...({ check: 'shop', generation: 'g', status: 'up', since: at, reason: null } as const),
    ...({ brief: '', window: [], lastStatus: 'up' } as const),
    ...counted,
  };
  return { type: 'looked', verdict, state, facts: {}, trace } as const;
}
