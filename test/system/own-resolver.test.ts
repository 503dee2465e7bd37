import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { OwnResolver } from '../../src/system/own-resolver.ts';
import type { ResolverParts } from '../../src/system/own-resolver.ts';
import type { Family, Resolved } from '../../src/system/resolver.ts';
import {
  a,
  aaaa,
  cname,
  dnsServer,
  nameservers,
  NXDOMAIN,
  REFUSED,
  SERVFAIL,
  systemFiles,
} from '../dns-server.ts';
import type { Answering } from '../dns-server.ts';
import { closedPort } from '../loopback.ts';
import { VirtualClock } from '../virtual-clock.ts';

const NOON = Date.UTC(2026, 4, 1, 12);
const NODATA = {};
const silent: Answering = () => null;

function resolverWith(files: ResolverParts['files'], more: Partial<ResolverParts> = {}) {
  const clock = new VirtualClock(NOON);
  const resolver = new OwnResolver({ clock, ...(files && { files }), ...more });
  onTestFinished(() => {
    resolver.close();
  });
  const never = new AbortController().signal;
  const find = async (host: string, signal = never, family?: Family) =>
    shown(await resolver.resolve(host, signal, family));
  return { clock, resolver, find };
}

async function asking(answering: Answering, { conf = '', hosts = '', staleMs = 0 } = {}) {
  const server = await dnsServer(answering);
  const files = systemFiles(`${nameservers(server)}${conf}`, hosts);
  return { server, files, ...resolverWith(files, { staleMs }) };
}

/** Addresses, or the failure. */
function shown(resolved: Resolved): readonly string[] | string {
  return 'failure' in resolved
    ? resolved.failure
    : resolved.addresses.map(({ address }) => address);
}

/** Only A has an answer. */
const only =
  (address: string, ttl?: number): Answering =>
  ({ name, type }) =>
    type === 'A' ? { answers: [a(name, address, ttl)] } : NODATA;

describe('of one family', () => {
  const both: Answering = ({ name, type }) => ({
    answers: [type === 'A' ? a(name, '127.0.0.7') : aaaa(name, '2001:db8::7')],
  });

  test.each([
    [4, 'A', ['127.0.0.7']],
    [6, 'AAAA', ['2001:db8::7']],
  ] as const)('IPv%i: only the question for it is sent', async (family, type, addresses) => {
    const { server, find } = await asking(both);
    expect(await find('shop.test', undefined, family)).toEqual(addresses);
    expect(server.questions).toEqual([`shop.test ${type}`]);
  });

  test('an answer is kept for it alone', async () => {
    const { server, find } = await asking(both);
    await find('shop.test', undefined, 4);
    await find('shop.test', undefined, 6);
    await find('shop.test');
    await find('shop.test', undefined, 4);
    expect(server.questions).toHaveLength(4);
  });

  test('a name without one has no data, also where the hosts file knows the other', async () => {
    const { find } = await asking(only('127.0.0.7'), {
      hosts: '127.0.0.9 shop.test\n::1 six.test\n',
    });
    expect(await find('shop.test', undefined, 6)).toBe('nodata');
    expect(await find('shop.test', undefined, 4)).toEqual(['127.0.0.9']);
    expect(await find('six.test', undefined, 6)).toEqual(['::1']);
    expect(await find('localhost', undefined, 6)).toEqual(['::1']);
  });
});

describe('a name', () => {
  test('is asked for in both families at once', async () => {
    const { clock, server, find } = await asking(({ name, type }) => ({
      answers: [type === 'A' ? a(name, '127.0.0.7') : aaaa(name, '2001:db8::7')],
    }));
    expect(await find('shop.test')).toEqual(expect.arrayContaining(['127.0.0.7', '2001:db8::7']));
    expect(server.questions.toSorted()).toEqual(['shop.test A', 'shop.test AAAA']);
    expect(clock.pending()).toBe(0);
  });

  test('of one family is found though the other fails', async () => {
    const { find } = await asking((question) =>
      question.type === 'A' ? { answers: [a(question.name, '192.0.2.1')] } : SERVFAIL,
    );
    expect(await find('shop.test')).toEqual(['192.0.2.1']);
  });

  test('does not wait for a family that is never answered, and takes a late answer', async () => {
    const late = Promise.withResolvers<null>();
    const { clock, server, find } = await asking(async ({ name, type }) => {
      if (type === 'A') return { answers: [a(name, '127.0.0.7')] };
      await late.promise;
      return { answers: [aaaa(name, '::1')] };
    });
    const found = find('shop.test');
    // The wait for the other family is the only alarm there is.
    await vi.waitUntil(() => clock.pending() === 1);
    await clock.advance(50);
    expect(await found).toEqual(['127.0.0.7']);
    late.resolve(null);
    await vi.waitUntil(async () => (await find('shop.test')).length === 2);
    expect(server.questions).toHaveLength(2);
  });

  test('is followed through aliases', async () => {
    const { find } = await asking(({ name, type }) => ({
      answers:
        type === 'A'
          ? [cname(name, 'b.test'), cname('b.test', 'c.test'), a('c.test', '192.0.2.3')]
          : [],
    }));
    expect(await find('a.test')).toEqual(['192.0.2.3']);
  });

  test('that is too long for UDP comes by TCP', async () => {
    const { server, find } = await asking(({ name, type, via }) => {
      if (type !== 'A') return NODATA;
      return via === 'udp' ? { isTruncated: true } : { answers: [a(name, '192.0.2.4')] };
    });
    expect(await find('large.test')).toEqual(['192.0.2.4']);
    expect(server.asked.map(({ via }) => via)).toContain('tcp');
  });

  test('is asked for in ASCII and lower case', async () => {
    const { server, find } = await asking(only('192.0.2.1'));
    expect(await find('Bücher.TEST')).toEqual(['192.0.2.1']);
    expect(await find('SHOP.test')).toEqual(['192.0.2.1']);
    expect(new Set(server.asked.map(({ name }) => name))).toEqual(
      new Set(['xn--bcher-kva.test', 'shop.test']),
    );
  });

  test.each(['192.0.2.9', '::1', 'fe80::1%lo'])('that is an address is not: %s', async (host) => {
    const { server, find } = await asking(only('192.0.2.1'));
    expect(await find(host)).toEqual([host]);
    expect(server.questions).toEqual([]);
  });
});

describe('what went wrong is told exactly', () => {
  test.each([
    ['nxdomain', NXDOMAIN],
    ['nodata', NODATA],
    ['servfail', SERVFAIL],
    ['refused', REFUSED],
    ['notimp', { rcode: 4 }],
    ['formerr', { rcode: 1 }],
    ['nodata', { answers: [cname('loop.test', 'b.test'), cname('b.test', 'loop.test')] }],
  ])('%s: %j', async (failure, reply) => {
    const { find } = await asking(() => reply);
    expect(await find('loop.test')).toBe(failure);
  });

  test.each(['A', 'AAAA'])('servfail: only %s, and there is nothing of the other', async (type) => {
    const { find } = await asking((question) => (question.type === type ? SERVFAIL : NODATA));
    expect(await find('shop.test')).toBe('servfail');
  });

  test('unreachable: nothing listens there', async () => {
    const files = systemFiles(nameservers({ port: await closedPort() }));
    expect(await resolverWith(files).find('shop.test')).toBe('unreachable');
  });

  test.each(['', '.', 'a..test', `${'x'.repeat(64)}.test`, `${'x.'.repeat(127)}test`, 'a\u200b b'])(
    'badname: %j',
    async (name) => {
      const { find } = await asking(only('192.0.2.1'));
      expect(await find(name)).toBe('badname');
    },
  );

  test('timeout: the look is over before there is an answer', async () => {
    const { find } = await asking(silent);
    expect(await find('shop.test', AbortSignal.timeout(50))).toBe('timeout');
    expect(await find('shop.test', AbortSignal.abort())).toBe('timeout');
  });

  test('an answer to another question is none', async () => {
    const { server, find } = await asking(({ name }) => ({
      answers: [a(name, '192.0.2.66')],
      hasWrongId: true,
    }));
    const over = new AbortController();
    const found = find('shop.test', over.signal);
    await vi.waitUntil(() => server.questions.length === 2);
    over.abort();
    expect(await found).toBe('timeout');
  });

  test('closed: nobody needs the answer any more', async () => {
    const { server, resolver, find } = await asking(silent);
    const found = find('shop.test');
    await vi.waitUntil(() => server.questions.length === 2);
    resolver.close();
    expect(await found).toBe('closed');
  });
});

describe('an answer', () => {
  test('is shared by all who ask at the same time', async () => {
    const { server, find } = await asking(only('192.0.2.1'));
    const found = await Promise.all(Array.from({ length: 50 }, () => find('shop.test')));
    expect(new Set(found.map(String))).toEqual(new Set(['192.0.2.1']));
    expect(server.questions).toHaveLength(2);
  });

  test('is kept as long as it says, and told without a new promise', async () => {
    const { clock, server, resolver, find } = await asking(only('192.0.2.1', 30));
    await find('shop.test');
    await clock.advance(29_999);
    const { signal } = new AbortController();
    expect(resolver.resolve('shop.test', signal)).toBe(resolver.resolve('shop.test', signal));
    expect(server.questions).toHaveLength(2);
    await clock.advance(1);
    await find('shop.test');
    expect(server.questions).toHaveLength(4);
  });

  test('is kept five minutes at most', async () => {
    const { clock, server, find } = await asking(only('192.0.2.1', 86_400));
    await find('shop.test');
    await clock.advance(299_999);
    await find('shop.test');
    expect(server.questions).toHaveLength(2);
    await clock.advance(1);
    await find('shop.test');
    expect(server.questions).toHaveLength(4);
  });

  test('that is a failure is kept for a second, so that each look asks again', async () => {
    let reply: Answering = () => NXDOMAIN;
    const { clock, server, find } = await asking((question) => reply(question));
    expect(await find('shop.test')).toBe('nxdomain');
    reply = only('192.0.2.1');
    await clock.advance(999);
    expect(await find('shop.test')).toBe('nxdomain');
    expect(server.questions).toHaveLength(2);
    await clock.advance(1);
    expect(await find('shop.test')).toEqual(['192.0.2.1']);
  });
});

describe('where an old answer will do', () => {
  const staleMs = 3_600_000;

  test.each([
    ['is told when the servers fail', SERVFAIL, ['192.0.2.1']],
    ['is not told when the name is gone', NXDOMAIN, 'nxdomain'],
  ])('it %s', async (_, later, expected) => {
    let reply: Answering = only('192.0.2.1', 30);
    const { clock, find } = await asking((question) => reply(question), { staleMs });
    await find('vendor.test');
    reply = () => later;
    await clock.advance(30_000);
    expect(await find('vendor.test')).toEqual(expected);
  });

  test.each([
    [3_628_199, ['192.0.2.1']],
    [3_628_200, 'timeout'],
  ])('it is told after 1.8 s of silence, for an hour: asked after %d ms', async (ms, expected) => {
    let reply: Answering = only('192.0.2.1', 30);
    const { clock, server, find } = await asking((question) => reply(question), { staleMs });
    await find('vendor.test');
    reply = silent;
    await clock.advance(ms);
    const found = find('vendor.test');
    await vi.waitUntil(() => server.questions.length === 4);
    await clock.advance(1_800);
    expect(await found).toEqual(expected);
  });

  test('a new answer that comes late is taken', async () => {
    let reply: Answering = only('192.0.2.1', 30);
    const { clock, server, find } = await asking((question) => reply(question), { staleMs });
    await find('vendor.test');
    const late = Promise.withResolvers<null>();
    reply = async (question) => {
      await late.promise;
      return only('192.0.2.2')(question);
    };
    await clock.advance(30_000);
    const found = find('vendor.test');
    await vi.waitUntil(() => server.questions.length === 4);
    await clock.advance(1_800);
    expect(await found).toEqual(['192.0.2.1']);
    late.resolve(null);
    await vi.waitUntil(async () => String(await find('vendor.test')) === '192.0.2.2');
  });
});

describe('of several servers', () => {
  const conf = async (...answering: Answering[]) => {
    const servers = await Promise.all(answering.map(dnsServer));
    return { servers, ...resolverWith(systemFiles(nameservers(...servers))) };
  };

  test.each([
    ['SERVFAIL', SERVFAIL],
    ['REFUSED', REFUSED],
  ])('the next is asked when the first says %s', async (_, reply) => {
    const { find } = await conf(() => reply, only('192.0.2.1'));
    expect(await find('shop.test')).toEqual(['192.0.2.1']);
  });

  test('the next is asked when the first says nothing, and first from then on', async () => {
    const { clock, servers, find } = await conf(silent, only('192.0.2.1'));
    const found = find('shop.test');
    await vi.waitUntil(() => servers[0]!.questions.length === 2);
    await clock.advance(1_000);
    expect(await found).toEqual(['192.0.2.1']);
    expect(await find('edge.test')).toEqual(['192.0.2.1']);
    expect(servers[0]!.questions.join()).not.toContain('edge');
  });

  test('the slow first one is still listened to', async () => {
    const late = Promise.withResolvers<null>();
    const slow: Answering = async (question) => {
      await late.promise;
      return only('192.0.2.1')(question);
    };
    const { clock, servers, find } = await conf(slow, silent);
    const found = find('shop.test');
    await vi.waitUntil(() => servers[0]!.questions.length === 2);
    await clock.advance(1_000);
    await vi.waitUntil(() => servers[1]!.questions.length === 2);
    late.resolve(null);
    expect(await found).toEqual(['192.0.2.1']);
  });

  test('the first one’s "no such name" is final', async () => {
    const { servers, find } = await conf(() => NXDOMAIN, only('192.0.2.1'));
    expect(await find('shop.test')).toBe('nxdomain');
    expect(servers[1]!.questions).toEqual([]);
  });

  test('why the first failed is told when all do', async () => {
    const { find } = await conf(
      () => REFUSED,
      () => SERVFAIL,
    );
    expect(await find('shop.test')).toBe('refused');
  });
});

describe('resolv.conf', () => {
  const known =
    (...names: string[]): Answering =>
    ({ name, type }) =>
      !names.includes(name) ? NXDOMAIN : type === 'A' ? { answers: [a(name, '192.0.2.1')] } : {};
  const asA = (questions: readonly string[]) =>
    questions
      .filter((question) => question.endsWith(' A'))
      .map((question) => question.slice(0, -2));

  test.each([
    ['redis', 'search one.test two.test', ['redis.one.test', 'redis.two.test']],
    ['redis', 'domain one.test\nsearch two.test', ['redis.two.test']],
    ['db.eu', 'search two.test', ['db.eu', 'db.eu.two.test']],
    ['db.eu', 'search two.test\noptions rotate ndots:2', ['db.eu.two.test']],
    ['redis.', 'search two.test', ['redis']],
    ['redis', '# search two.test', ['redis']],
  ])('%s with %j', async (name, conf, asked) => {
    const { server, find } = await asking(known('redis.two.test', 'db.eu.two.test'), { conf });
    const isFound = asked.at(-1)!.endsWith('two.test');
    expect(await find(name)).toEqual(isFound ? ['192.0.2.1'] : 'nxdomain');
    expect(asA(server.questions)).toEqual(asked);
  });

  test('a server that fails for one candidate is told if no other is found', async () => {
    const { find } = await asking(({ name }) => (name === 'a.b.test' ? SERVFAIL : NXDOMAIN), {
      conf: 'search b.test',
    });
    expect(await find('a')).toBe('servfail');
  });

  test('is followed when it changes', async () => {
    const { clock, files, find } = await asking(only('192.0.2.1'));
    const other = await dnsServer(only('192.0.2.2'));
    await find('shop.test');
    writeFileSync(`${files.resolvConf}.new`, nameservers(other));
    renameSync(`${files.resolvConf}.new`, files.resolvConf);
    await clock.advance(5_000);
    await vi.waitUntil(async () => String(await find('shop.test')) === '192.0.2.2');
  });

  test.each(['', 'search nowhere.test\n', null])('holds while it reads %j', async (text) => {
    const { clock, files, resolver, find } = await asking(only('192.0.2.1', 1));
    const before = await resolver.servers();
    if (text === null) rmSync(files.resolvConf);
    else writeFileSync(files.resolvConf, text);
    await clock.advance(5_000);
    expect(await resolver.servers()).toEqual(before);
    expect(await find('shop.test')).toEqual(['192.0.2.1']);
  });

  test('that is missing means a server on this machine', async () => {
    const { resolver } = resolverWith(systemFiles(null, null));
    expect(await resolver.servers()).toEqual([{ host: '127.0.0.1', port: 53 }]);
  });
});

describe('the hosts file', () => {
  const hosts = `# comment 192.0.2.1 shop.test
192.0.2.5 Shop.test shop # edge.test
  192.0.2.6\tshop.test
nonsense shop.test
192.0.2.7 myshop.test shop.test.example
`;

  test('comes first, and nobody is asked', async () => {
    const { server, find } = await asking(() => NXDOMAIN, { hosts });
    expect(await find('shop.test')).toEqual(['192.0.2.5', '192.0.2.6']);
    expect(await find('SHOP.TEST.')).toEqual(['192.0.2.5', '192.0.2.6']);
    expect(await find('shop')).toEqual(['192.0.2.5']);
    expect(server.questions).toEqual([]);
    expect(await find('edge.test')).toBe('nxdomain');
    expect(await find('test')).toBe('nxdomain');
  });

  test('is followed when it changes, also for names that were found elsewhere', async () => {
    const { clock, files, find } = await asking(only('192.0.2.1'));
    expect(await find('shop.test')).toEqual(['192.0.2.1']);
    writeFileSync(files.hosts, '192.0.2.5 shop.test');
    await clock.advance(5_000);
    await vi.waitUntil(async () => String(await find('shop.test')) === '192.0.2.5');
    rmSync(files.hosts);
    await clock.advance(5_000);
    await find('shop.test');
    await clock.advance(5_000);
    expect(await find('shop.test')).toEqual(['192.0.2.5']);
  });

  test.each(['localhost', 'LocalHost.', 'shop.localhost'])('%s is here', async (name) => {
    const { server, find } = await asking(only('192.0.2.1'), { hosts: '192.0.2.5 localhost' });
    expect(await find(name)).toEqual(expect.arrayContaining(['127.0.0.1', '::1']));
    expect(server.questions).toEqual([]);
  });

  test('nothing is invalid, whatever a server says', async () => {
    const { server, find } = await asking(only('192.0.2.1'));
    expect(await find('nowhere.invalid')).toBe('nxdomain');
    expect(await find('notinvalid')).toEqual(['192.0.2.1']);
    expect(server.questions.join()).not.toContain('nowhere');
  });

  test('says where here is', async () => {
    const { find } = await asking(only('192.0.2.1'), { hosts: '127.0.0.1 localhost' });
    expect(await find('localhost')).toEqual(['127.0.0.1']);
  });
});
