/** The parts of an examination, each against what it would find at night. */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { AnyChannel } from '../../src/channels/channel.ts';
import { channels } from '../../src/channels/index.ts';
import { examineChannels } from '../../src/doctor/channels.ts';
import { judgeClock } from '../../src/doctor/clock.ts';
import { examineDuty } from '../../src/doctor/duty.ts';
import type { Examined } from '../../src/doctor/finding.ts';
import { examinePing, examineWitnesses } from '../../src/doctor/looks.ts';
import { examineData, examineFiles, limitsOf } from '../../src/doctor/machine.ts';
import { lookBehind, resolvers, type Outside } from '../../src/doctor/names.ts';
import { stakesOf } from '../../src/doctor/stakes.ts';
import type { DutyView } from '../../src/incident/duty-view.ts';
import type { Outcome } from '../../src/incident/notification.ts';
import type { Verdict } from '../../src/judge/verdict.ts';
import { probes } from '../../src/probes/index.ts';
import type { HostAddress } from '../../src/system/resolver.ts';
import type { Transport } from '../../src/system/transport.ts';
import { hands } from '../contract/hands.ts';
import { configOf } from '../config/fixture.ts';
import { startNtfy } from '../standins/ntfy.ts';

const folder = mkdtempSync(join(tmpdir(), 'tocsin-doctor-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});
const whats = ({ findings }: Examined): readonly string[] =>
  findings.map(({ level, what }) => `${level}: ${what}`);
const NEVER = new AbortController().signal;

describe('channels', () => {
  const { clock, transport, run } = hands();
  afterAll(() => transport.close());
  const text = (url: string) =>
    `version: 1\nchannels: { push: { type: ntfy, url: "${url}", topic: t }, out: { type: console } }\n`;

  const asking = (outcome: Outcome) =>
    new Map<string, AnyChannel>([
      ['ntfy', { ...channels.get('ntfy')!, check: async () => outcome }],
    ]);

  it('a vendor that can be asked says whether it would take a page', async () => {
    const config = await configOf(text('https://ntfy.example.net'));
    const well = asking({ outcome: 'accepted', reference: null });
    expect(await examineChannels(config, well, { clock, transport, run })).toEqual({
      seen: ['push: its vendor knows us'],
      findings: [],
    });
    const ill = asking({ outcome: 'refused', reason: 'auth', detail: 'HTTP 401' });
    const { findings } = await examineChannels(config, ill, { clock, transport, run });
    expect(findings).toMatchObject([
      {
        level: 'fault',
        what: 'channel push would not take a page: auth, HTTP 401',
        at: ['channels', 'push'],
        remedy: 'mend its credentials',
      },
    ]);
  });

  it('of one that cannot be asked it is known whether somebody is there', async () => {
    const standin = await startNtfy({ topic: 't' });
    const none: Partial<AnyChannel> = { ...channels.get('ntfy') };
    delete none.check;
    const kinds = new Map([...channels, ['ntfy', none as AnyChannel]]);
    const asked = (url: string) =>
      configOf(text(url)).then((config) =>
        examineChannels(config, kinds, { clock, transport, run }),
      );
    const how = 'only a message would tell whether it is taken: tocsin test push';
    expect((await asked(standin.url)).seen).toEqual([
      `push (ntfy): somebody is there; ${how}`,
      'out: ends on this machine',
      'console: ends on this machine',
    ]);
    expect(standin.requests).toEqual([]);
    await standin.close();
    expect(whats(await asked(standin.url))[0]).toMatch(
      /^fault: channel push would not take a page: network, connection refused/,
    );
  });
});

describe('the clock', () => {
  it.each([
    [[400, -300, 800], []],
    [[2_600, 2_400, 2_500], ['risk: the clock is 3s fast, by 3 answers']],
    [[-90_000], ['fault: the clock is 1m30s slow, by 1 answer']],
    // One that is wrong itself does not count.
    [[100, 900_000, 200], []],
    [[], []],
  ])('by %j ms before others', (skews, told) => {
    expect(whats(judgeClock(skews))).toEqual(told);
  });
});

describe('the machine', () => {
  it('a directory that can be written, and is left as it was', async () => {
    const examined = await examineData({ data: folder });
    expect(examined.findings).toEqual([]);
    expect(examined.seen[0]).toMatch(/can be written, \d+ MiB free$/);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('one that is not there yet can be made; where that is a file, it cannot', async () => {
    expect(whats(await examineData({ data: join(folder, 'new') }))).toEqual([]);
    writeFileSync(join(folder, 'file'), '');
    const data = join(folder, 'file', 'data');
    expect(whats(await examineData({ data }))).toEqual([
      `fault: the data directory ${data} cannot be written: ENOTDIR`,
    ]);
    rmSync(join(folder, 'file'));
  });

  it('half of the files are for looks', () => {
    const limits = join(folder, 'limits');
    writeFileSync(
      limits,
      'Max open files            1024                 4096                 files\n',
    );
    expect(whats(examineFiles(512, limits))).toEqual([]);
    expect(whats(examineFiles(513, limits))[0]).toMatch(/^risk: 1024 files may be open/);
    rmSync(limits);
  });

  it('it is the daemon whose limits count', async () => {
    expect(await limitsOf({ data: folder })).toBe('/proc/self/limits');
    writeFileSync(join(folder, 'tocsin.pid'), `${process.pid}\n`);
    expect(await limitsOf({ data: folder })).toBe(`/proc/${process.pid}/limits`);
    rmSync(join(folder, 'tocsin.pid'));
  });
});

describe('who is on duty', () => {
  const TEXT = `version: 1
channels: { mail: { type: smtp, server: "mail.example.com:25", from: a@example.com }, out: { type: console } }
responders:
  ana: { name: Ana Silva, sms: "+351912345678", email: ana@example.com }
rotations:
  primary: { members: [ana], start: 2026-01-05, handoff: "0 9 * * 1", timezone: UTC }
escalations:
  on-call: { steps: [{ page: [primary], by: [mail] }] }
  quiet: { steps: [{ page: [ana], by: [out] }] }
`;
  const view: DutyView = {
    ...{ rotation: 'primary', responder: 'ana', name: 'Ana Silva', until: null },
    ...{ next: null, layer: 1 },
  };

  it('is named with addresses in part, and an escalation that wakes nobody is a fault', async () => {
    const examined = examineDuty(await configOf(TEXT), [view]);
    expect(examined.seen[0]).toBe(
      'on-call wakes Ana Silva (sms +351…678, email a…@example.com) by mail',
    );
    expect(whats(examined)).toEqual(['fault: quiet only prints to the console']);
  });

  it('a gap is a fault', async () => {
    const examined = examineDuty(await configOf(TEXT), [{ ...view, responder: null, name: null }]);
    expect(whats(examined)).toContain('fault: nobody has primary now');
  });
});

describe('what looks need', () => {
  const TEXT = `version: 1
self: { witnesses: [{ tcp: "127.0.0.1:1" }, { icmp: 127.0.0.1 }] }
`;
  const verdict = (status: 'up' | 'down'): Verdict =>
    ({ status, findings: [{ met: status === 'up', brief: 'refused' }] }) as unknown as Verdict;

  it('witnesses that answer, one by one', async () => {
    const config = await configOf(TEXT);
    const examined = await examineWitnesses(config, async ({ type }) =>
      verdict(type === 'tcp' ? 'down' : 'up'),
    );
    expect(examined.seen).toEqual(['127.0.0.1 answers']);
    expect(whats(examined)).toEqual(['risk: the witness 127.0.0.1:1 does not answer (refused)']);
    const none = await examineWitnesses(await configOf('version: 1\n'), async () => verdict('up'));
    expect(whats(none)).toEqual(['risk: there are no witnesses']);
  });

  it('ping, where something is looked at by it', async () => {
    const missing = async () => ({ failure: 'missing', detail: 'no such program' }) as const;
    expect(whats(await examinePing(await configOf(TEXT), missing))).toEqual([
      'fault: there is no ping to send with: no such program',
    ]);
    expect(whats(await examinePing(await configOf('version: 1\n'), missing))).toEqual([]);
  });
});

describe('what is behind names', () => {
  const TEXT = `version: 1
public_url: http://status.example.org
checks:
  shop: { http: "http://shop.example.com/" }
  own: { tcp: "box.example.net:80" }
  lost: { tcp: "gone.example.net:80" }
  ns: { dns: example.com, server: "192.0.2.53:53" }
channels: { push: { type: ntfy, url: "http://ntfy.example.info", topic: t } }
`;
  const ADDRESSES: Readonly<Record<string, readonly HostAddress[]>> = {
    'shop.example.com': [
      { address: '203.0.113.7', family: 4 },
      { address: '2001:db8:1::7', family: 6 },
    ],
    'status.example.org': [{ address: '203.0.113.200', family: 4 }],
    'ntfy.example.info': [{ address: '2001:db8:1:ffff::1', family: 6 }],
    'box.example.net': [{ address: '198.51.100.4', family: 4 }],
  };
  const outside: Outside = {
    resolver: {
      resolve: async (host) => {
        const addresses = ADDRESSES[host];
        return addresses ? { addresses } : { failure: 'nxdomain' };
      },
    },
    transport: {
      connect: async () => {
        throw new Error('nothing here speaks TLS');
      },
      nameServers: async () => [{ host: '192.0.2.53', port: 53 }],
    } satisfies Pick<Transport, 'connect' | 'nameServers'>,
    ownNames: ['box', '198.51.100.4'],
    signal: NEVER,
  };

  it('addresses are compared by their blocks, and this machine is known by its own', async () => {
    const config = await configOf(TEXT);
    const behind = await lookBehind(stakesOf(config), config, { probes, channels }, outside);
    expect(behind.checks.get('shop')).toEqual([
      ...['host:shop.example.com', 'domain:example.com'],
      ...['host:203.0.113.7', 'block:203.0.113.0/24'],
      ...['host:2001:db8:1::7', 'block:2001:db8:1::/48'],
    ]);
    expect(behind.statusPage).toContain('block:203.0.113.0/24');
    expect(behind.channels.get('push')).toContain('block:2001:db8:1::/48');
    expect(behind.checks.get('lost')).toEqual(['host:gone.example.net', 'domain:example.net']);
    expect(behind.checks.get('own')).toContain('host:198.51.100.4');
    expect(behind.tocsin).toContain('host:198.51.100.4');
  });

  it('a name server that is watched is one that pages are found by', async () => {
    const config = await configOf(TEXT);
    expect((await resolvers(stakesOf(config), outside)).map(({ what }) => what)).toEqual([
      'the name server that Tocsin asks (192.0.2.53) is lost with ns',
    ]);
  });
});
