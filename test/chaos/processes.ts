/** What may be done to a process: held for a while, stopped in the middle of sending, started twice. */
import { setTimeout as pause } from 'node:timers/promises';
import { comeToRest } from './kills.ts';
import { KEEPER, type Place } from './place.ts';
import { tell, type Outcome } from './story.ts';
import { breakAndAcknowledge } from './trial.ts';
import { isEnd, isPage, troublesOf } from './troubles.ts';
import { within } from './within.ts';

const READY_MS = 30_000;
/** A drain may take so long. */
const DRAIN_MS = 10_000;
/** So many pages are to be sent, and so many does the vendor keep waiting. */
const SHOPS = 40;
const HELD = 8;
/** What was begun before, and what is due now. */
const CATCH_UP_LOOKS = 4;

/**
 * Nothing of it runs for `ms`. A step that is due meanwhile is taken once, and looks that were missed
 * are not made up for.
 */
export function held(ms: number): Promise<Outcome> {
  const steps = ', { after: 10s, page: [keeper], by: [sms] }';
  return tell(`held for ${ms / 1_000} s`, { shops: 4, steps }, async (place) => {
    const { street, twilio } = place;
    const run = await place.start();
    const [acknowledged, open, ...well] = troublesOf(place);
    if (!acknowledged || !open || !well[0]) throw new Error('too few shops');
    await breakAndAcknowledge(place, acknowledged, [200]);
    street.break(open.shop);
    open.state = 'broken';
    const isHers = ({ to, body }: { to: string; body: string }): boolean =>
      to === open.phone && isPage(body);
    await within(DRAIN_MS, 'a page', twilio.waitFor(isHers));
    process.kill(run.daemon.pid, 'SIGSTOP');
    await pause(ms);
    const before = street.looksAt(well[0].shop);
    process.kill(run.daemon.pid, 'SIGCONT');
    await pause(1_000);
    const looks = street.looksAt(well[0].shop) - before;
    if (looks > CATCH_UP_LOOKS) throw new Error(`${looks} looks in the first second after it`);
    const next = twilio.waitFor(({ to, body }) => to === KEEPER && isPage(body));
    const { tookMs } = await within(READY_MS, 'the step that was due meanwhile', next);
    const judged = await comeToRest(run, place, [acknowledged, open, ...well], Promise.resolve());
    const pages = place.smsTo(KEEPER).filter(({ body }) => isPage(body)).length;
    if (pages !== 1) throw new Error(`the step that was due was taken ${pages} times`);
    return {
      'looks in the second after it': looks,
      'due step after it, ms': 1_000 + tookMs,
      duplicates: judged.duplicates,
    };
  });
}

/** SIGTERM while the vendor keeps every page waiting; a second SIGTERM, if `isHurried`. */
export function stoppedInFlight(isHurried: boolean): Promise<Outcome> {
  const name = `stopped${isHurried ? ', and stopped again,' : ''} with pages in flight`;
  return tell(name, { shops: SHOPS }, async (place) => {
    const { twilio, street } = place;
    const run = await place.start();
    const troubles = troublesOf(place);
    twilio.script(...Array.from({ length: HELD }, () => 'hang' as const));
    for (const trouble of troubles) {
      street.break(trouble.shop);
      trouble.state = 'broken';
    }
    await inFlight(place);
    const ended = run.daemon.kill('SIGTERM');
    if (isHurried) {
      await run.daemon.waitFor(({ event }) => event === 'draining');
      void run.daemon.kill('SIGTERM');
    }
    const { value: code, tookMs } = await within(DRAIN_MS + 1_000, 'the end', ended);
    if (code !== (isHurried ? 143 : 0)) throw new Error(`it ended with ${String(code)}`);
    const again = await place.start();
    const all = Promise.all(
      troubles.map(({ phone }) => twilio.waitFor(({ to, body }) => to === phone && isPage(body))),
    );
    await within(3 * READY_MS, `${SHOPS} pages after the restart`, all);
    const judged = await comeToRest(again, place, troubles, all);
    return { 'drain, ms': tookMs, pages: SHOPS, duplicates: judged.duplicates };
  });
}

/** Resolves when the first pages are with the vendor. */
async function inFlight({ twilio }: Place): Promise<void> {
  const isPost = ({ method }: { method: string }): boolean => method === 'POST';
  while (twilio.received.filter(isPost).length < HELD) await pause(20);
}

/** Two are started at once on one directory, over and over: one of them has it, and the other says so. */
export function twoAtOnce(times: number): Promise<Outcome> {
  return tell('two daemons on one directory', { shops: 2 }, async (place) => {
    const [troubled] = troublesOf(place);
    if (!troubled) throw new Error('too few shops');
    let refused = 0;
    for (let n = 0; n < times; n++) {
      const both = [place.spawn(), place.spawn()];
      const loser = await within(READY_MS, 'one that gives up', Promise.race(both.map(refusal)));
      refused += 1;
      const winner = both.find(({ daemon }) => daemon.pid !== loser.value);
      if (!winner) throw new Error('both gave up');
      const isReady = winner.daemon.waitFor(({ event }) => event === 'started');
      await within(READY_MS, 'the other one is ready', isReady);
      if (winner.end !== null) throw new Error('both gave up');
      if (n === times - 1) await breakAndAcknowledge(place, troubled, [200]);
      await winner.daemon.kill(n % 2 === 0 ? 'SIGKILL' : 'SIGTERM');
    }
    const run = await place.start();
    place.street.mend(troubled.shop);
    troubled.state = 'mended';
    const over = place.twilio.waitFor(({ body }) => isEnd(body));
    const judged = await comeToRest(run, place, troublesAfter(place, troubled), over);
    return { starts: times, refused, duplicates: judged.duplicates };
  });
}

const troublesAfter = (place: Place, known: ReturnType<typeof troublesOf>[number]) =>
  troublesOf(place).map((each) => (each.shop === known.shop ? known : each));

/** The pid of one that ended by itself, with exit code 1 and the reason. */
async function refusal({ daemon }: ReturnType<Place['spawn']>): Promise<number> {
  const code = await daemon.ended;
  if (code === 1 && daemon.other.join('\n').includes('is in use by process')) return daemon.pid;
  return new Promise(() => {});
}
