/** `ip: 4 | 6`: of which family the address is, in every probe that goes to one. */
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { probes } from '../../src/probes/index.ts';
import { serve } from '../loopback.ts';
import { look } from './looking.ts';

const url = (scheme: string) => (port: number) => `${scheme}://localhost:${port}/`;
const place = (port: number) => `localhost:${port}`;
const WRITTEN: readonly [string, (port: number) => string][] = [
  ['http', url('http')],
  ['websocket', url('ws')],
  ['tcp', place],
  ['tls', place],
  ['ssh', place],
  ['grpc', place],
];

test.each(WRITTEN)('%s goes where it is told to', async (type, target) => {
  const probe = probes.get(type)!;
  const four = await serve(
    createServer((socket) => socket.end('no\r\n\r\n')),
    '127.0.0.1',
  );
  const six = await serve(
    createServer((socket) => socket.end('no\r\n\r\n')),
    '::1',
  );
  const by4 = await look(probe, { [type]: target(four), ip: 4 });
  const by6 = await look(probe, { [type]: target(six), ip: 6 });
  expect([by4.facts['ip'], by6.facts['ip']]).toEqual(['127.0.0.1', '::1']);
  expect([by4.gauges, by6.gauges]).toMatchObject([
    { probe_ip_protocol: 4 },
    { probe_ip_protocol: 6 },
  ]);
  const not6 = await look(probe, { [type]: target(four), ip: 6 });
  expect(not6.unmet).toMatchObject([{ reason: 'refused' }]);
});

test.each([
  ['http', 'http://127.0.0.1/', 6, 'no IPv6 address (AAAA)'],
  ['tcp', '[::1]:80', 4, 'no IPv4 address (A)'],
  ['icmp', '127.0.0.1', 6, 'no IPv6 address (AAAA)'],
])('%s %s has no address of IPv%4$i', async (type, target, ip, brief) => {
  const { unmet } = await look(probes.get(type)!, { [type]: target, ip });
  expect(unmet).toMatchObject([{ reason: 'dns', brief }]);
});

test.each(['4', 5, 'ipv6', null])('%j is refused at load', (ip) => {
  expect(probes.get('tcp')!.options.safeParse({ tcp: 'a.test:1', ip }).success).toBe(false);
});
