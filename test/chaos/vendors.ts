/**
 * A vendor of SMS that refuses, is out, or hangs, for a while or for one message after another: the
 * page goes by mail at once and by SMS as soon as that can be, nobody is told twice, and what is
 * looked at does not notice. The vendor is a stand-in that misbehaves as it is told to.
 */
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import type { Behaviour } from '../standins/_standin.ts';
import { comeToRest } from './kills.ts';
import { EVERY_MS, KEEPER, mailOf, type Place, type Run } from './place.ts';
import { tell, type Figures, type Outcome } from './story.ts';
import { breakAndAcknowledge } from './trial.ts';
import { isPage, troublesOf, type Trouble } from './troubles.ts';
import { eventually, within } from './within.ts';

/** As long as an attempt may take, and a second for good measure. */
const UNDER_WAY_MS = 16_000;
/** From a shop that breaks to the page by mail, where SMS is refused, and where it hangs. */
const OTHER_WAY_MS = 10_000;
const HANG_MS = 25_000;
/** After a vendor is well again: a back-off is at most a minute. */
const BACK_MS = 75_000;
/** A lane is tried again after a second: so many attempts at most, and one. */
const APART_MS = 1_000;
/** Of the looks that were due, so many fewer. */
const SKEW = 0.05;
const MOST_CONNECTIONS = 32;
const COUNT_EVERY_MS = 100;

export const faultOf = (status: number, code: number): Behaviour => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ code, message: 'chaos', status }),
});

interface Refusal {
  readonly name: string;
  readonly answer: Behaviour;
  /** Whoever refuses like this is asked seldom, and again until it is well. */
  readonly isPassing: boolean;
}

const REFUSALS: readonly Refusal[] = [
  { name: '429 and Retry-After', answer: { retryAfter: 3 }, isPassing: true },
  { name: '429', answer: faultOf(429, 20429), isPassing: true },
  { name: '401', answer: faultOf(401, 20003), isPassing: false },
  { name: '403', answer: { status: 403 }, isPassing: false },
];

/** Two shops break meanwhile, for the second one the refusal is known already. */
export const refusals = (ms: number): readonly (() => Promise<Outcome>)[] =>
  REFUSALS.map(
    (refusal) => () =>
      tell(`every SMS refused for ${ms / 1_000} s: ${refusal.name}`, MAILED, (place) =>
        whileRefused(place, refusal, ms),
      ),
  );

const MAILED = { shops: 4, hasMail: true };

async function whileRefused(place: Place, refusal: Refusal, ms: number): Promise<Figures> {
  const { twilio } = place;
  const run = await place.start();
  const troubles = troublesOf(place);
  const [before, ...broken] = troubles.slice(0, 3);
  if (!before) throw new Error('too few shops');
  await breakAndAcknowledge(place, before, [200]);
  const asked: number[] = [];
  twilio.behave(({ method }) => {
    if (method === 'POST') asked.push(performance.now());
    return refusal.answer;
  });
  const mailedMs = await Promise.all(broken.map((it) => breaksAndIsMailed(place, it)));
  await pause(ms);
  twilio.behave(() => 'ok');
  const most = mostWithin(asked, APART_MS - 50);
  if (most > 1) throw new Error(`it was asked ${most} times within a second`);
  if (refusal.isPassing) await within(BACK_MS, 'pages by SMS', paged(place, broken));
  const rested = await rest(place, run, troubles);
  return { 'page by mail, ms': Math.max(...mailedMs), asked: asked.length, ...rested };
}

/** All ways out are gone for a while: what is over by then is told to nobody, the rest once. */
export function nobodyReached(ms: number): Promise<Outcome> {
  const steps = ', { after: 3s, page: [keeper], by: [sms] }';
  return tell(
    `no way to anybody for ${ms / 1_000} s`,
    { ...MAILED, shops: 7, steps },
    async (place) => {
      const { twilio, sendgrid, sink, street } = place;
      const run = await place.start();
      const troubles = troublesOf(place);
      const [over, open] = [troubles.slice(0, 3), troubles.slice(3, 6)];
      for (const vendor of [twilio, sendgrid, sink]) vendor.behave(() => ({ status: 503 }));
      for (const it of [...over, ...open]) breaks(place, it);
      await pause(ms);
      for (const it of over) {
        street.mend(it.shop);
        it.state = 'mended';
        // Nobody can have been told of it.
        it.isBlip = true;
      }
      const isOver = ({ event }: { event: string }): boolean => event === 'resolved';
      await eventually(
        OTHER_WAY_MS,
        'the end of three',
        async () => run.daemon.lines.filter(isOver).length >= over.length,
      );
      for (const vendor of [twilio, sendgrid, sink]) vendor.behave(() => 'ok');
      const isKeepers = ({ to, body }: { to: string; body: string }): boolean =>
        to === KEEPER && isPage(body);
      const all = Promise.all([paged(place, open), twilio.waitFor(isKeepers)]);
      const { tookMs } = await within(BACK_MS, 'pages once there is a way', all);
      // Killed sooner, it tells the end to whomever a page may have been on its way to as it was withheld.
      await pause(Math.max(0, UNDER_WAY_MS - tookMs));
      const rested = await rest(place, run, troubles);
      const stale = over.filter(
        ({ shop, phone }) => place.smsTo(phone).length > 0 || place.mailsTo(shop).length > 0,
      );
      if (stale.length > 0) throw new Error(`${stale.length} were told of what was over`);
      const keepers = place.smsTo(KEEPER).map(({ body }) => body);
      if (keepers.length > 1) throw new Error(`one phone heard ${keepers.join(' | ')}`);
      return {
        'pages after it, ms': tookMs,
        'SMS to one phone about three': keepers.length,
        ...rested,
      };
    },
  );
}

const SHOPS_AT_HANG = 24;
const WELL_AT_HANG = 4;

/** It takes every request and answers none: looks go on as if nothing was. */
export function hangingVendor(ms: number): Promise<Outcome> {
  const name = `a vendor that hangs on everything for ${ms / 1_000} s`;
  return tell(name, { shops: SHOPS_AT_HANG, hasMail: true }, async (place) => {
    const { twilio, street } = place;
    const run = await place.start();
    const troubles = troublesOf(place);
    const [well, ...broken] = troubles.slice(WELL_AT_HANG - 1);
    if (!well) throw new Error('too few shops');
    twilio.behave(() => 'hang');
    const looksBefore = street.looksAt(well.shop);
    const began = performance.now();
    let connections = 0;
    const count = setInterval(() => {
      connections = Math.max(connections, connectionsTo(twilio.url));
    }, COUNT_EVERY_MS);
    const mails = Promise.all(broken.map((it) => breaksAndIsMailed(place, it, HANG_MS)));
    const [mailedMs] = await Promise.all([mails, pause(ms)]).finally(() => {
      clearInterval(count);
    });
    const looks = street.looksAt(well.shop) - looksBefore;
    const due = (performance.now() - began) / EVERY_MS - 1;
    twilio.behave(() => 'ok');
    if (looks < (1 - SKEW) * due) throw new Error(`${looks} looks, where ${due} were due`);
    if (connections > MOST_CONNECTIONS) throw new Error(`${connections} connections to it`);
    const { tookMs } = await within(BACK_MS, 'pages by SMS', paged(place, broken));
    return {
      'pages by mail, ms': Math.max(...mailedMs),
      connections,
      'pages by SMS after it, ms': tookMs,
      ...(await rest(place, run, troubles)),
    };
  });
}

export function breaks({ street }: Place, it: Trouble): void {
  street.break(it.shop);
  it.state = 'broken';
}

/** Resolves with how long it took. */
export async function breaksAndIsMailed(place: Place, it: Trouble, ms = OTHER_WAY_MS) {
  breaks(place, it);
  const mail = place.sendgrid.waitFor(
    ({ to, subject }) => to.includes(mailOf(it.shop)) && isPage(subject),
  );
  return (await within(ms, `a page by mail for ${it.shop}`, mail)).tookMs;
}

export function paged({ twilio }: Place, troubles: readonly Trouble[]): Promise<unknown> {
  return Promise.all(
    troubles.map(({ phone }) => twilio.waitFor(({ to, body }) => to === phone && isPage(body))),
  );
}

/** Without a kill nothing is told twice. */
export async function rest(place: Place, run: Run, troubles: readonly Trouble[]) {
  const { duplicates } = await comeToRest(run, place, troubles, Promise.resolve());
  if (duplicates > 0) throw new Error(`${duplicates} messages were sent twice`);
  return { duplicates };
}

function mostWithin(instants: readonly number[], ms: number): number {
  return Math.max(
    0,
    ...instants.map((at) => instants.filter((t) => t >= at && t < at + ms).length),
  );
}

/** Established, from anybody in this namespace. https://man7.org/linux/man-pages/man5/proc_pid_net.5.html */
function connectionsTo(url: string): number {
  const port = Number(new URL(url).port).toString(16).toUpperCase().padStart(4, '0');
  const ends = readFileSync('/proc/net/tcp', 'latin1').split('\n');
  return ends.filter((line) => new RegExp(`: \\S+ [0-9A-F]{8}:${port} 01 `).test(line)).length;
}
