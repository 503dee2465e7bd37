import { beforeEach, expect, onTestFinished, test } from 'vitest';
import type { Config } from '../src/config/config.ts';
import type { TocsinEvent } from '../src/events.ts';
import type { AnyProbe } from '../src/probes/probe.ts';
import { createRegistrations, type Registrations } from '../src/registrations.ts';
import { createTransport } from '../src/system/network.ts';
import { OwnResolver } from '../src/system/own-resolver.ts';
import { checkOf, configOf } from './server/house.ts';
import { startRdap, type RdapStandin } from './standins/rdap.ts';
import { VirtualClock } from './virtual-clock.ts';

type News = Extract<TocsinEvent, { type: 'registration' }>;

const SECOND = 1_000;
const HOUR = 3_600 * SECOND;
const DAY = 24 * HOUR;
const START = Date.UTC(2026, 0, 5, 3, 12);
const END = '2026-03-01T12:00:00Z';
const KNOWN = { domain: 'shop.example', endsAt: Date.parse(END) };

let clock: VirtualClock;
let rdap: RdapStandin;
let config: Config;
let registrations: Registrations;
let news: News[];
let heard: () => void;
let fraction: number;

const probe = { registered: ({ host }: { host?: string }) => host ?? null } as unknown as AnyProbe;

function watching(...hosts: readonly string[]): void {
  const checks = hosts.map((host, i) => checkOf(`c${String(i)}`, { options: { host } }));
  const self = { ...config.self, rdap: rdap.bootstrap };
  config = configOf([...checks, checkOf('other')], { self });
  registrations.replace();
}

/** Moves time on until a registry has answered once more. */
async function answered(ms: number): Promise<News> {
  const answer = new Promise<void>((resolve) => (heard = resolve));
  await clock.advance(ms);
  await answer;
  return news.at(-1)!;
}

beforeEach(async () => {
  clock = new VirtualClock(START);
  rdap = await startRdap();
  rdap.domains.set('shop.example', END);
  config = configOf([]);
  news = [];
  heard = () => {};
  fraction = 0.5;
  const transport = createTransport({ clock, resolver: new OwnResolver({ clock }) });
  registrations = createRegistrations({
    clock,
    random: { fraction: () => fraction },
    config: () => config,
    probe: (type) => (type === 'http' ? probe : undefined),
    transport,
    emit: (event) => {
      news.push(event as News);
      heard();
    },
  });
  onTestFinished(async () => {
    registrations.stop();
    await transport.close();
    await rdap.close();
  });
});

test('a name is asked for soon after the start, and then once a day', async () => {
  watching('www.shop.example');
  registrations.start();
  expect(registrations.of('www.shop.example')).toEqual({ unknown: 'not asked yet' });
  expect(await answered(0.5 * SECOND)).toMatchObject({ registration: KNOWN, isNews: true });
  expect(registrations.of('www.shop.example')).toEqual(KNOWN);
  await clock.advance(DAY - SECOND);
  expect(rdap.asked()).toHaveLength(1);
  expect(await answered(SECOND)).toMatchObject({ registration: KNOWN, isNews: false });
  expect(rdap.asked()).toHaveLength(2);
});

test('ten checks of one name are one question', async () => {
  watching(...Array<string>(10).fill('shop.example'));
  registrations.start();
  await answered(60 * SECOND);
  await clock.advance(HOUR);
  expect(rdap.asked()).toEqual(['shop.example']);
  expect(news).toHaveLength(1);
});

test('a thousand names are asked for one after the other', async () => {
  const names = Array.from({ length: 1_000 }, (_, i) => `www.shop${String(i)}.example`);
  watching(...names);
  registrations.start();
  rdap.script('ok', 'hang');
  const hanging = expect.poll(() => rdap.received.length).toBe(2);
  await clock.advance(30 * SECOND);
  await hanging;
  expect(rdap.received).toHaveLength(2);
});

test('nobody is asked before the start, and nobody about a check that does not want to know', async () => {
  watching('shop.example');
  await clock.advance(DAY);
  expect(clock.pending()).toBe(0);
  config = configOf([checkOf('other'), checkOf('edge', { type: 'tcp' })]);
  registrations.replace();
  registrations.start();
  expect(clock.pending()).toBe(0);
});

test('while nobody answers it is asked again within hours, and what was known stays so for a week', async () => {
  watching('shop.example');
  registrations.start();
  await answered(SECOND);
  rdap.script(...Array<{ status: number }>(400).fill({ status: 503 }));
  await answered(DAY);
  for (let hour = 25; hour < 7 * 24; hour++) await answered(HOUR);
  expect(registrations.of('shop.example')).toEqual(KNOWN);
  await answered(HOUR);
  expect(registrations.of('shop.example')).toEqual({ unknown: 'RDAP answers HTTP 503' });
  await answered(HOUR);
  const said = news.filter(({ isNews }) => isNews).map(({ registration }) => registration);
  expect(said).toEqual([KNOWN, { unknown: 'RDAP answers HTTP 503' }]);
});

test('a reload keeps what is known, asks about what is new and forgets what is gone', async () => {
  watching('shop.example');
  registrations.start();
  await answered(SECOND);
  watching('shop.example', 'new.example');
  expect(registrations.of('shop.example')).toEqual(KNOWN);
  await answered(SECOND);
  expect(rdap.asked()).toEqual(['shop.example', 'new.example']);
  watching('new.example');
  expect(registrations.of('shop.example')).toEqual({ unknown: 'not asked yet' });
});

test('a name that goes while it is asked about is not told of', async () => {
  watching('shop.example');
  registrations.start();
  rdap.script('hang');
  await clock.advance(SECOND);
  await expect.poll(() => rdap.received.length).toBe(1);
  watching('new.example');
  await clock.advance(9 * SECOND);
  await answered(SECOND);
  expect(news.map(({ host }) => host)).toEqual(['new.example']);
});

test('jitter is a tenth of the day, more or less', async () => {
  fraction = 0;
  watching('shop.example');
  registrations.start();
  await answered(0);
  await clock.advance(0.9 * DAY - 1);
  expect(rdap.asked()).toHaveLength(1);
  await answered(1);
  expect(rdap.asked()).toHaveLength(2);
});

test('after the stop no alarm is left, and nothing is told', async () => {
  watching('shop.example');
  registrations.start();
  registrations.stop();
  expect(clock.pending()).toBe(0);
});
