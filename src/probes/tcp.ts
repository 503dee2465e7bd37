/**
 * A TCP port: it takes a connection, speaks TLS where that is asked for and, where a banner is
 * expected, says what it should. Nothing that is sent is taken back: a port that must not be written
 * to gets no `send`.
 */
import { z } from 'zod';
import type { Registration } from '../registration/rdap.ts';
import type { TlsFacts } from '../system/transport.ts';
import { duration, hostPort, ipChoice, resolverChoice } from '../system/values.ts';
import { certificateFinding, lifeLeft, printProtocol, tlsGauges } from './_certificate.ts';
import { converse } from './_converse.ts';
import type { Heard } from './_converse.ts';
import { domainFault, domainFinding, domainGauges } from './_domain.ts';
import { registrationLeft, registrationOf } from './_domain.ts';
import { hear, heldFinding } from './_hearing.ts';
import type { Held } from './_hearing.ts';
import { connected, connectionGauges, failed, failureOf, finding, printTook } from './_look.ts';
import { printTarget, timeFinding } from './_look.ts';
import type { ConnectionFacts } from './_look.ts';
import { printMatch, textMatch } from './_text-match.ts';
import { secureBy, starttls, tlsSwitch, TLS_FILES } from './_tls-options.ts';
import type { Finding, Probe, Sight } from './probe.ts';

const options = z
  .strictObject({
    tcp: hostPort(),
    resolver: resolverChoice(),
    ip: ipChoice(),
    tls: tlsSwitch.optional().describe('TLS before anything is sent; true where starttls is given'),
    starttls: starttls.optional(),
    send: z
      .string({ error: () => 'expected text: put it in quotes' })
      .optional()
      .describe('Sent as UTF-8 as soon as the connection is there'),
    expect: z
      .strictObject({
        banner: textMatch.optional(),
        time: duration({ min: 1 }).optional(),
      })
      .default({}),
    warn: z
      .strictObject({
        time: duration({ min: 1 }).optional(),
        certificate: lifeLeft.optional(),
        domain: registrationLeft().optional(),
      })
      .default({}),
  })
  .superRefine(({ tcp, tls, starttls, warn }, { addIssue }) => {
    const fault = warn.domain === undefined ? null : domainFault(tcp.host);
    if (fault !== null) addIssue({ code: 'custom', path: ['warn', 'domain'], message: fault });
    const isPlain = tls === false || (tls === undefined && starttls === undefined);
    if (isPlain && starttls !== undefined) {
      addIssue({ code: 'custom', path: ['starttls'], message: 'is of no use with tls: false' });
    }
    if (isPlain && warn.certificate !== undefined) {
      const message = 'there is no certificate without tls: true or starttls';
      addIssue({ code: 'custom', path: ['warn', 'certificate'], message });
    }
  });
type TcpOptions = z.infer<typeof options>;

interface TcpFacts extends ConnectionFacts, Heard {
  /** What came of the banner; null: none came, or was expected. */
  readonly held: Held | null;
  readonly at: number;
  readonly elapsedMs: number;
  readonly tls: TlsFacts | null;
  readonly registration: Registration | null;
}

async function observe(options: TcpOptions, sight: Sight): Promise<TcpFacts> {
  const { tcp: to, resolver, ip: family, tls, starttls = null, send = '', expect, warn } = options;
  const { clock, transport, timeoutMs, signal } = sight;
  const at = clock.now();
  const startedAt = clock.monotonic();
  const asked = tls ?? starttls !== null;
  const secure = asked !== false && { secure: secureBy(asked, { starttls }) };
  const { banner } = expect;
  const hangUp = asked === false && send === '' && banner === undefined;
  const dialled = await transport.connect({
    ...{ ...to, timeoutMs, signal, resolver, family, hangUp },
    ...secure,
  });
  const { ip } = dialled;
  const registration = registrationOf(warn, to.host, sight);
  const seen = (heard: Heard, resolveMs: number): TcpFacts => {
    const elapsedMs = clock.monotonic() - startedAt;
    return { at, elapsedMs, ip, resolveMs, tls: dialled.tls, registration, held: null, ...heard };
  };
  if ('failure' in dialled) {
    return seen({ banner: null, failure: failureOf(dialled) }, dialled.phases.resolve);
  }
  if (hangUp) return seen({ banner: null, failure: null }, dialled.resolveMs);
  const leftMs = () => at + timeoutMs - clock.now();
  const hearing = banner ? hear(banner, sight.inspect, leftMs) : null;
  const heard = await converse(dialled, send, hearing?.isEnough ?? null, sight, at);
  const facts = seen(heard, dialled.resolveMs);
  if (hearing === null || heard.failure !== null || heard.banner === '') return facts;
  return { ...facts, held: await hearing.of(heard.banner ?? '') };
}

function assess(facts: TcpFacts, { expect, warn }: TcpOptions): Finding[] {
  const { at, elapsedMs, ip, tls, held, failure, registration } = facts;
  if (failure !== null) return [failed(failure, at)];
  const by = tls === null ? '' : ` by ${printProtocol(tls.protocol)}`;
  const findings = [
    connected(`connected to ${ip ?? '?'}${by} in ${printTook(elapsedMs)}`, 'refused'),
  ];
  if (expect.banner !== undefined) {
    const took = printTook(elapsedMs);
    const nothing = { met: false, seen: `nothing in ${took}`, brief: `no banner in ${took}` };
    const about = { expectation: 'banner', expected: printMatch(expect.banner) };
    findings.push(
      held === null
        ? finding({ ...about, ...nothing, reason: 'banner' })
        : finding(heldFinding('banner', held, expect.banner, 'banner')),
    );
  }
  if (expect.time !== undefined) findings.push(timeFinding('expect', elapsedMs, expect.time));
  if (warn.time !== undefined) findings.push(timeFinding('warn', elapsedMs, warn.time));
  if (warn.certificate !== undefined) findings.push(certificateFinding(tls, warn.certificate, at));
  if (warn.domain !== undefined && registration !== null) {
    findings.push(domainFinding(registration, warn.domain, at));
  }
  return findings;
}

export const tcp: Probe<TcpOptions, TcpFacts> = {
  type: 'tcp',
  options,
  files: TLS_FILES.map((key) => ['tls', key]),
  target: ({ tcp }) => printTarget(tcp),
  reaches: ({ tcp }) => [printTarget(tcp)],
  registered: ({ tcp, warn }) => (warn.domain === undefined ? null : tcp.host),
  observe,
  assess,
  gauges: [
    ...connectionGauges,
    {
      name: 'probe_failed_due_to_regex',
      help: '1 if the last body, a header or a banner was not as expected',
      read: ({ held }) => (held !== null && 'wrong' in held && held.wrong !== null ? 1 : 0),
    },
    ...tlsGauges,
    ...domainGauges,
  ],
};
