/**
 * A wall clock that is set while a daemon runs: nothing is said to be down for that, and what was due
 * in ten seconds is due in ten seconds. The clock is libfaketime's; monotonic time is the machine's.
 * https://github.com/wolfcw/libfaketime
 */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { comeToRest } from './kills.ts';
import { KEEPER, type Fault } from './place.ts';
import { tell, type Outcome } from './story.ts';
import { breakAndAcknowledge } from './trial.ts';
import { isPage, troublesOf } from './troubles.ts';
import { within } from './within.ts';

const LIBRARY = '/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1';
export const canSetClocks = existsSync(LIBRARY);

const HOUR = 3_600;
export const JUMPS: ReadonlyMap<string, () => number> = new Map([
  ['an hour forward', () => HOUR],
  ['an hour back', () => -HOUR],
  ['ten years forward', () => 10 * 365 * 24 * HOUR],
  ['back to 1970', () => -Math.floor(Date.now() / 1_000) + HOUR],
]);

const STEP_MS = 10_000;
const TOLERANCE_MS = 1_000;

export function clockSet(name: string, seconds: number): Promise<Outcome> {
  const steps = `, { after: ${STEP_MS / 1_000}s, page: [keeper], by: [sms] }`;
  const settings = { shops: 4, steps, isPosted: false };
  return tell(`the clock set ${name}`, settings, async (place) => {
    const offset = join(place.folder, 'offset');
    const fault: Fault = {
      env: {
        LD_PRELOAD: LIBRARY,
        FAKETIME_TIMESTAMP_FILE: offset,
        FAKETIME_NO_CACHE: '1',
        FAKETIME_DONT_FAKE_MONOTONIC: '1',
        NO_FAKE_STAT: '1',
      },
    };
    writeFileSync(offset, '+0\n');
    const run = await place.start(fault);
    const [acknowledged, open, ...well] = troublesOf(place);
    if (!acknowledged || !open) throw new Error('too few shops');
    await breakAndAcknowledge(place, acknowledged, [200]);
    place.street.break(open.shop);
    open.state = 'broken';
    const isHers = ({ to, body }: { to: string; body: string }): boolean =>
      to === open.phone && isPage(body);
    await within(STEP_MS, 'a page', place.twilio.waitFor(isHers));
    const next = within(
      STEP_MS + 5_000,
      'the next step',
      place.twilio.waitFor(({ to, body }) => to === KEEPER && isPage(body)),
    );
    await pause(2_000);
    writeFileSync(offset, `${seconds < 0 ? '' : '+'}${seconds}\n`);
    const offMs = (await next).tookMs - STEP_MS;
    if (Math.abs(offMs) > TOLERANCE_MS) throw new Error(`the next step was ${offMs} ms off`);
    const isHeard = run.daemon.lines.some(({ what }) => String(what).startsWith('it was set'));
    if (!isHeard) throw new Error('nobody noticed that the clock was set');
    const { duplicates } = await comeToRest(
      run,
      place,
      [acknowledged, open, ...well],
      Promise.resolve(),
      fault,
    );
    if (duplicates > 0) throw new Error(`${duplicates} messages were sent twice`);
    return { 'next step off by, ms': offMs, duplicates };
  });
}
