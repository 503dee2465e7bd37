/**
 * Echo requests (ICMP) by the system's ping, which has the right to send them where we have not. One
 * reply is enough to be up, unless more is expected: a lost packet is not an outage.
 */
import { z } from 'zod';
import { duration, ipChoice, resolverChoice } from '../system/values.ts';
import { connected, connectionGauges, failed, failureOf, finding, printTook } from './_look.ts';
import type { ConnectionFacts, LookFailure } from './_look.ts';
import { timeFinding } from './_look.ts';
import { INTERVAL_MS, pingArgv, readPing } from './_ping.ts';
import type { Finding, Gauge, Probe, Sight } from './probe.ts';

const MAX_PACKETS = 10;
const MAX_OUTPUT_BYTES = 8 * 1024;

const share = z
  .string({ error: () => 'expected a share such as 20%' })
  .regex(/^(?:100|\d{1,2})%$/, 'expected a share such as 20%')
  .meta({ examples: ['20%'] })
  .transform((written) => Number.parseInt(written, 10) / 100);

const limits = {
  loss: share.optional().describe('At most so many packets lost'),
  time: duration({ min: 1 }).optional().describe('At most this mean round trip'),
};

const options = z.strictObject({
  icmp: z
    .string({ error: () => 'expected a host, such as gw.example.com' })
    .regex(/^[A-Za-z0-9_.:-]+$/, 'expected a host without a port, such as gw.example.com or ::1')
    .refine((host) => !/^[^:]*:\d+$/.test(host), 'a ping has no port: write only the host')
    .refine((host) => !host.startsWith('-'), 'is not a host'),
  resolver: resolverChoice(),
  ip: ipChoice(),
  packets: z.number().int().min(1).max(MAX_PACKETS).default(1),
  expect: z.strictObject(limits).default({}),
  warn: z.strictObject(limits).default({}),
});
type IcmpOptions = z.infer<typeof options>;

interface IcmpFacts extends ConnectionFacts {
  readonly at: number;
  readonly sent: number;
  readonly received: number;
  readonly rttMs: number | null;
  readonly ttl: number | null;
  /** All but resolving and waiting for replies: the program's own work. */
  readonly setupMs: number;
  readonly failure: LookFailure | null;
}

async function observe(options: IcmpOptions, sight: Sight): Promise<IcmpFacts> {
  const { icmp: host, resolver, ip: family, packets } = options;
  const { clock, transport, run, timeoutMs, signal } = sight;
  const at = clock.now();
  const startedAt = clock.monotonic();
  const none = { sent: packets, received: 0, rttMs: null, ttl: null, setupMs: 0 };
  const found = await transport.resolve({ host, timeoutMs, signal, resolver, family });
  if ('failure' in found) {
    return { ...none, at, ip: null, resolveMs: found.phases.resolve, failure: failureOf(found) };
  }
  const { ip, resolveMs } = found;
  const leftMs = Math.max(0, timeoutMs - (clock.monotonic() - startedAt));
  const argv = pingArgv(ip, packets, leftMs);
  const program = { argv, env: {}, maxBytes: MAX_OUTPUT_BYTES, timeoutMs: leftMs, signal };
  const ran = await run(program);
  const tookMs = clock.monotonic() - startedAt;
  const { failure: why, ...replies } = readPing(ran, printTook(tookMs));
  const waitedMs = (packets - 1) * INTERVAL_MS + (replies.rttMs ?? 0);
  return {
    ...{ at, ip, resolveMs, sent: packets, ...replies },
    setupMs: Math.max(0, tookMs - resolveMs - waitedMs),
    failure: why && { reason: why.reason, detail: `${why.what} (${ip})`, certificateEndsAt: null },
  };
}

function assess(facts: IcmpFacts, { expect, warn }: IcmpOptions): Finding[] {
  const { at, ip, sent, received, rttMs, failure } = facts;
  if (failure !== null || rttMs === null) {
    const nothing = { reason: 'timeout', detail: 'no reply', certificateEndsAt: null } as const;
    return [failed(failure ?? nothing, at)];
  }
  const seen = `${received} of ${sent} replies from ${ip ?? '?'} in ${printRtt(rttMs)}`;
  const findings = [connected(seen, 'timeout')];
  for (const [level, { loss, time }] of Object.entries({ expect, warn })) {
    const as = level === 'warn' ? 'warn' : 'expect';
    if (loss !== undefined) findings.push(lossFinding(as, 1 - received / sent, loss));
    if (time !== undefined) findings.push(timeFinding(as, rttMs, time));
  }
  return findings;
}

function lossFinding(level: Finding['level'], lost: number, most: number): Finding {
  const seen = `${Math.round(lost * 100)}%`;
  return finding({
    expectation: 'loss',
    level,
    met: lost <= most,
    expected: `at most ${Math.round(most * 100)}% lost`,
    seen: `${seen} lost`,
    reason: 'timeout',
    brief: `${seen} of packets lost`,
  });
}

/** Often less than a millisecond. */
function printRtt(ms: number): string {
  return ms < 10 ? `${ms.toFixed(2)}ms` : printTook(ms);
}

const gauges: readonly Gauge<IcmpFacts>[] = [
  ...connectionGauges,
  {
    name: 'probe_icmp_duration_seconds',
    help: 'Duration by phase: rtt is the mean round trip',
    label: 'phase',
    read({ resolveMs, setupMs, rttMs }) {
      const phases = new Map([
        ['resolve', resolveMs / 1_000],
        ['setup', setupMs / 1_000],
      ]);
      return rttMs === null ? phases : phases.set('rtt', rttMs / 1_000);
    },
  },
  {
    name: 'probe_icmp_reply_hop_limit',
    help: 'Hops that the first reply had left (TTL of IPv4)',
    read: ({ ttl }) => ttl ?? undefined,
  },
];

export const icmp: Probe<IcmpOptions, IcmpFacts> = {
  type: 'icmp',
  startsProgram: true,
  options,
  target: ({ icmp }) => icmp,
  reaches: ({ icmp }) => [icmp],
  observe,
  assess,
  gauges,
};
