import { describe, expect, test } from 'vitest';
import { pingArgv } from '../../src/probes/_ping.ts';
import { icmp } from '../../src/probes/icmp.ts';
import type { NotRun, Program, Ran, RunProgram } from '../../src/system/program.ts';
import { look } from './looking.ts';

const ran = (exitCode: number, output: string, errors = ''): Ran => ({
  ...{ exitCode, killedBy: null, output, errors },
});
const running = (outcome: Ran | NotRun) => {
  const programs: Program[] = [];
  const run: RunProgram = async (program) => {
    programs.push(program);
    return outcome;
  };
  return { run, programs };
};

const THREE = `PING 192.0.2.1 (192.0.2.1) 56(84) bytes of data.
64 bytes from 192.0.2.1: icmp_seq=1 ttl=61 time=10.0 ms
64 bytes from 192.0.2.1: icmp_seq=3 ttl=61 time=20.0 ms

--- 192.0.2.1 ping statistics ---
3 packets transmitted, 2 received, 33.3333% packet loss, time 402ms
rtt min/avg/max/mdev = 10.000/15.000/20.000/5.000 ms
`;

describe('replies', () => {
  test('are up, and measured', async () => {
    const { run, programs } = running(ran(0, THREE));
    const written = { icmp: '192.0.2.1', packets: 3 };
    const { unmet, findings, gauges } = await look(icmp, written, { run });
    expect(unmet).toEqual([]);
    expect(findings[0]?.seen).toBe('2 of 3 replies from 192.0.2.1 in 15ms');
    expect(gauges).toMatchObject({
      'probe_icmp_duration_seconds rtt': 0.015,
      probe_icmp_reply_hop_limit: 61,
      probe_ip_protocol: 4,
    });
    expect(gauges).toHaveProperty('probe_icmp_duration_seconds setup');
    expect(programs[0]?.argv.slice(0, 3)).toEqual(['ping', '-n', '-c']);
    expect(programs[0]?.argv.at(-1)).toBe('192.0.2.1');
  });

  test('may be fewer and slower than expected', async () => {
    const { run } = running(ran(0, THREE));
    const limits = { expect: { loss: '20%', time: '1s' }, warn: { loss: '0%', time: '12ms' } };
    const { unmet } = await look(icmp, { icmp: '192.0.2.1', packets: 3, ...limits }, { run });
    expect(unmet).toMatchObject([
      { expectation: 'loss', level: 'expect', reason: 'timeout', brief: '33% of packets lost' },
      { expectation: 'loss', level: 'warn' },
      { expectation: 'time', level: 'warn', reason: 'slow', brief: 'took 15ms' },
    ]);
  });

  test.each([
    ['64 bytes from ::1: icmp_seq=1 ttl=64 time=0.037 ms', 0.037],
    ['64 bytes from fe80::1%eth0: icmp_seq=1 ttl=64 time=1.5 ms', 1.5],
    ['64 bytes from 192.0.2.1: icmp_seq=1 ttl=64 time<1 ms', 1],
    ['64 bytes from 192.0.2.1: icmp_seq=1 ttl=64 time=1034 ms', 1_034],
  ])('are read: %s', async (line, rttMs) => {
    const { run } = running(ran(0, `${line}\n`));
    expect((await look(icmp, { icmp: '192.0.2.1' }, { run })).facts).toMatchObject({ rttMs });
  });
});

describe('nothing that came back', () => {
  const lost = '1 packets transmitted, 0 received, 100% packet loss, time 0ms\n';
  test.each<[string, Ran | NotRun, string, RegExp]>([
    ['a silent host', ran(1, lost), 'timeout', /^no reply in \d+ms$/],
    ['a deadline', { failure: 'timeout', detail: '' }, 'timeout', /^no reply in /],
    [
      'a router',
      ran(1, `From 192.0.2.254 icmp_seq=1 Destination Host Unreachable\n${lost}`),
      'unreachable',
      /^Destination Host Unreachable$/,
    ],
    [
      'no route',
      ran(2, '', 'ping: connect: Network is unreachable\n'),
      'unreachable',
      /^Network is unreachable$/,
    ],
    [
      'no right to ping',
      ran(2, '', 'ping: socket: Operation not permitted\n'),
      'internal',
      /^ping: socket: Operation not permitted$/,
    ],
    ['no ping', { failure: 'missing', detail: '' }, 'internal', /^ping is not installed here$/],
    ['a silent ping', ran(2, ''), 'internal', /^ping did not work$/],
  ])('because of %s is told', async (_, outcome, reason, brief) => {
    const { run } = running(outcome);
    const { findings, gauges } = await look(icmp, { icmp: '192.0.2.1' }, { run });
    expect(findings).toMatchObject([{ expectation: 'connect', met: false, reason }]);
    expect(findings[0]?.brief).toMatch(brief);
    expect(gauges).not.toHaveProperty('probe_icmp_duration_seconds rtt');
  });

  test('because there is no such name is dns, and nothing is run', async () => {
    const { run, programs } = running(ran(0, THREE));
    const { unmet } = await look(icmp, { icmp: 'nowhere.invalid' }, { run });
    expect(unmet).toMatchObject([{ reason: 'dns', seen: 'DNS nxdomain (nowhere.invalid)' }]);
    expect(programs).toEqual([]);
  });
});

test('the last packet is waited for until shortly before the deadline', () => {
  const argv = ['ping', '-n', '-c', '3', '-i', '0.2', '-W', '4.5', '::1'];
  expect(pingArgv('::1', 3, 5_000)).toEqual(argv);
  expect(pingArgv('::1', 1, 150)).toContain('0.1');
});

test.each([
  { icmp: '' },
  { icmp: 'a.test:80' },
  { icmp: '-f' },
  { icmp: 'a b' },
  { icmp: 'a.test', packets: 0 },
  { icmp: 'a.test', packets: 11 },
  { icmp: 'a.test', warn: { loss: 0.2 } },
  { icmp: 'a.test', warn: { loss: '101%' } },
])('%j is refused at load', (written) => {
  expect(icmp.options.safeParse(written).success).toBe(false);
});
