/**
 * A gRPC server asked by the health protocol (grpc.health.v1) whether it, or one service of it, can
 * serve. A server that does not know the protocol is not up: it has not said so.
 */
import { z } from 'zod';
import type { TlsFacts } from '../system/transport.ts';
import { duration, hostPort, ipChoice, resolverChoice } from '../system/values.ts';
import { certificateFinding, lifeLeft, tlsGauges } from './_certificate.ts';
import { checkHealth, MAX_SERVICE_LENGTH, SERVING_STATUSES } from './_grpc-health.ts';
import type { Checked } from './_grpc-health.ts';
import { connected, connectionGauges, failed, failureOf, finding, printTook } from './_look.ts';
import { printTarget, timeFinding } from './_look.ts';
import type { ConnectionFacts } from './_look.ts';
import { secureBy, tlsSwitch, TLS_FILES } from './_tls-options.ts';
import type { Finding, Gauge, Probe, Sight } from './probe.ts';

const options = z
  .strictObject({
    grpc: hostPort(),
    resolver: resolverChoice(),
    ip: ipChoice(),
    service: z
      .string({ error: () => 'expected the full name of a service, such as shop.v1.Cart' })
      .regex(/^[\x21-\x7e]*$/, 'expected the full name of a service, such as shop.v1.Cart')
      .max(MAX_SERVICE_LENGTH)
      .default('')
      .describe('Empty: the server as a whole'),
    tls: tlsSwitch.default(false),
    expect: z.strictObject({ time: duration({ min: 1 }).optional() }).default({}),
    warn: z
      .strictObject({ time: duration({ min: 1 }).optional(), certificate: lifeLeft.optional() })
      .default({}),
  })
  .superRefine(({ tls, warn }, { addIssue }) => {
    if (tls !== false || warn.certificate === undefined) return;
    const message = 'there is no certificate without tls: true';
    addIssue({ code: 'custom', path: ['warn', 'certificate'], message });
  });
type GrpcOptions = z.infer<typeof options>;

interface GrpcFacts extends ConnectionFacts, Checked {
  readonly at: number;
  readonly elapsedMs: number;
  readonly connectMs: number;
  readonly tlsMs: number;
  readonly tls: TlsFacts | null;
}

const NO_ANSWER = { httpStatus: null, grpcStatus: null, grpcMessage: '', serving: null } as const;

async function observe(options: GrpcOptions, sight: Sight): Promise<GrpcFacts> {
  const { grpc: to, resolver, ip: family, service, tls } = options;
  const { clock, transport, timeoutMs, signal } = sight;
  const at = clock.now();
  const startedAt = clock.monotonic();
  const isTls = tls !== false;
  const secure = isTls && { secure: secureBy(tls, { alpn: ['h2'] }) };
  const dialled = await transport.connect({
    ...to,
    timeoutMs,
    signal,
    resolver,
    family,
    ...secure,
  });
  const isDialled = !('failure' in dialled);
  const checked = isDialled
    ? await checkHealth(dialled, { ...to, isTls }, service, sight, at)
    : { ...NO_ANSWER, checkMs: 0, failure: failureOf(dialled) };
  return {
    ...checked,
    at,
    elapsedMs: clock.monotonic() - startedAt,
    ip: dialled.ip,
    resolveMs: isDialled ? dialled.resolveMs : dialled.phases.resolve,
    connectMs: isDialled ? dialled.connectMs : dialled.phases.connect,
    tlsMs: isDialled ? dialled.tlsMs : dialled.phases.tls,
    tls: dialled.tls,
  };
}

function assess(facts: GrpcFacts, { expect, warn }: GrpcOptions): Finding[] {
  const { at, elapsedMs, ip, tls, failure } = facts;
  if (failure !== null) return [failed(failure, at)];
  const findings = [
    connected(`an answer from ${ip ?? '?'} in ${printTook(elapsedMs)}`, 'refused'),
    healthFinding(facts),
  ];
  if (expect.time !== undefined) findings.push(timeFinding('expect', elapsedMs, expect.time));
  if (warn.time !== undefined) findings.push(timeFinding('warn', elapsedMs, warn.time));
  if (warn.certificate !== undefined) findings.push(certificateFinding(tls, warn.certificate, at));
  return findings;
}

function healthFinding({ httpStatus, grpcStatus, grpcMessage, serving }: Checked): Finding {
  const about = { expectation: 'health', met: false, expected: 'SERVING' } as const;
  if (httpStatus !== 200) {
    const seen = `HTTP ${httpStatus ?? 0}`;
    return finding({ ...about, seen, reason: 'status', brief: seen });
  }
  if (grpcStatus === null || (grpcStatus === 0 && serving === null)) {
    return finding({ ...about, seen: 'no gRPC', reason: 'protocol', brief: 'not a gRPC answer' });
  }
  const word = serving ?? `gRPC ${STATUSES[grpcStatus] ?? grpcStatus}`;
  const seen = grpcMessage === '' ? word : `${word}: ${grpcMessage}`;
  return finding({ ...about, met: serving === 'SERVING', seen, reason: 'status', brief: seen });
}

/** https://grpc.io/docs/guides/status-codes/ */
const STATUSES = 'OK CANCELLED UNKNOWN INVALID_ARGUMENT DEADLINE_EXCEEDED NOT_FOUND ALREADY_EXISTS'
  .concat(' PERMISSION_DENIED RESOURCE_EXHAUSTED FAILED_PRECONDITION ABORTED OUT_OF_RANGE')
  .concat(' UNIMPLEMENTED INTERNAL UNAVAILABLE DATA_LOSS UNAUTHENTICATED')
  .split(' ');

const DEADLINE_EXCEEDED = 4;
const UNAVAILABLE = 14;

const gauges: readonly Gauge<GrpcFacts>[] = [
  ...connectionGauges,
  ...tlsGauges,
  {
    name: 'probe_grpc_status_code',
    help: 'gRPC status code, as a client has it: 4 or 14 where there was no answer',
    read({ grpcStatus, failure }) {
      return grpcStatus ?? (failure?.reason === 'timeout' ? DEADLINE_EXCEEDED : UNAVAILABLE);
    },
  },
  {
    name: 'probe_grpc_healthcheck_response',
    help: '1 for the status that the health protocol gave',
    label: 'serving_status',
    read: ({ serving }) =>
      new Map(SERVING_STATUSES.map((status) => [status, status === serving ? 1 : 0])),
  },
  {
    name: 'probe_grpc_ssl',
    help: '1 if the connection used TLS',
    read: ({ tls }) => (tls === null ? 0 : 1),
  },
  {
    name: 'probe_grpc_duration_seconds',
    help: 'Duration by phase',
    label: 'phase',
    read: ({ resolveMs, connectMs, tlsMs, checkMs }) =>
      new Map([
        ['resolve', resolveMs / 1_000],
        ['connect', connectMs / 1_000],
        ['tls', tlsMs / 1_000],
        ['check', checkMs / 1_000],
      ]),
  },
];

export const grpc: Probe<GrpcOptions, GrpcFacts> = {
  type: 'grpc',
  options,
  files: TLS_FILES.map((key) => ['tls', key]),
  target: ({ grpc }) => printTarget(grpc),
  reaches: ({ grpc }) => [printTarget(grpc)],
  observe,
  assess,
  gauges,
};
