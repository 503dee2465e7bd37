/**
 * An SSH server says who it is (RFC 4253 §4.2), and so do we, so that its log has no stranger in it.
 * Nobody logs in, and no keys are exchanged.
 */
import { z } from 'zod';
import { duration, hostPort, ipChoice, resolverChoice } from '../system/values.ts';
import { converse } from './_converse.ts';
import type { Heard } from './_converse.ts';
import { connected, connectionGauges, failed, failureOf, finding, printTook } from './_look.ts';
import { printTarget, timeFinding } from './_look.ts';
import type { ConnectionFacts } from './_look.ts';
import { mismatch } from './_mismatch.ts';
import { printMatch, textMatch } from './_text-match.ts';
import type { Finding, Probe, Sight } from './probe.ts';

const OUR_BANNER = 'SSH-2.0-tocsin\r\n';
/** Other lines may come before it. */
const BANNER = /^(SSH-[^\r\n]*)\r?\n/m;
/** 1.99 is a server that knows both. */
const SPOKEN = /^SSH-(?:2\.0|1\.99)-/;

const options = z.strictObject({
  ssh: hostPort(),
  resolver: resolverChoice(),
  ip: ipChoice(),
  expect: z
    .strictObject({ banner: textMatch.optional(), time: duration({ min: 1 }).optional() })
    .default({}),
  warn: z.strictObject({ time: duration({ min: 1 }).optional() }).default({}),
});
type SshOptions = z.infer<typeof options>;

interface SshFacts extends ConnectionFacts, Heard {
  readonly at: number;
  readonly elapsedMs: number;
}

async function observe(
  { ssh: to, resolver, ip: family }: SshOptions,
  sight: Sight,
): Promise<SshFacts> {
  const { clock, transport, timeoutMs, signal } = sight;
  const at = clock.now();
  const startedAt = clock.monotonic();
  const dialled = await transport.connect({ ...to, timeoutMs, signal, resolver, family });
  const isDialled = !('failure' in dialled);
  const heard = isDialled
    ? await converse(dialled, OUR_BANNER, (text) => Promise.resolve(BANNER.test(text)), sight, at)
    : { banner: null, failure: failureOf(dialled) };
  const resolveMs = isDialled ? dialled.resolveMs : dialled.phases.resolve;
  return { at, elapsedMs: clock.monotonic() - startedAt, ip: dialled.ip, resolveMs, ...heard };
}

function assess(facts: SshFacts, { expect, warn }: SshOptions): Finding[] {
  const { at, elapsedMs, ip, banner, failure } = facts;
  if (failure !== null) return [failed(failure, at)];
  const text = banner ?? '';
  const line = BANNER.exec(text)?.[1];
  if (line === undefined || !SPOKEN.test(line)) return [notSsh(line ?? text, elapsedMs)];
  const findings = [connected(`${line} from ${ip ?? '?'} in ${printTook(elapsedMs)}`, 'refused')];
  if (expect.banner !== undefined) {
    const wrong = mismatch(line, expect.banner);
    findings.push(
      finding({
        expectation: 'banner',
        met: wrong === null,
        expected: printMatch(expect.banner),
        seen: line,
        reason: 'banner',
        brief: `banner ${wrong ?? ''}`,
      }),
    );
  }
  if (expect.time !== undefined) findings.push(timeFinding('expect', elapsedMs, expect.time));
  if (warn.time !== undefined) findings.push(timeFinding('warn', elapsedMs, warn.time));
  return findings;
}

function notSsh(text: string, elapsedMs: number): Finding {
  const about = { expectation: 'banner', met: false, expected: 'a banner of SSH 2.0' } as const;
  if (text === '') {
    const took = printTook(elapsedMs);
    return finding({
      ...about,
      ...{ seen: `nothing in ${took}`, reason: 'banner', brief: `no banner in ${took}` },
    });
  }
  return finding({ ...about, seen: text, reason: 'protocol', brief: `not SSH 2.0: ${text}` });
}

export const ssh: Probe<SshOptions, SshFacts> = {
  type: 'ssh',
  options,
  target: ({ ssh }) => printTarget(ssh),
  reaches: ({ ssh }) => [printTarget(ssh)],
  observe,
  assess,
  gauges: connectionGauges,
};
