import { expect, test } from 'vitest';
import { http } from '../../src/probes/http.ts';
import type { AnyProbe } from '../../src/probes/probe.ts';
import { tcp } from '../../src/probes/tcp.ts';
import { tls } from '../../src/probes/tls.ts';
import type { Registration } from '../../src/registration/rdap.ts';
import { httpServer, tcpServer, tlsServer } from '../loopback.ts';
import { VirtualClock } from '../virtual-clock.ts';
import { look } from './looking.ts';

const DAY = 86_400_000;
const NOON = Date.UTC(2026, 4, 1, 12);
const HOST = 'shop.localhost';

const KINDS: readonly (readonly [AnyProbe, () => Promise<object>])[] = [
  [http, async () => ({ http: `http://${HOST}:${await httpServer((_, to) => to.end())}/` })],
  [tcp, async () => ({ tcp: `${HOST}:${await tcpServer((socket) => socket.end())}` })],
  [tls, async () => ({ tls: `${HOST}:${await tlsServer('good', () => {})}`, verify: false })],
];

/** With `warn: { domain: 30d }`, at noon. */
async function seen(probe: AnyProbe, written: object, registration: Registration) {
  const asked: string[] = [];
  const { findings, gauges } = await look(
    probe,
    { ...written, warn: { domain: '30d' } },
    {
      clock: new VirtualClock(NOON),
      registration(host) {
        asked.push(host);
        return registration;
      },
    },
  );
  const finding = findings.find(({ expectation }) => expectation === 'domain');
  return { asked, finding, ends: gauges['tocsin_domain_expiry_timestamp_seconds'] };
}

test.each(KINDS)('$type warns when the registration of its target ends', async (probe, target) => {
  const endsAt = NOON + 12.5 * DAY;
  const { asked, finding, ends } = await seen(probe, await target(), { domain: 'x.test', endsAt });
  expect(asked).toEqual([HOST]);
  expect(finding).toEqual({
    expectation: 'domain',
    level: 'warn',
    met: false,
    expected: 'at least 30d left',
    seen: '12d left of x.test',
    reason: 'dns',
    brief: 'domain ends in 12d',
  });
  expect(ends).toBe(endsAt / 1_000);
});

test.each(KINDS)('$type does not judge what is not known', async (probe, target) => {
  const { finding, ends } = await seen(probe, await target(), { unknown: 'no RDAP server' });
  expect(finding).toMatchObject({ met: true, isJudged: false, seen: 'not known: no RDAP server' });
  expect(ends).toBeUndefined();
});

test.each(KINDS)('$type asks for nothing that nobody wants to know', async (probe, target) => {
  const written = await target();
  const registration = () => {
    throw new Error('asked');
  };
  const { findings, gauges } = await look(probe, written, { registration });
  expect(findings.map(({ expectation }) => expectation)).not.toContain('domain');
  expect(gauges).not.toHaveProperty('tocsin_domain_expiry_timestamp_seconds');
  expect(probe.registered?.(probe.options.parse(written))).toBeNull();
});

test.each([
  ['exactly as much as is wanted is enough', 30 * DAY, true, ''],
  ['a moment less is not', 30 * DAY - 1, false, 'domain ends in 29d'],
  ['one that has ended is told as that', -3 * DAY, false, 'domain ended 3d ago'],
])('%s', async (_, leftMs, met, brief) => {
  const [probe, target] = KINDS[0]!;
  const registration = { domain: 'x.test', endsAt: NOON + leftMs };
  expect((await seen(probe, await target(), registration)).finding).toMatchObject({ met, brief });
});

test('a target that is down says so, and nothing of its registration', async () => {
  const port = await tcpServer((socket) => socket.resetAndDestroy());
  const registration = { domain: 'x.test', endsAt: NOON };
  const written = { http: `http://${HOST}:${port}/` };
  const { finding, ends } = await seen(http, written, registration);
  expect(finding).toBeUndefined();
  expect(ends).toBe(NOON / 1_000);
});

test.each([
  [http, { http: 'http://192.0.2.1/' }, 'this is an address'],
  [http, { http: 'http://[2001:db8::1]:8080/' }, 'this is an address'],
  [http, { http: 'http://intranet/' }, 'this name has no domain'],
  [tcp, { tcp: '[2001:db8::1]:5432' }, 'this is an address'],
  [tcp, { tcp: 'db:5432' }, 'this name has no domain'],
  [tls, { tls: '192.0.2.1:443' }, 'this is an address'],
  [tls, { tls: 'localhost.:443' }, 'this name has no domain'],
] as const)('$type of %o needs a name', (probe: AnyProbe, written, why) => {
  const parsed = probe.options.safeParse({ ...written, warn: { domain: '30d' } });
  const issues = parsed.error?.issues.map(({ path, message }) => [path.join('.'), message]);
  expect(issues).toEqual([
    ['warn.domain', `needs a name that somebody has registered, such as shop.example.com: ${why}`],
  ]);
});
