/**
 * One fault that lasts a while, under a daemon that runs: what was acknowledged before stays so, what
 * breaks meanwhile is paged and can be acknowledged, what is well is nobody's trouble, and once it is
 * over everything is as if it had not been. Without a kill nothing is told twice.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { LogLine } from '../e2e/daemon-process.ts';
import { post } from './api.ts';
import { comeToRest } from './kills.ts';
import { KEEPER, type Fault, type Place, type PlaceSettings, type Run } from './place.ts';
import { tell, type Figures, type Outcome } from './story.ts';
import { isEnd, isPage, troublesOf, type Trouble } from './troubles.ts';
import { eventually, within } from './within.ts';

/** From a shop that breaks to the page: two looks and their recheck, and a slow machine. */
const PAGE_MS = 10_000;
/** A disk that is back is used again within this. */
const BACK_MS = 5_000;

export interface Trial {
  readonly name: string;
  readonly settings?: Partial<PlaceSettings>;
  /** How the daemon is started. */
  readonly fault?: Fault;
  /** Begins it; what it resolves with ends it. */
  begin(place: Place, run: Run): Promise<() => Promise<void>>;
  /** How long it lasts after the page, ms. */
  readonly lastsMs?: number;
  /** Nothing can be stored meanwhile: that pages, and ends soon after the fault. */
  readonly isForgetful: boolean;
}

export function standTrial(trial: Trial): Promise<Outcome> {
  return tell(trial.name, { shops: 4, ...trial.settings }, (place) => happen(place, trial));
}

async function happen(place: Place, trial: Trial): Promise<Figures> {
  const { fault = {} } = trial;
  const run = await place.start(fault);
  const [before, during, mended, ...well] = troublesOf(place);
  if (!before || !during || !mended) throw new Error('too few shops');
  await breakAndAcknowledge(place, before, [200]);
  await breakAndAcknowledge(place, mended, [200]);

  const end = await trial.begin(place, run);
  const figures: Record<string, number> = {};
  try {
    figures['page during it, ms'] = await breakAndAcknowledge(place, during, [200, 202]);
    place.street.mend(mended.shop);
    mended.state = 'mended';
    if (trial.isForgetful) await within(PAGE_MS, 'word of no memory', aboutMemory(place, isPage));
    await pause(trial.lastsMs ?? 0);
    if (run.daemon.lines.some(isAboutReturn)) throw new Error('it was said to be over too early');
  } finally {
    await end();
  }
  if (trial.isForgetful) {
    const back = await within(BACK_MS, 'the store is back', run.daemon.waitFor(isAboutReturn));
    figures['memory after it, ms'] = back.tookMs;
    await within(PAGE_MS, 'word of memory again', aboutMemory(place, isEnd));
  }
  const isEnded = place.twilio.waitFor(({ to, body }) => to === mended.phone && isEnd(body));
  const judged = await comeToRest(run, place, [before, during, mended, ...well], isEnded, fault);
  const { duplicates, messages } = judged;
  if (duplicates > 0) throw new Error(`${duplicates} of ${messages} messages were sent twice`);
  return { ...figures, messages, duplicates };
}

const isAboutReturn = ({ event }: LogLine): boolean => event.startsWith('the store is back');

/** Resolves with how long the page took. */
export async function breakAndAcknowledge(
  place: Place,
  it: Trouble,
  promised: readonly number[],
): Promise<number> {
  place.street.break(it.shop);
  it.state = 'broken';
  const isHers = ({ to, body }: { to: string; body: string }): boolean =>
    to === it.phone && isPage(body);
  const paged = await within(PAGE_MS, `a page for ${it.shop}`, place.twilio.waitFor(isHers));
  it.code = paged.value.body.split(' ', 1)[0] ?? '';
  const path = `/api/v1/incidents/${it.code}/acknowledge`;
  await eventually(PAGE_MS, `an answer to the acknowledgement of ${it.code}`, async () =>
    promised.includes(await post(place.operator, path, { by: it.shop })),
  );
  it.acknowledged = 'by API';
  return paged.tookMs;
}

function aboutMemory(place: Place, isSo: (body: string) => boolean): Promise<unknown> {
  return place.twilio.waitFor(
    ({ to, body }) => to === KEEPER && body.includes('without memory') && isSo(body),
  );
}
