import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { createLookup, type Lookup } from '../../src/registration/lookup.ts';
import { createTransport } from '../../src/system/network.ts';
import { OwnResolver } from '../../src/system/own-resolver.ts';
import { blackHole, httpServer } from '../loopback.ts';
import { startRdap, type RdapStandin } from '../standins/rdap.ts';
import { VirtualClock } from '../virtual-clock.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const START = Date.UTC(2026, 0, 5, 3, 12);
const END = '2026-03-01T12:00:00Z';
const endsAt = Date.parse(END);

let clock: VirtualClock;
let rdap: RdapStandin;
let bootstrap: string;
let lookup: Lookup;

beforeEach(async () => {
  clock = new VirtualClock(START);
  rdap = await startRdap();
  ({ bootstrap } = rdap);
  const transport = createTransport({ clock, resolver: new OwnResolver({ clock }) });
  lookup = createLookup({ clock, transport, bootstrap: () => bootstrap });
  onTestFinished(async () => {
    await transport.close();
    await rdap.close();
  });
});

const signal = new AbortController().signal;
const find = (host: string) => lookup.find(host, signal);
const unknown = (words: string, isSettled: boolean) => ({
  registration: { unknown: expect.stringContaining(words) as string },
  isSettled,
});

describe('until when a name is registered', () => {
  test('is asked of the server that the bootstrap registry names', async () => {
    rdap.domains.set('shop.example', END);
    const registration = { domain: 'shop.example', endsAt };
    expect(await find('www.shop.example')).toEqual({ registration, isSettled: true });
    expect(rdap.received.map(({ path }) => path)).toEqual([
      '/dns.json',
      '/rdap/domain/shop.example',
    ]);
  });

  test('a registry that has moved says where to, and is followed', async () => {
    rdap.domains.set('shop.moved', END);
    expect(await find('shop.moved')).toMatchObject({ registration: { endsAt } });
    expect(rdap.asked()).toEqual(['shop.moved']);
  });

  test('below a public suffix the labels are asked for one by one', async () => {
    rdap.domains.set('co.uk', null).set('shop.co.uk', END);
    expect(await find('www.shop.co.uk')).toMatchObject({
      registration: { domain: 'shop.co.uk', endsAt },
    });
    expect(rdap.asked()).toEqual(['co.uk', 'shop.co.uk']);
  });

  test('many names of one domain are one question a day', async () => {
    rdap.domains.set('shop.example', END);
    for (const host of ['www', 'api', 'cdn']) await find(`${host}.shop.example`);
    expect(rdap.asked()).toEqual(['shop.example']);
    await clock.advance(DAY);
    await find('www.shop.example');
    expect(rdap.asked()).toHaveLength(2);
    expect(rdap.received.filter(({ path }) => path === '/dns.json')).toHaveLength(2);
  });

  test('another bootstrap registry is asked as soon as it is configured', async () => {
    rdap.domains.set('shop.example', END);
    bootstrap = `http://127.0.0.1:${await httpServer((_, answer) => answer.end('{"services":[]}'))}/`;
    expect(await find('shop.example')).toEqual(unknown('no RDAP server for .example', true));
    ({ bootstrap } = rdap);
    expect(await find('shop.other')).toEqual(unknown('no RDAP server for .other', true));
    expect(rdap.received).toHaveLength(1);
  });
});

describe('is not known', () => {
  test.each([
    [
      'where nobody answers for the top-level domain',
      'shop.test',
      'no RDAP server for .test',
      true,
    ],
    ['where it is not registered', 'a.b.c.d.example', 'not registered', true],
    ['of a name that is none', 'intranet', 'not registered', true],
  ])('%s', async (_, host, words, isSettled) => {
    expect(await find(host)).toEqual(unknown(words, isSettled));
    expect(rdap.asked().length).toBeLessThanOrEqual(3);
  });

  test('where the registry says no end of it', async () => {
    rdap.domains.set('shop.example', null);
    expect(await find('www.shop.example')).toEqual(unknown('does not say when it ends', true));
  });

  test.each([
    ['it is asked too often', { retryAfter: 60 }, 'HTTP 429'],
    ['it is broken', { status: 503 }, 'HTTP 503'],
    ['it says nonsense', { status: 200, body: '<!doctype html>' }, 'not RDAP'],
    ['it hangs up', 'reset', 'RDAP: connection reset'],
    ['it hangs up half-way', 'half', 'RDAP: '],
    ['it never ends', { status: 200, body: 'x'.repeat(300_000) }, 'too large'],
    ['it sends us nowhere', { status: 302 }, 'redirect that is not followed'],
    [
      'it sends us to files',
      { status: 301, headers: { location: 'file:///etc/passwd' } },
      'redirect',
    ],
  ] as const)('while %s, and is asked again ten minutes later', async (_, behaviour, words) => {
    rdap.domains.set('shop.example', END);
    await find('other.example');
    rdap.script(behaviour);
    const found = await find('shop.example');
    expect(found.registration).toHaveProperty('unknown', expect.stringContaining(words));
    const before = rdap.received.length;
    expect(await find('www.shop.example')).toEqual(found);
    expect(rdap.received).toHaveLength(before);
    await clock.advance(found.isSettled ? DAY : 10 * MINUTE);
    expect(await find('shop.example')).toMatchObject({ registration: { endsAt } });
  });

  test('while the bootstrap registry is away, unless there is an old copy', async () => {
    rdap.domains.set('shop.example', END).set('other.example', END);
    rdap.script({ status: 503 });
    expect(await find('shop.example')).toEqual(unknown('no list of RDAP servers: HTTP 503', false));
    await clock.advance(10 * MINUTE);
    expect(await find('shop.example')).toMatchObject({ registration: { endsAt } });
    await clock.advance(DAY);
    rdap.script({ status: 200, body: 'null' });
    expect(await find('other.example')).toMatchObject({ registration: { endsAt } });
  });

  test('of a redirect that goes round and round, after three', async () => {
    let asked = 0;
    const port = await httpServer((request, answer) => {
      asked++;
      if (request.url !== '/dns.json') answer.writeHead(307, { location: request.url }).end();
      else answer.end(JSON.stringify({ services: [[['example'], [`http://127.0.0.1:${port}/`]]] }));
    });
    bootstrap = `http://127.0.0.1:${port}/dns.json`;
    expect(await find('shop.example')).toEqual(unknown('more than 3 redirects', false));
    expect(asked).toBe(1 + 4);
  });

  test('after ten seconds of a server that says nothing', async () => {
    rdap.script('hang');
    const finding = find('shop.example');
    await expect.poll(() => rdap.received.length).toBe(1);
    await clock.advance(10_000);
    expect(await finding).toEqual(unknown('no list of RDAP servers: RDAP: ', false));
  });

  test('at once when nobody waits for it any more', async () => {
    bootstrap = `http://127.0.0.1:${await blackHole()}/dns.json`;
    const stop = new AbortController();
    const finding = lookup.find('shop.example', stop.signal);
    stop.abort();
    expect(await finding).toEqual(unknown('no list of RDAP servers', false));
  });
});
