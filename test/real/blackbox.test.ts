/** Side by side with Debian's blackbox_exporter: the same target, the same names, the same numbers. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { dns } from '../../src/probes/dns.ts';
import { http } from '../../src/probes/http.ts';
import { icmp } from '../../src/probes/icmp.ts';
import type { AnyProbe } from '../../src/probes/probe.ts';
import { tcp } from '../../src/probes/tcp.ts';
import { a, dnsServer } from '../dns-server.ts';
import { httpServer, httpsServer, pem } from '../loopback.ts';
import { readExposition, type Exposition } from '../observers/exposition-reader.ts';
import { look } from '../probes/looking.ts';
import { startExporter, type Program } from './prometheus.ts';

const ip4 = { preferred_ip_protocol: 'ip4' };
const regex = { fail_if_body_not_matches_regexp: ['Site'] };
const MODULES = {
  http: { prober: 'http', http: { ...ip4, ...regex } },
  https: { prober: 'http', http: { ...ip4, tls_config: { insecure_skip_verify: true } } },
  tcp: { prober: 'tcp', tcp: ip4 },
  icmp: { prober: 'icmp', icmp: ip4 },
  dns: { prober: 'dns', dns: { ...ip4, query_name: 'example.test', query_type: 'A' } },
};
/** What every check has, whatever its probe reads off its facts. */
const OF_THE_CHECK = ['probe_success', 'probe_duration_seconds'];
/** What the exporter has and Tocsin does not. */
const LEFT_OUT = ['probe_ssl_last_chain_expiry_timestamp_seconds', 'probe_ssl_last_chain_info'];

let exporter: Program;
beforeAll(async () => {
  exporter = await startExporter({ modules: MODULES });
});
afterAll(() => exporter.stop());

/** By name, or by name and the value of a label, as `look` has them. */
function numbersOf({ samples }: Exposition): Record<string, number> {
  return Object.fromEntries(
    samples.map(({ name, labels, value }) => [[name, ...Object.values(labels)].join(' '), value]),
  );
}

async function both(module: string, target: string, probe: AnyProbe, written: object) {
  const answer = await fetch(`${exporter.url}/probe?module=${module}&target=${target}`);
  const theirs = numbersOf(readExposition(await answer.text()));
  return { theirs, ours: (await look(probe, written)).gauges };
}

function compare(
  { theirs, ours }: Awaited<ReturnType<typeof both>>,
  equal: readonly string[],
  missing: readonly string[] = [],
): void {
  const bare = Object.keys(theirs).filter((name) => !LEFT_OUT.some((n) => name.startsWith(n)));
  const lacking = bare.filter((name) => !(name in ours) && !OF_THE_CHECK.includes(name));
  expect(lacking).toEqual(missing);
  const pick = (of: Readonly<Record<string, number>>) => equal.map((name) => [name, of[name]]);
  expect(pick(ours)).toEqual(pick(theirs));
}

const HTTP = ['content_length', 'redirects', 'ssl', 'status_code', 'uncompressed_body_length'];
const OF_HTTP = [...HTTP, 'version', 'last_modified_timestamp_seconds'].map(
  (name) => `probe_http_${name}`,
);
const OF_ALL = ['probe_ip_protocol', 'probe_ip_addr_hash'];

test.each(['<h1>Site</h1>', '<h1>Not this</h1>'])('http, %s', async (body) => {
  const port = await httpServer((_, answer) => {
    answer.setHeader('last-modified', 'Mon, 05 Jan 2026 04:12:00 GMT').end(body);
  });
  const address = `http://127.0.0.1:${port}/`;
  const seen = await both('http', address, http, {
    http: address,
    expect: { body: { matches: 'Site' } },
  });
  compare(seen, [...OF_ALL, ...OF_HTTP, 'probe_failed_due_to_regex']);
});

test('https', async () => {
  const port = await httpsServer('good', (_, answer) => answer.end('ok'));
  const address = `https://localhost:${port}/`;
  const tls = { ca: pem('ca.pem') };
  const seen = await both('https', address, http, { http: address, tls, ip: 4 });
  const of = ['probe_ssl_earliest_cert_expiry', 'probe_tls_version_info TLS 1.3'];
  compare(seen, [...OF_ALL, ...of, 'probe_http_ssl']);
});

test('tcp', async () => {
  const port = await httpServer((_, answer) => answer.end());
  const address = `127.0.0.1:${port}`;
  compare(await both('tcp', address, tcp, { tcp: address }), OF_ALL, ['probe_failed_due_to_regex']);
});

test('dns', async () => {
  const { port } = await dnsServer(() => ({ answers: [a('example.test', '192.0.2.1')] }));
  const server = `127.0.0.1:${port}`;
  const seen = await both('dns', server, dns, { dns: 'example.test', server });
  const sections = ['answer', 'authority', 'additional'].map((name) => `probe_dns_${name}_rrs`);
  compare(seen, [...OF_ALL, ...sections, 'probe_dns_query_succeeded']);
});

test('icmp', async () => {
  const { theirs, ours } = await both('icmp', '127.0.0.1', icmp, { icmp: '127.0.0.1' });
  // The exporter may not be allowed to ping; its phases are there in any case.
  const phases = Object.keys(theirs).filter((name) => name.startsWith('probe_icmp_duration'));
  expect(phases).toHaveLength(3);
  expect(Object.keys(ours)).toEqual(expect.arrayContaining(phases));
});
