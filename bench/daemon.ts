/**
 * Part 2: the whole daemon, as it is run, with N checks every 10 s, Twilio and SendGrid loaded. The
 * target and the one who is told (a webhook) are this process, on the other core: what is late is
 * late as the target sees it. Checks are confirmed by one failure, so that the time from the first
 * failing answer to the first byte of the notification is Tocsin's own.
 */
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { cpuMsOf, PROBER_CORE, quantile, rssMbOf } from './cost.ts';
import { freePort, inScratch, start, untilListening } from './program.ts';

const EVERY_MS = 10_000;
/** Beyond the first looks, which are spread in their own way. */
const SETTLE_MS = 15_000;
const WINDOW_MS = 30_000;
const FAILING = 20;
const HOSTS = Array.from({ length: 16 }, (_, i) => `127.0.0.${i + 1}`);

/** Markdown. */
export async function daemon(sizes: readonly number[]): Promise<string> {
  const lines = [
    '| checks | looks/s (wanted) | late ms p50 / p99 / max | core | CPU a look µs | RSS MB | told ms p50 / max | own share ms p50 / p99 |',
    '| --- | --- | --- | --- | --- | --- | --- | --- |',
  ];
  for (const size of sizes) lines.push(await inScratch((directory) => measure(size, directory)));
  return lines.join('\n');
}

async function measure(size: number, directory: string): Promise<string> {
  const world = createWorld();
  const ports = await world.open();
  const file = join(directory, 'checks.yml');
  const operator = await freePort();
  writeFileSync(file, configuration(size, directory, ports, operator, await freePort()));
  const daemon = start(PROBER_CORE, ['node', 'src/main.ts', 'run', '--config', file]);
  try {
    await untilListening(operator);
    await pause(SETTLE_MS);
    world.arrivals.clear();
    const cpuBefore = cpuMsOf(daemon.pid);
    const startedAt = performance.now();
    await pause(WINDOW_MS);
    const wallMs = performance.now() - startedAt;
    const cpuMs = cpuMsOf(daemon.pid) - cpuBefore;
    const rss = rssMbOf(daemon.pid);
    const looks = [...world.arrivals.values()].reduce((sum, { length }) => sum + length, 0);
    const late = lateness(world.arrivals.values());
    const told = await failSome(size, world);
    const [p50, p99, max] = [0.5, 0.99, 1].map((share) => quantile(late, share).toFixed(1));
    const line = [
      size,
      `${((looks * 1000) / wallMs).toFixed(1)} (${(size * 1000) / EVERY_MS})`,
      `${p50} / ${p99} / ${max}`,
      (cpuMs / wallMs).toFixed(3),
      ((cpuMs * 1000) / looks).toFixed(0),
      rss.toFixed(0),
      `${quantile(told.after, 0.5).toFixed(0)} / ${quantile(told.after, 1).toFixed(0)}`,
      `${quantile(told.own, 0.5).toFixed(1)} / ${quantile(told.own, 0.99).toFixed(1)}`,
    ];
    console.error(line.join(' | '));
    return `| ${line.join(' | ')} |`;
  } finally {
    await daemon.stop();
    world.close();
  }
}

/** How much later than on the grid that its earliest look lies on, sorted. */
function lateness(arrivals: Iterable<readonly number[]>): number[] {
  const late: number[] = [];
  for (const times of arrivals) {
    const first = times[0] ?? 0;
    const offsets = times.map((at) => at - first - Math.round((at - first) / EVERY_MS) * EVERY_MS);
    const earliest = Math.min(...offsets);
    late.push(...offsets.map((offset) => offset - earliest));
  }
  return late.toSorted((a, b) => a - b);
}

interface World {
  /** By check: when its looks arrived. */
  readonly arrivals: Map<string, number[]>;
  /** Checks that get a 500, and when they first did. */
  readonly failing: Map<string, number | null>;
  /** By check: when the notification came. */
  readonly told: Map<string, number>;
  open(): Promise<{ target: number; sink: number }>;
  close(): void;
}

function createWorld(): World {
  const arrivals = new Map<string, number[]>();
  const failing = new Map<string, number | null>();
  const told = new Map<string, number>();
  const servers: Server[] = [];
  function answer(request: IncomingMessage, response: ServerResponse): void {
    const at = performance.now();
    const check = request.url!.slice(1);
    const times = arrivals.get(check);
    if (times) times.push(at);
    else arrivals.set(check, [at]);
    if (failing.has(check)) {
      failing.set(check, failing.get(check) ?? at);
      response.statusCode = 500;
    }
    response.end('ok');
  }
  async function hear(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const at = performance.now();
    const { incident } = (await json(request)) as { incident: { checks: { id: string }[] } };
    for (const { id } of incident.checks) if (!told.has(id)) told.set(id, at);
    response.end();
  }
  async function listen(server: Server, host: string, port: number): Promise<void> {
    servers.push(server.listen({ host, port, backlog: 4096 }));
    await once(server, 'listening');
  }
  return {
    arrivals,
    failing,
    told,
    async open() {
      const [target, sink] = [await freePort(), await freePort()];
      for (const host of HOSTS) await listen(createServer(answer), host, target);
      const sinkServer = createServer((request, response) => void hear(request, response));
      await listen(sinkServer, '127.0.0.1', sink);
      return { target, sink };
    },
    close() {
      for (const server of servers) {
        server.close();
        server.closeAllConnections();
      }
    },
  };
}

/** All at one instant. Times in ms: from then, and from the first failing answer, until told. Sorted. */
async function failSome(size: number, { failing, told }: World) {
  const at = performance.now();
  for (let i = 0; i < FAILING; i++) failing.set(`c${Math.floor((i * size) / FAILING)}`, null);
  await pause(EVERY_MS + 2_000);
  const missing = [...failing.keys()].filter((check) => !told.has(check));
  if (missing.length > 0) throw new Error(`nobody was told of ${missing.join(', ')}`);
  const heard = [...failing].map(([check, failedAt]) => ({ failedAt, toldAt: told.get(check)! }));
  const sorted = (values: number[]) => values.toSorted((a, b) => a - b);
  return {
    after: sorted(heard.map(({ toldAt }) => toldAt - at)),
    own: sorted(heard.map(({ failedAt, toldAt }) => toldAt - (failedAt ?? NaN))),
  };
}

function configuration(
  size: number,
  directory: string,
  { target, sink }: { target: number; sink: number },
  operator: number,
  open: number,
): string {
  const checks = Array.from({ length: size }, (_, i) => {
    const host = HOSTS[i % HOSTS.length]!;
    return `  c${i}: { http: "http://${host}:${target}/c${i}" }\n`;
  });
  return `
version: 1
listen: { operator: "127.0.0.1:${operator}", public: "127.0.0.1:${open}" }
data: ${directory}/data
defaults:
  every: ${EVERY_MS / 1000}s
  timeout: 5s
  confirm: { fail: 1, recover: 1, recheck: ${EVERY_MS / 1000}s }
channels:
  sink: { type: webhook, url: "http://127.0.0.1:${sink}/", secret: whsec_${btoa('x'.repeat(24))} }
  sms: { type: twilio-sms, account_sid: AC${'0'.repeat(32)}, auth_token: none, from: "+15005550006", replies: none, base_url: "http://127.0.0.1:9" }
  email: { type: sendgrid, api_key: none, from: a@example.com, base_url: "http://127.0.0.1:9" }
  console: { type: console }
responders:
  ana: { name: Ana }
escalations:
  on-call: { post: [sink], steps: [{ page: [ana], by: [console] }], group: 0s }
checks:
${checks.join('')}`;
}
