/**
 * A WebSocket (RFC 6455): the upgrade is granted and, where something is expected, a message comes
 * that holds it. Messages before that one are passed over.
 */
import { z } from 'zod';
import type { TlsFacts } from '../system/transport.ts';
import { duration, ipChoice, resolverChoice } from '../system/values.ts';
import { certificateFinding, lifeLeft, tlsGauges } from './_certificate.ts';
import { hear, heldFinding, isRight } from './_hearing.ts';
import type { Held } from './_hearing.ts';
import { requestHeaders } from './_http-options.ts';
import { connected, connectionGauges, failed, failureOf, finding, printTook } from './_look.ts';
import { timeFinding } from './_look.ts';
import type { ConnectionFacts } from './_look.ts';
import type { TextMatch } from './_mismatch.ts';
import { printMatch, textMatch } from './_text-match.ts';
import { secureBy, tlsOptions, TLS_FILES } from './_tls-options.ts';
import { talk } from './_websocket-talk.ts';
import type { Talked } from './_websocket-talk.ts';
import type { Finding, Gauge, Probe, Sight } from './probe.ts';

const EXPECTED = 'expected a URL such as wss://example.com/feed';

const wsUrl = z
  .string({ error: () => EXPECTED })
  .meta({ pattern: '^[Ww][Ss][Ss]?://|\\$\\{', examples: ['wss://example.com/feed'] })
  .superRefine((text, { issues }) => {
    const url = URL.parse(text);
    let why: string | null = null;
    if (url === null || !/^wss?:\/\/\S+$/i.test(text)) why = EXPECTED;
    else if (url.username !== '' || url.password !== '') {
      why = 'a URL must not hold a user or password: send them in a header (authorization)';
    } else if (url.hash !== '') why = 'a URL of a WebSocket has no #fragment';
    if (why !== null) issues.push({ code: 'custom', input: undefined, message: why });
  });

const options = z.strictObject({
  websocket: wsUrl,
  resolver: resolverChoice(),
  ip: ipChoice(),
  headers: requestHeaders
    .refine(
      (headers) => !Object.keys(headers).some((name) => name.startsWith('sec-websocket-')),
      'sec-websocket-… headers are set by the connection; for a subprotocol there is "protocols"',
    )
    .default({}),
  protocols: z
    .array(z.string().regex(/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/, 'expected a subprotocol'))
    .default([])
    .describe('Subprotocols to offer: the server must choose one'),
  send: z
    .string({ error: () => 'expected text: put it in quotes' })
    .optional()
    .describe('Sent as a text message after the upgrade'),
  tls: tlsOptions.prefault({}),
  expect: z
    .strictObject({ message: textMatch.optional(), time: duration({ min: 1 }).optional() })
    .default({}),
  warn: z
    .strictObject({ time: duration({ min: 1 }).optional(), certificate: lifeLeft.optional() })
    .default({}),
});
type WebsocketOptions = z.infer<typeof options>;

interface WebsocketFacts extends ConnectionFacts, Omit<Talked, 'message'> {
  readonly at: number;
  readonly elapsedMs: number;
  readonly connectMs: number;
  readonly tlsMs: number;
  readonly tls: TlsFacts | null;
  /** What came of the last message; null: none came, or was expected. */
  readonly held: Held | null;
  /** null: none was expected. */
  readonly isMessageWrong: boolean | null;
}

const NOT_TALKED = { status: 0, message: null, closeCode: null, upgradeMs: 0, talkMs: 0 } as const;

async function observe(options: WebsocketOptions, sight: Sight): Promise<WebsocketFacts> {
  const {
    websocket: address,
    resolver,
    ip: family,
    headers,
    protocols,
    send = null,
    tls,
    expect,
  } = options;
  const { clock, transport, timeoutMs, signal } = sight;
  const at = clock.now();
  const startedAt = clock.monotonic();
  const url = new URL(address);
  const isTls = url.protocol === 'wss:';
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const port = Number(url.port) || (isTls ? 443 : 80);
  const secure = isTls && { secure: secureBy(tls, { alpn: ['http/1.1'] }) };
  const dialled = await transport.connect({
    host,
    port,
    timeoutMs,
    signal,
    resolver,
    family,
    ...secure,
  });
  const isDialled = !('failure' in dialled);
  const { message } = expect;
  const leftMs = () => at + timeoutMs - clock.now();
  const hearing = message ? hear(message, sight.inspect, leftMs) : null;
  const isEnough = hearing?.isEnough ?? null;
  const asked = { url: address, protocols, headers, send, isEnough };
  const { message: said, ...talked } = isDialled
    ? await talk(dialled, port, asked, sight, at)
    : { ...NOT_TALKED, failure: failureOf(dialled) };
  const elapsedMs = clock.monotonic() - startedAt;
  const held = hearing === null || said === null ? null : await hearing.of(said);
  return {
    ...talked,
    at,
    elapsedMs,
    ip: dialled.ip,
    resolveMs: isDialled ? dialled.resolveMs : dialled.phases.resolve,
    connectMs: isDialled ? dialled.connectMs : dialled.phases.connect,
    tlsMs: isDialled ? dialled.tlsMs : dialled.phases.tls,
    tls: dialled.tls,
    held,
    isMessageWrong: message ? held === null || !isRight(held) : null,
  };
}

function assess(facts: WebsocketFacts, { expect, warn }: WebsocketOptions): Finding[] {
  const { at, elapsedMs, ip, tls, status, failure } = facts;
  if (failure !== null) return [failed(failure, at)];
  const findings = [
    connected(`HTTP ${status} from ${ip ?? '?'} in ${printTook(elapsedMs)}`, 'refused'),
    finding({
      expectation: 'upgrade',
      met: status === 101,
      expected: '101',
      seen: String(status),
      reason: 'status',
      brief: `HTTP ${status}`,
    }),
  ];
  if (status === 101 && expect.message !== undefined) {
    findings.push(messageFinding(facts, expect.message));
  }
  if (expect.time !== undefined) findings.push(timeFinding('expect', elapsedMs, expect.time));
  if (warn.time !== undefined) findings.push(timeFinding('warn', elapsedMs, warn.time));
  if (warn.certificate !== undefined) findings.push(certificateFinding(tls, warn.certificate, at));
  return findings;
}

function messageFinding(
  { held, closeCode, elapsedMs }: WebsocketFacts,
  expected: TextMatch,
): Finding {
  if (held !== null) return finding(heldFinding('message', held, expected, 'body'));
  const end = closeCode === null ? `in ${printTook(elapsedMs)}` : `before it closed (${closeCode})`;
  const seen = `no message ${end}`;
  const about = { expectation: 'message', expected: printMatch(expected) };
  return finding({ ...about, met: false, seen, reason: 'body', brief: seen });
}

const gauges: readonly Gauge<WebsocketFacts>[] = [
  ...connectionGauges,
  ...tlsGauges,
  {
    name: 'probe_websocket_status_code',
    help: 'Status code of the answer to the upgrade, 0 without one',
    read: ({ status }) => status,
  },
  {
    name: 'probe_websocket_connection_upgraded',
    help: '1 if the connection became a WebSocket',
    read: ({ status }) => (status === 101 ? 1 : 0),
  },
  {
    name: 'probe_websocket_failed_due_to_regex',
    help: '1 if no message was as expected',
    read: ({ isMessageWrong }) => (isMessageWrong === null ? undefined : Number(isMessageWrong)),
  },
  {
    name: 'probe_websocket_duration_seconds',
    help: 'Duration by phase: processing until the upgrade, transfer until the message',
    label: 'phase',
    read: ({ resolveMs, connectMs, tlsMs, upgradeMs, talkMs }) =>
      new Map([
        ['resolve', resolveMs / 1_000],
        ['connect', connectMs / 1_000],
        ['tls', tlsMs / 1_000],
        ['processing', upgradeMs / 1_000],
        ['transfer', talkMs / 1_000],
      ]),
  },
];

export const websocket: Probe<WebsocketOptions, WebsocketFacts> = {
  type: 'websocket',
  options,
  files: TLS_FILES.map((key) => ['tls', key]),
  reaches: ({ websocket: address }) => [address],
  target({ websocket: address }) {
    const { protocol, host, pathname } = new URL(address);
    return `${protocol}//${host}${pathname}`;
  },
  observe,
  assess,
  gauges,
};
