import type { Answer } from 'dns-packet';
import { describe, expect, test } from 'vitest';
import { dns } from '../../src/probes/dns.ts';
import { a, aaaa, cname, dnsServer, NXDOMAIN, SERVFAIL } from '../dns-server.ts';
import type { Answering, Reply } from '../dns-server.ts';
import { rawServer, tcpServer } from '../loopback.ts';
import { VirtualClock } from '../virtual-clock.ts';
import { look, sight } from './looking.ts';

const NOON = Date.UTC(2026, 4, 1, 12);
const NAME = 'example.test';

async function asked(reply: Reply | Answering, written: object = {}) {
  const server = await dnsServer(typeof reply === 'function' ? reply : () => reply);
  const looked = await look(dns, { dns: NAME, server: `127.0.0.1:${server.port}`, ...written });
  return { server, ...looked };
}

describe('a name alone', () => {
  test('is up with an address', async () => {
    const { server, unmet, gauges, facts } = await asked({ answers: [a(NAME, '192.0.2.1', 30)] });
    expect(unmet).toEqual([]);
    expect(server.questions).toEqual([`${NAME} A`]);
    expect(facts).toMatchObject({ answer: { rcode: 'NOERROR', records: ['192.0.2.1'], ttl: 30 } });
    expect(gauges).toMatchObject({
      probe_ip_protocol: 4,
      probe_dns_lookup_time_seconds: expect.any(Number),
      probe_dns_answer_rrs: 1,
      probe_dns_authority_rrs: 0,
      probe_dns_additional_rrs: 0,
      probe_dns_query_succeeded: 1,
      'probe_dns_duration_seconds resolve': expect.any(Number),
      'probe_dns_duration_seconds connect': 0,
      'probe_dns_duration_seconds request': expect.any(Number),
    });
    expect(gauges).not.toHaveProperty('probe_dns_serial');
  });

  test.each([
    ['SERVFAIL', SERVFAIL],
    ['NXDOMAIN', NXDOMAIN],
  ])('is down by %s', async (rcode, reply) => {
    const { unmet, gauges } = await asked(reply);
    expect(unmet).toMatchObject([
      {
        expectation: 'rcode',
        reason: 'dns',
        expected: 'NOERROR',
        seen: rcode,
        brief: `DNS ${rcode}`,
      },
    ]);
    expect(gauges).toMatchObject({ probe_dns_query_succeeded: 1, probe_dns_answer_rrs: 0 });
  });

  test('is down without a record of its type', async () => {
    const { unmet, gauges } = await asked({ answers: [cname(NAME, 'other.test')] });
    expect(unmet).toMatchObject([
      { expectation: 'answers', reason: 'dns', expected: 'at least one A', brief: 'no A' },
    ]);
    expect(gauges).toMatchObject({ probe_dns_answer_rrs: 1 });
  });
});

test.each(['udp', 'tcp'] as const)(
  'ip: 6 asks no server at an IPv4 address, over %s',
  async (over) => {
    const { server, unmet } = await asked({ answers: [a(NAME, '192.0.2.1')] }, { ip: 6, over });
    expect(unmet).toMatchObject([{ expectation: 'connect', reason: 'dns' }]);
    expect(server.questions).toEqual([]);
    const { unmet: none } = await asked({ answers: [a(NAME, '192.0.2.1')] }, { ip: 4 });
    expect(none).toEqual([]);
  },
);

describe('what is expected', () => {
  test('may be that there is no such name', async () => {
    const { unmet } = await asked(NXDOMAIN, { expect: { rcode: 'NXDOMAIN' } });
    expect(unmet).toEqual([]);
  });

  test.each<[string, Answer, string, string]>([
    ['A', a(NAME, '192.0.2.1'), '192.0.2.1', '192.0.2.1'],
    ['AAAA', aaaa(NAME, '2001:db8::1'), '2001:db8::1', '2001:DB8:0::1'],
    ['CNAME', cname(NAME, 'Other.test'), 'other.test', 'other.test.'],
    ['NS', { type: 'NS', name: NAME, data: 'ns1.test' }, 'ns1.test', 'NS1.test.'],
    [
      'MX',
      { type: 'MX', name: NAME, data: { preference: 10, exchange: 'mail.test' } },
      '10 mail.test',
      '10  mail.test.',
    ],
    ['TXT', { type: 'TXT', name: NAME, data: ['v=spf1 ', '-all'] }, 'v=spf1 -all', 'v=spf1 -all'],
    [
      'SRV',
      { type: 'SRV', name: NAME, data: { priority: 1, weight: 2, port: 443, target: 'a.test' } },
      '1 2 443 a.test',
      '1 2 443 a.test.',
    ],
    [
      'CAA',
      { type: 'CAA', name: NAME, data: { flags: 0, tag: 'issue', value: 'ca.test' } },
      '0 issue ca.test',
      '0 issue ca.test',
    ],
    [
      'SOA',
      {
        type: 'SOA',
        name: NAME,
        data: {
          mname: 'ns1.test',
          rname: 'x.test',
          serial: 7,
          refresh: 1,
          retry: 0,
          expire: 3,
          minimum: 4,
        },
      },
      'ns1.test x.test 7 1 0 3 4',
      'ns1.test. x.test. 7 1 0 3 4',
    ],
  ])('reads %s as a zone file says it', async (record, answer, seen, written) => {
    const { facts, unmet, server } = await asked(
      { answers: [answer] },
      { record, expect: { answers: [written] } },
    );
    expect(unmet).toEqual([]);
    expect(facts).toMatchObject({ answer: { records: [seen] } });
    expect(server.questions).toEqual([`${NAME} ${record}`]);
  });

  test('are all answers, in any order', async () => {
    const reply = { answers: [a(NAME, '192.0.2.1'), a(NAME, '192.0.2.2')] };
    const both = { answers: ['192.0.2.2', '192.0.2.1'] };
    expect((await asked(reply, { expect: both })).unmet).toEqual([]);
    for (const answers of [['192.0.2.1'], [...both.answers, '192.0.2.3'], []]) {
      const { unmet } = await asked(reply, { expect: { answers } });
      expect(unmet).toMatchObject([{ brief: 'A is 192.0.2.1, 192.0.2.2', reason: 'dns' }]);
    }
    expect((await asked({}, { expect: { answers: [] } })).unmet).toEqual([]);
  });

  test.each([
    [{ contains: 'spf1' }, true],
    [{ matches: '^v=' }, true],
    [{ contains: 'spf1', matches: 'other' }, false],
    [{ contains: 'spf2' }, false],
    [{ not_contains: 'other' }, false],
    [{ not_contains: 'spf2' }, true],
  ])('may be what one of them says: %j is %s', async (answers, met) => {
    const txt = (data: string): Answer => ({ type: 'TXT', name: NAME, data });
    const reply = { answers: [txt('other'), txt('v=spf1 -all')] };
    const { unmet } = await asked(reply, { record: 'TXT', expect: { answers } });
    expect(unmet.map(({ expectation }) => expectation)).toEqual(met ? [] : ['answers']);
  });

  test('the serial of a zone is a gauge, as are the records beside the answer', async () => {
    const soa: Answer = {
      type: 'SOA',
      name: NAME,
      data: { mname: 'ns1.test', rname: 'x.test', serial: 2026050101 },
    };
    const { gauges } = await asked(
      { answers: [soa], authorities: [soa], additionals: [a('ns1.test', '192.0.2.1')] },
      { record: 'SOA' },
    );
    expect(gauges).toMatchObject({
      probe_dns_serial: 2026050101,
      probe_dns_authority_rrs: 1,
      probe_dns_additional_rrs: 1,
    });
  });
});

describe('the way of asking', () => {
  test('turns to TCP when the answer does not fit', async () => {
    const { server, unmet, gauges } = await asked(({ via }) =>
      via === 'udp' ? { isTruncated: true } : { answers: [a(NAME, '192.0.2.1')] },
    );
    expect(unmet).toEqual([]);
    expect(server.asked.map(({ via }) => via)).toEqual(['udp', 'tcp']);
    expect(gauges['probe_dns_duration_seconds connect']).toBeGreaterThan(0);
  });

  test('is TCP from the first where that is asked for', async () => {
    const { server, unmet } = await asked({ answers: [a(NAME, '192.0.2.1')] }, { over: 'tcp' });
    expect(unmet).toEqual([]);
    expect(server.asked.map(({ via }) => via)).toEqual(['tcp']);
  });

  test('without a server is that of this machine, and the next one when one is refused', async () => {
    const good = await dnsServer(() => ({ answers: [a(NAME, '192.0.2.1')] }));
    const { transport } = sight();
    const at = (host: string) => ({ host, port: good.port });
    const { unmet, facts } = await look(
      dns,
      { dns: NAME },
      {
        transport: {
          ...transport,
          nameServers: () => Promise.resolve([at('127.0.0.9'), at('127.0.0.1')]),
        },
      },
    );
    expect(unmet).toEqual([]);
    expect(facts).toMatchObject({ ip: '127.0.0.1' });
  });
});

describe('a hostile server', () => {
  test('that answers another question is not heard', async () => {
    const clock = new VirtualClock(NOON);
    const heard = Promise.withResolvers<undefined>();
    const server = await dnsServer(({ via }) => {
      heard.resolve(undefined);
      return via === 'udp' ? { answers: [a(NAME, '192.0.2.66')], hasWrongId: true } : null;
    });
    const written = { dns: NAME, server: `127.0.0.1:${server.port}` };
    const looked = look(dns, written, { clock });
    await heard.promise;
    await clock.advance(5_000);
    expect((await looked).unmet).toMatchObject([{ reason: 'timeout', brief: 'no answer in 5s' }]);
    expect(clock.pending()).toBe(0);
  });

  test.each<[string, (message: Buffer) => Buffer]>([
    ['ends within its header', (message) => message.subarray(0, 12)],
    [
      'promises records that do not come',
      (message) => {
        message.writeUInt16BE(9, 6);
        return message;
      },
    ],
    [
      'points a name at itself',
      (message) => {
        message.writeUInt16BE(1, 6);
        return Buffer.concat([message, Buffer.from([0xc0, message.length])]);
      },
    ],
  ])('that %s is told as protocol', async (_, made) => {
    const { unmet } = await look(dns, {
      dns: NAME,
      over: 'tcp',
      server: `127.0.0.1:${await tcpServer((socket) => {
        socket.once('data', (data: Buffer) => {
          const message = Buffer.from(data.subarray(2));
          message.writeUInt16BE(0x8180, 2);
          const answer = made(message);
          socket.write(Buffer.concat([Buffer.from([0, answer.length]), answer]));
        });
      })}`,
    });
    expect(unmet).toMatchObject([{ expectation: 'connect', reason: 'protocol' }]);
  });

  test.each([
    ['too_large', '\uFFFF'],
    ['reset', '\u0001'],
    ['protocol', `\u0000\u000c${'\u0000'.repeat(12)}`],
  ])('is told as %s', async (reason, bytes) => {
    const port = await tcpServer((socket) => {
      socket.once('data', () =>
        socket.end(Buffer.from(bytes, reason === 'too_large' ? 'utf16le' : 'latin1')),
      );
    });
    const { unmet } = await look(dns, { dns: NAME, over: 'tcp', server: `127.0.0.1:${port}` });
    expect(unmet).toMatchObject([{ reason }]);
  });

  test('that speaks HTTP is told as what it is not', async () => {
    const port = await rawServer('HTTP/1.1 400 Bad Request\r\n\r\n');
    const { unmet } = await look(dns, { dns: NAME, over: 'tcp', server: `127.0.0.1:${port}` });
    expect(unmet).toMatchObject([{ reason: 'too_large' }]);
  });
});

describe('a name as it is written', () => {
  test.each([
    ['Example.Test.', 'example.test'],
    ['bücher.test', 'xn--bcher-kva.test'],
    ['_dmarc.example.test', '_dmarc.example.test'],
    ['.', ''],
  ])('%s is %j', (written, name) => {
    expect(dns.options.parse({ dns: written })).toMatchObject({ dns: name });
  });

  test.each(['', 'a b', 'a..b', '192.0.2.1', 'https://example.test/', 'x'.repeat(64)])(
    '%j is refused',
    (written) => {
      expect(dns.options.safeParse({ dns: written }).success).toBe(false);
    },
  );

  test('is the target, with the server that was chosen', () => {
    const target = (written: object) => dns.target(dns.options.parse(written) as never);
    expect(target({ dns: NAME })).toBe('dns:example.test/A');
    expect(target({ dns: NAME, record: 'MX', server: '[::1]:53' })).toBe(
      'dns://[::1]:53/example.test/MX',
    );
  });
});
