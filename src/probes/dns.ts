/**
 * A question to a name server: its response code and its answers. The name is asked for as it is
 * written: neither the hosts file nor a search list has a say, and nothing is kept from look to look.
 */
import { domainToASCII } from 'node:url';
import { z } from 'zod';
import { duration, hostPort, ipChoice } from '../system/values.ts';
import { ask } from './_dns-ask.ts';
import type { DnsAsked } from './_dns-ask.ts';
import { RECORDS } from './_dns-wire.ts';
import { connected, connectionGauges, failed, finding, printTarget, printTook } from './_look.ts';
import { timeFinding } from './_look.ts';
import type { ConnectionFacts } from './_look.ts';
import { mismatch } from './_mismatch.ts';
import { printMatch, textMatch } from './_text-match.ts';
import type { Finding, Gauge, Probe, Sight } from './probe.ts';

const MAX_NAME_LENGTH = 253;
const NAME = /^(?:[a-z0-9_*-]{1,63}(?:\.[a-z0-9_*-]{1,63})*)?$/;
const NUMBERS = /^[\d.]*\d$/;

const text = () => z.string({ error: () => 'expected text: put it in quotes' });

/** In ASCII, in lower case, without the dot at the end; the root is empty. */
const domain = z
  .string({ error: () => 'expected a name such as example.com' })
  .meta({ examples: ['example.com'] })
  .transform((written, { issues }) => {
    const ascii = /^[!-~]*$/.test(written) ? written.toLowerCase() : domainToASCII(written);
    const name = ascii.replace(/\.$/, '');
    const isName = ascii !== '' && NAME.test(name) && !NUMBERS.test(name);
    if (isName && name.length <= MAX_NAME_LENGTH) return name;
    issues.push({ code: 'custom', input: written, message: 'is not a name such as example.com' });
    return z.NEVER;
  });

const options = z.strictObject({
  dns: domain,
  record: z.enum(RECORDS).default('A'),
  server: hostPort().optional().describe('Instead of those that this machine asks'),
  ip: ipChoice(),
  over: z.enum(['udp', 'tcp']).default('udp'),
  expect: z
    .strictObject({
      rcode: z
        .string()
        .regex(/^[A-Z0-9_]+$/, 'expected a response code such as NOERROR or NXDOMAIN')
        .default('NOERROR'),
      answers: z
        .union([z.array(text()), textMatch])
        .optional()
        .describe('All of them in any order, or what one of them contains or matches'),
      time: duration({ min: 1 }).optional(),
    })
    .prefault({}),
  warn: z.strictObject({ time: duration({ min: 1 }).optional() }).default({}),
});
type DnsOptions = z.infer<typeof options>;

interface DnsFacts extends ConnectionFacts, DnsAsked {
  readonly at: number;
  readonly elapsedMs: number;
}

/** Without a `server` those of this machine are asked in turn, until one answers. */
async function observe(options: DnsOptions, sight: Sight): Promise<DnsFacts> {
  const { clock, transport, timeoutMs } = sight;
  const at = clock.now();
  const startedAt = clock.monotonic();
  const { dns: name, record, over, ip: family } = options;
  const asked = { name, record, over, family };
  const servers = options.server ? [options.server] : await transport.nameServers();
  let outcome: DnsAsked | undefined;
  for (const [tried, server] of servers.entries()) {
    const left = Math.max(0, timeoutMs - (clock.monotonic() - startedAt));
    const share = left / (servers.length - tried);
    outcome = await ask(asked, server, { ...sight, timeoutMs: share });
    if (outcome.failure === null || sight.signal.aborted) break;
  }
  if (outcome === undefined) throw new Error('this machine asks no name server');
  const elapsedMs = clock.monotonic() - startedAt;
  return { at, elapsedMs, resolveMs: outcome.phases.resolve, ...outcome };
}

function assess(facts: DnsFacts, { record, expect, warn }: DnsOptions): Finding[] {
  const { at, elapsedMs, ip, answer, failure } = facts;
  if (failure !== null) return [failed(failure, at)];
  if (answer === null) return [];
  const findings = [
    connected(`answer from ${ip ?? '?'} in ${printTook(elapsedMs)}`, 'dns'),
    finding({
      expectation: 'rcode',
      met: answer.rcode === expect.rcode,
      expected: expect.rcode,
      seen: answer.rcode,
      reason: 'dns',
      brief: `DNS ${answer.rcode}`,
    }),
  ];
  const isAnswerDue = expect.rcode === 'NOERROR' || expect.answers !== undefined;
  if (answer.rcode === expect.rcode && isAnswerDue) {
    findings.push(answersFinding(answer.records, record, expect.answers));
  }
  if (expect.time !== undefined) findings.push(timeFinding('expect', elapsedMs, expect.time));
  if (warn.time !== undefined) findings.push(timeFinding('warn', elapsedMs, warn.time));
  return findings;
}

function answersFinding(
  records: readonly string[],
  record: DnsOptions['record'],
  expected: DnsOptions['expect']['answers'],
): Finding {
  const seen = records.length === 0 ? `no ${record}` : records.join(', ');
  const because = (met: boolean, what: string): Finding =>
    finding({
      expectation: 'answers',
      met,
      expected: what,
      seen,
      reason: 'dns',
      brief: records.length === 0 ? seen : `${record} is ${seen}`,
    });
  if (expected === undefined) return because(records.length > 0, `at least one ${record}`);
  if (!Array.isArray(expected)) {
    const { not_contains: unwanted, ...wanted } = expected;
    const isThere =
      Object.keys(wanted).length === 0 || records.some((each) => mismatch(each, wanted) === null);
    const isAway = unwanted === undefined || records.every((each) => !each.includes(unwanted));
    return because(isThere && isAway, `${record} ${printMatch(expected)}`);
  }
  const like = (each: string): string => comparable(each, record);
  const isSame = sorted(records.map(like)) === sorted(expected.map(like));
  return because(isSame, expected.length === 0 ? `no ${record}` : expected.join(', '));
}

function sorted(texts: readonly string[]): string {
  return JSON.stringify([...new Set(texts)].sort());
}

/** As people write it: any case, dots at the ends of names, any form of an IPv6 address. */
function comparable(written: string, record: DnsOptions['record']): string {
  if (record === 'TXT' || record === 'CAA') return written;
  if (record === 'AAAA') return URL.parse(`http://[${written}]/`)?.hostname ?? written;
  return written
    .toLowerCase()
    .trim()
    .replace(/\s+/g, ' ')
    .replace(/\.(?= |$)/g, '');
}

const count = (name: 'answer' | 'authority' | 'additional'): Gauge<DnsFacts> => ({
  name: `probe_dns_${name}_rrs`,
  help: `Records in the ${name} section`,
  read: ({ answer }) => answer?.counts[name],
});

const gauges: readonly Gauge<DnsFacts>[] = [
  ...connectionGauges,
  {
    name: 'probe_dns_duration_seconds',
    help: 'Duration by phase',
    label: 'phase',
    read: ({ phases }) =>
      new Map(Object.entries(phases).map(([phase, ms]: [string, number]) => [phase, ms / 1_000])),
  },
  count('answer'),
  count('authority'),
  count('additional'),
  {
    name: 'probe_dns_query_succeeded',
    help: '1 if there was an answer, whatever it says',
    read: ({ answer }) => (answer === null ? 0 : 1),
  },
  {
    name: 'probe_dns_serial',
    help: 'The serial number of the zone, where its SOA was asked for',
    read: ({ answer }) => answer?.serial ?? undefined,
  },
];

export const dns: Probe<DnsOptions, DnsFacts> = {
  type: 'dns',
  options,
  reaches: ({ dns: name, server }) => (server === undefined ? [name] : [name, printTarget(server)]),
  target({ dns: name, record, server }) {
    if (server === undefined) return `dns:${name}/${record}`;
    const { host, port } = server;
    return `dns://${host.includes(':') ? `[${host}]` : host}:${port}/${name}/${record}`;
  },
  observe,
  assess,
  gauges,
};
