/** Side by side with Debian's blackbox_exporter: the same target, the same names, the same numbers. */
import { X509Certificate } from 'node:crypto';
import { createSecureServer, createServer, type ServerHttp2Stream } from 'node:http2';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { dns } from '../../src/probes/dns.ts';
import { grpc } from '../../src/probes/grpc.ts';
import { http } from '../../src/probes/http.ts';
import { icmp } from '../../src/probes/icmp.ts';
import type { AnyProbe } from '../../src/probes/probe.ts';
import { tcp } from '../../src/probes/tcp.ts';
import { a, dnsServer } from '../dns-server.ts';
import { httpServer, httpsServer, pem, serve, tcpServer, tlsServer } from '../loopback.ts';
import { readExposition, type Exposition } from '../observers/exposition-reader.ts';
import { look } from '../probes/looking.ts';
import { startExporter, type Program } from './prometheus.ts';

const ip4 = { preferred_ip_protocol: 'ip4' };
const regex = { fail_if_body_not_matches_regexp: ['Site'] };
const ca_file = fileURLToPath(new URL('../fixtures/tls/ca.pem', import.meta.url));
const MODULES = {
  http: { prober: 'http', http: { ...ip4, ...regex } },
  https: { prober: 'http', http: { ...ip4, tls_config: { ca_file } } },
  tcp: { prober: 'tcp', tcp: ip4 },
  banner: { prober: 'tcp', tcp: { ...ip4, query_response: [{ expect: '^220' }] } },
  tls: { prober: 'tcp', tcp: { ...ip4, tls: true, tls_config: { ca_file } } },
  grpc: { prober: 'grpc', grpc: ip4 },
  grpcs: { prober: 'grpc', grpc: { ...ip4, tls: true, tls_config: { ca_file } } },
  icmp: { prober: 'icmp', icmp: ip4 },
  dns: { prober: 'dns', dns: { ...ip4, query_name: 'example.test', query_type: 'A' } },
};
/** What every check has, whatever its probe reads off its facts. */
const OF_THE_CHECK = ['probe_success', 'probe_duration_seconds'];
let exporter: Program;
beforeAll(async () => {
  exporter = await startExporter({ modules: MODULES });
});
afterAll(() => exporter.stop());

/** By name, or by name and the values of its labels, as `look` has them. */
function numbersOf({ samples }: Exposition): Record<string, number> {
  return Object.fromEntries(
    samples.map(({ name, labels, value }) => [[name, ...Object.values(labels)].join(' '), value]),
  );
}

/** Later exporters have one label more. */
function withoutSerial(gauges: Readonly<Record<string, number>>, pemOfLeaf: string) {
  const serial = new X509Certificate(pemOfLeaf).serialNumber.toLowerCase();
  return Object.fromEntries(
    Object.entries(gauges).map(([name, value]) => [name.replace(` ${serial} `, ' '), value]),
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
  const lacking = Object.keys(theirs).filter(
    (name) => !(name in ours) && !OF_THE_CHECK.includes(name),
  );
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

const OF_TLS = [
  'probe_ssl_earliest_cert_expiry',
  'probe_ssl_last_chain_expiry_timestamp_seconds',
  'probe_tls_version_info TLS 1.3',
];

test.each(['good', 'chain'] as const)('https, %s', async (certificate) => {
  const port = await httpsServer(certificate, (_, answer) => answer.end('ok'));
  const address = `https://localhost:${port}/`;
  const tls = { ca: pem('ca.pem') };
  const { theirs, ours } = await both('https', address, http, { http: address, tls, ip: 4 });
  compare({ theirs, ours: withoutSerial(ours, pem(`${certificate}.pem`)) }, [
    ...[...OF_ALL, ...OF_TLS, 'probe_http_ssl'],
    Object.keys(theirs).find((name) => name.startsWith('probe_ssl_last_chain_info'))!,
  ]);
});

test('tcp', async () => {
  const port = await httpServer((_, answer) => answer.end());
  const address = `127.0.0.1:${port}`;
  compare(await both('tcp', address, tcp, { tcp: address }), [
    ...OF_ALL,
    'probe_failed_due_to_regex',
  ]);
});

test.each(['220 mail.test', '554 not today'])('tcp, a banner: %s', async (banner) => {
  const port = await tcpServer((socket) => socket.end(`${banner}\r\n`));
  const address = `127.0.0.1:${port}`;
  const expected = { banner: { matches: '^220' } };
  const seen = await both('banner', address, tcp, { tcp: address, expect: expected });
  compare(seen, [...OF_ALL, 'probe_failed_due_to_regex']);
});

test('tcp with TLS', async () => {
  const port = await tlsServer('chain', (socket) => socket.end());
  const address = `localhost:${port}`;
  const tls = { ca: pem('ca.pem') };
  const { theirs, ours } = await both('tls', address, tcp, { tcp: address, tls, ip: 4 });
  compare({ theirs, ours: withoutSerial(ours, pem('chain.pem')) }, [...OF_ALL, ...OF_TLS]);
});

test.each(['plain', 'TLS'])('grpc, %s', async (how) => {
  const isTls = how === 'TLS';
  const keys = { key: pem('leaf.key'), cert: pem('chain.pem') };
  const server = isTls ? createSecureServer(keys) : createServer();
  server.on('stream', (stream: ServerHttp2Stream) => {
    const answer = { ':status': 200, 'content-type': 'application/grpc' };
    stream.respond(answer, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
    // SERVING
    stream.end(Buffer.from('00000000020801', 'hex'));
  });
  const address = `localhost:${await serve(server)}`;
  const tls = isTls && { ca: pem('ca.pem') };
  const written = { grpc: address, tls, ip: 4 };
  const { theirs, ours } = await both(isTls ? 'grpcs' : 'grpc', address, grpc, written);
  const of = ['status_code', 'ssl', 'healthcheck_response SERVING'];
  compare(
    { theirs, ours: withoutSerial(ours, pem('chain.pem')) },
    [...OF_ALL, ...of.map((name) => `probe_grpc_${name}`)],
    // Without TLS the exporter has a certificate that ended in 1970, which wakes people for nothing.
    isTls ? [] : ['probe_ssl_earliest_cert_expiry'],
  );
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
