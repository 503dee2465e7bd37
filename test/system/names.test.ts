/** The parts of the resolver that are pure, and the system's own way of resolving. */
import { describe, expect, test } from 'vitest';
import { inOrder } from '../../src/system/_address-order.ts';
import { writtenAddresses } from '../../src/system/_hosts-file.ts';
import { candidates, NO_RESOLV_CONF, readResolvConf } from '../../src/system/_resolv-conf.ts';
import type { Resolved } from '../../src/system/resolver.ts';
import { systemResolver } from '../../src/system/system-resolver.ts';

describe('the order of addresses', () => {
  const host = (address: string) => ({ address, family: address.includes(':') ? 6 : 4 }) as const;
  const order = (addresses: readonly string[], own: readonly string[]) =>
    inOrder(addresses.map(host), own).map(({ address }) => address);
  const all = ['fd00::1', '192.0.2.1', '2001:db8::1'];

  test.each([
    [
      'IPv6 where there is a way',
      ['2001:db8::9', '192.0.2.9'],
      ['2001:db8::1', '192.0.2.1', 'fd00::1'],
    ],
    [
      'IPv4 where IPv6 is only local',
      ['fd00::9', '192.0.2.9'],
      ['192.0.2.1', 'fd00::1', '2001:db8::1'],
    ],
    ['a link alone is no way', ['fe80::9', '192.0.2.9'], ['192.0.2.1', 'fd00::1', '2001:db8::1']],
    ['as they came where nothing is known', ['127.0.0.1', '::1'], all],
  ])('%s', (_, own, expected) => {
    expect(order(all, own)).toEqual(expected);
  });

  test('asks this machine for its own addresses', () => {
    expect(inOrder([host('2001:db8::1'), host('127.0.0.1')])).toHaveLength(2);
  });
});

describe('resolv.conf', () => {
  test('is read as glibc does', () => {
    const text = `; comment
nameserver 192.0.2.1 # the first
nameserver  fe80::1%eth0
nameserver nonsense
nameserver [2001:db8::1]:5353
nameserver 192.0.2.4
search a.test.  B.test
options timeout:1 ndots:99
sortlist 192.0.2.0
`;
    expect(readResolvConf(text)).toEqual({
      servers: [
        { host: '192.0.2.1', port: 53 },
        { host: 'fe80::1%eth0', port: 53 },
        { host: '2001:db8::1', port: 5353 },
      ],
      search: ['a.test', 'b.test'],
      ndots: 15,
    });
  });

  test('gives no name that is too long to ask for', () => {
    const search = ['x'.repeat(250)];
    expect(candidates('shop', { ...NO_RESOLV_CONF, search })).toEqual(['shop']);
  });

  test('may ask for the name as it is first', () => {
    expect(candidates('shop', { ...NO_RESOLV_CONF, search: ['', 'a.test'] })).toEqual([
      'shop',
      'shop.a.test',
    ]);
  });
});

test('a blocklist of 100,000 lines is searched for a name without being taken apart', () => {
  const lines = Array.from({ length: 100_000 }, (_, at) => `0.0.0.0 ads${at}.example`);
  const hosts = [...lines, '192.0.2.5 shop.test'].join('\n');
  expect(writtenAddresses(hosts, 'shop.test')).toEqual([{ address: '192.0.2.5', family: 4 }]);
  expect(writtenAddresses(hosts, 'ads7.example')).toHaveLength(1);
});

describe('the system’s resolver', () => {
  const { signal } = new AbortController();

  test('finds what other programs find', async () => {
    const found = await systemResolver().resolve('localhost', signal);
    expect(found).toMatchObject({ addresses: [{ family: expect.any(Number) }] });
    expect(await systemResolver().resolve('::1', signal)).toEqual({
      addresses: [{ address: '::1', family: 6 }],
    });
  });

  test('is left at once by a look that is over, also while it waits for its turn', async () => {
    const { resolve } = systemResolver();
    const first = resolve('localhost', signal);
    expect(await resolve('localhost', AbortSignal.abort())).toEqual({ failure: 'timeout' });
    expect(await first).toHaveProperty('addresses');
    expect(await resolve('localhost', signal)).toHaveProperty('addresses');
  });

  test('asks for one name at a time', async () => {
    const asked: string[] = [];
    const hung = Promise.withResolvers<Resolved>();
    const { resolve } = systemResolver((host) => {
      asked.push(host);
      return host === 'hung.test' ? hung.promise : Promise.resolve({ failure: 'nxdomain' });
    });
    const all = ['hung.test', 'left.test', 'next.test'].map((host, at) => {
      const over = new AbortController();
      const resolved = resolve(host, over.signal);
      if (at < 2) setImmediate(() => over.abort());
      return resolved;
    });
    expect(await all[0]).toEqual({ failure: 'timeout' });
    expect(await all[1]).toEqual({ failure: 'timeout' });
    // The thread is still taken.
    expect(asked).toEqual(['hung.test']);
    hung.resolve({ failure: 'timeout' });
    expect(await all[2]).toEqual({ failure: 'nxdomain' });
    expect(asked).toEqual(['hung.test', 'next.test']);
  });
});
