/**
 * A TLS handshake, and the certificate in it: for whom it is, by whom, how long it lasts. Nothing is
 * sent over it, and nobody is asked whether it was revoked.
 */
import { z } from 'zod';
import type { Registration } from '../registration/rdap.ts';
import type { CertificateFacts, TlsFacts } from '../system/transport.ts';
import { duration, hostPort, ipChoice, resolverChoice } from '../system/values.ts';
import { certificateFinding, lifeLeft, printProtocol, tlsGauges } from './_certificate.ts';
import { domainFault, domainFinding, domainGauges } from './_domain.ts';
import { registrationLeft, registrationOf } from './_domain.ts';
import { connected, connectionGauges, failed, failureOf, finding, printTook } from './_look.ts';
import { printTarget, rough, timeFinding } from './_look.ts';
import type { ConnectionFacts, LookFailure } from './_look.ts';
import { checkClient, secureBy, starttls, TLS_FILES, tlsKeys } from './_tls-options.ts';
import type { Finding, Probe, Sight } from './probe.ts';

/** Older ones do not come to a handshake at all. */
const PROTOCOLS = ['TLS 1.2', 'TLS 1.3'] as const;
const MAX_NAMES = 16;
const MAX_NAME_LENGTH = 64;
const MAX_MISSING = 3;

const options = z
  .strictObject({
    tls: hostPort(),
    resolver: resolverChoice(),
    ip: ipChoice(),
    ...tlsKeys,
    starttls: starttls.optional(),
    expect: z
      .strictObject({
        protocol: z.enum(PROTOCOLS).optional().describe('At least'),
        names: z
          .array(z.string().toLowerCase().min(1).max(253))
          .min(1)
          .optional()
          .describe(
            'Host names that the certificate must be for, beside the one it is checked for',
          ),
        time: duration({ min: 1 }).optional(),
      })
      .default({}),
    warn: z
      .strictObject({
        certificate: lifeLeft.optional(),
        time: duration({ min: 1 }).optional(),
        domain: registrationLeft().optional(),
      })
      .default({}),
  })
  .superRefine((written, context) => {
    checkClient(written, context);
    const { tls, warn } = written;
    const fault = warn.domain === undefined ? null : domainFault(tls.host);
    if (fault === null) return;
    context.addIssue({ code: 'custom', path: ['warn', 'domain'], message: fault });
  });
type Options = z.infer<typeof options>;

interface TlsSeen extends Omit<TlsFacts, 'chain'> {
  /** The first 16 of the leaf's. */
  readonly names: readonly string[];
  /** The first 3 of those that are expected. */
  readonly missingNames: readonly string[];
  /** The leaf first. */
  readonly chain: readonly Omit<CertificateFacts, 'names'>[];
}

interface TlsProbeFacts extends ConnectionFacts {
  readonly at: number;
  readonly elapsedMs: number;
  readonly failure: LookFailure | null;
  readonly tls: TlsSeen | null;
  readonly registration: Registration | null;
}

async function observe(options: Options, sight: Sight): Promise<TlsProbeFacts> {
  const { tls: to, resolver, ip: family, starttls = null, expect, warn } = options;
  const { clock, transport, timeoutMs, signal } = sight;
  const at = clock.now();
  const startedAt = clock.monotonic();
  const secure = secureBy(options, { starttls, withChain: true });
  const dialled = await transport.connect({ ...to, timeoutMs, signal, resolver, family, secure });
  const elapsedMs = clock.monotonic() - startedAt;
  const tls = dialled.tls && seenOf(dialled.tls, expect.names ?? []);
  const registration = registrationOf(warn, to.host, sight);
  const facts = { at, elapsedMs, ip: dialled.ip, tls, registration };
  if ('failure' in dialled) {
    return { ...facts, resolveMs: dialled.phases.resolve, failure: failureOf(dialled) };
  }
  const { socket, resolveMs } = dialled;
  // Not to be there for a farewell would be told by the target as an error.
  socket.on('error', () => socket.destroy()).end(() => socket.destroy());
  return { ...facts, resolveMs, failure: null };
}

function seenOf({ chain = [], ...tls }: TlsFacts, expected: readonly string[]): TlsSeen {
  const names = chain[0]?.names ?? [];
  return {
    ...tls,
    names: names.slice(0, MAX_NAMES).map((name) => name.slice(0, MAX_NAME_LENGTH)),
    missingNames: expected
      .filter((name) => !names.some((pattern) => covers(pattern, name)))
      .slice(0, MAX_MISSING),
    chain: chain.map(({ subject, issuer, notAfter }) => ({ subject, issuer, notAfter })),
  };
}

/** RFC 9525: a `*` stands for one label, the first. */
function covers(pattern: string, name: string): boolean {
  const wanted = pattern.toLowerCase();
  return (
    wanted === name || (wanted.startsWith('*.') && wanted.slice(1) === name.replace(/^[^.]+/, ''))
  );
}

function assess(facts: TlsProbeFacts, { verify, expect, warn }: Options): Finding[] {
  const { at, elapsedMs, ip, failure, tls, registration } = facts;
  if (failure !== null) return [failed(failure, at)];
  const protocol = printProtocol(tls?.protocol ?? 'no certificate');
  const findings = [connected(`${protocol} with ${ip ?? '?'} in ${printTook(elapsedMs)}`, 'tls')];
  if (tls !== null) {
    findings.push(shown(tls, verify, at));
    if (expect.protocol !== undefined) findings.push(protocolFinding(protocol, expect.protocol));
    if (expect.names !== undefined) findings.push(namesFinding(tls, expect.names));
  }
  if (expect.time !== undefined) findings.push(timeFinding('expect', elapsedMs, expect.time));
  if (warn.certificate !== undefined) findings.push(certificateFinding(tls, warn.certificate, at));
  if (warn.time !== undefined) findings.push(timeFinding('warn', elapsedMs, warn.time));
  if (warn.domain !== undefined && registration !== null) {
    findings.push(domainFinding(registration, warn.domain, at));
  }
  return findings;
}

/** Always met: one that is not accepted does not come so far. */
function shown(
  { leafNotAfter, chainNotAfter, names, chain }: TlsSeen,
  verify: boolean,
  at: number,
) {
  const leftMs = Math.min(leafNotAfter, chainNotAfter) - at;
  const left = leftMs < 0 ? `expired ${rough(-leftMs)} ago` : `${rough(leftMs)} left`;
  const links = chain.length === 1 ? '1 certificate' : `${chain.length} certificates`;
  const who = `for ${names.join(', ') || (chain[0]?.subject ?? '?')}`;
  return finding({
    expectation: 'certificate',
    met: true,
    expected: verify ? 'a valid certificate' : 'any certificate',
    seen: `${left}, by ${chain[0]?.issuer ?? '?'}, ${links}, ${who}`,
    reason: 'certificate',
    brief: '',
  });
}

function protocolFinding(seen: string, least: (typeof PROTOCOLS)[number]): Finding {
  return finding({
    expectation: 'protocol',
    met: seen >= least,
    expected: `at least ${least}`,
    seen,
    reason: 'protocol',
    brief: `only ${seen}`,
  });
}

function namesFinding({ names, missingNames }: TlsSeen, expected: readonly string[]): Finding {
  return finding({
    expectation: 'names',
    met: missingNames.length === 0,
    expected: expected.join(', '),
    seen: names.join(', ') || 'no names',
    reason: 'certificate',
    brief: `certificate is not for ${missingNames[0] ?? ''}`,
  });
}

export const tls: Probe<Options, TlsProbeFacts> = {
  type: 'tls',
  options,
  files: TLS_FILES.map((key) => [key]),
  target: ({ tls }) => printTarget(tls),
  reaches: ({ tls }) => [printTarget(tls)],
  registered: ({ tls, warn }) => (warn.domain === undefined ? null : tls.host),
  observe,
  assess,
  gauges: [...connectionGauges, ...tlsGauges, ...domainGauges],
};
