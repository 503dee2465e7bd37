/**
 * Kill -9 at random moments, over and over, while shops break, people acknowledge and vendors take
 * pages: while it starts, at any time, as a vendor has just taken a message, as something has just
 * been decided. After the last kill everything must come to rest, and survive one kill more.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { IncidentView } from '../../src/incident/view.ts';
import { Dice } from '../simulation/dice.ts';
import { allIncidents } from './api.ts';
import { tell, type Outcome } from './story.ts';
import type { Fault, Place, Run } from './place.ts';
import { judge, type Judgement } from './promises.ts';
import { eventually } from './within.ts';
import { trouble, troublesOf, type Trouble } from './troubles.ts';

const SHOPS = 20;
/** Never broken. */
const WELL = 2;
/** From kill to kill, or so. */
const APART_MS = 2_000;
/** How long everything may take to come to rest once nobody kills any more. */
const REST_MS = 90_000;
const TELLING = ['opened', 'acknowledged', 'resolved', 'delivery accepted', 'answered'];

export function killOften(seed: number, kills: number): Promise<Outcome> {
  return tell(`killed ${kills} times, seed ${seed}`, { shops: SHOPS }, async (place) => {
    const dice = new Dice(seed, 'kills');
    const troubles = troublesOf(place);
    const over = Promise.all(
      troubles.slice(WELL).map((it, n) => {
        const own = new Dice(seed, `trouble ${n}`);
        return trouble(place, it, own, own.between(0, kills * APART_MS));
      }),
    );
    for (let n = 0; n < kills; n++) await killOnce(place, dice);
    const run = await place.start();
    return { kills, ...(await comeToRest(run, place, troubles, over)) };
  });
}

/** Starts it and kills it at a moment drawn by lot. */
async function killOnce(place: Place, dice: Dice): Promise<void> {
  const run = place.spawn();
  const moment = dice.pick(['starting', 'any', 'any', 'taken', 'decided'] as const);
  const ms = dice.between(0, 3_000);
  const isReady = run.daemon.waitFor(({ event }) => event === 'started').catch(() => null);
  if (moment === 'starting') await pause(ms / 2);
  else {
    await isReady;
    const patience = pause(ms);
    if (moment === 'any') await patience;
    else
      await Promise.race([patience, moment === 'taken' ? killAtMessage(place, run) : decided(run)]);
  }
  await killed(run);
}

/** Before the vendor has answered. */
async function killAtMessage({ twilio, sink }: Place, { daemon }: Run): Promise<void> {
  const known = new Set<object>([...twilio.requests, ...sink.requests]);
  const isNew = (message: object): boolean => {
    if (known.has(message)) return false;
    void daemon.kill('SIGKILL');
    return true;
  };
  await Promise.race([twilio.waitFor(isNew), sink.waitFor(isNew)]);
}

function decided({ daemon }: Run): Promise<void> {
  return new Promise((resolve) => {
    daemon.onLine(({ event }) => {
      if (TELLING.includes(event)) resolve();
    });
  });
}

export async function killed({ daemon }: Run): Promise<void> {
  const by = await daemon.kill('SIGKILL');
  if (by !== 'SIGKILL') {
    const said = daemon.other.slice(-5).join('\n');
    throw new Error(`it ended by itself, with ${String(by)}: ${said}`);
  }
}

/** Without faults until nothing is owed; then what is there must survive one kill more. */
export async function comeToRest(
  run: Run,
  place: Place,
  troubles: readonly Trouble[],
  over: Promise<unknown>,
  fault: Fault = {},
): Promise<Judgement> {
  const patience = new AbortController();
  const late = pause(REST_MS, 'late', { signal: patience.signal }).catch(() => 'over');
  if ((await Promise.race([over, late])) === 'late') {
    const open = troubles.filter(({ state }) => state === 'broken').map(({ shop }) => shop);
    throw new Error(`it does not come to rest; broken are ${open.join(', ')}`);
  }
  patience.abort();
  await eventually(REST_MS, 'nothing waits to be sent', () => isAtRest(place));
  const before = await judge(place, troubles);
  const said = await allIncidents(place.operator);
  await killed(run);
  const again = await place.start(fault);
  const after = await allIncidents(place.operator);
  const broken: string[] = [];
  for (const incident of said) {
    const again = after.find(({ id }) => id === incident.id);
    if (again && isDeepStrictEqual(inOrder(again), inOrder(incident))) continue;
    broken.push(`after a restart the API tells another story of ${incident.code}`);
  }
  const code = await again.daemon.kill('SIGTERM');
  if (code !== 0) broken.push(`a drain ended with ${String(code)}`);
  if (broken.length > 0) throw new Error(broken.join('\n'));
  return before;
}

/** What was decided at one instant is in no order that anybody promises. */
function inOrder({ notifications, ...incident }: IncidentView): object {
  return { ...incident, notifications: notifications.toSorted((a, b) => (a.key < b.key ? -1 : 1)) };
}

/** What may have left before a page was withheld stays unconfirmed for ever. */
async function isAtRest({ operator }: Place): Promise<boolean> {
  const incidents = await allIncidents(operator);
  return !incidents.some(({ state: of, notifications }) =>
    notifications.some(
      ({ kind, state }) =>
        state === 'queued' || (state === 'unconfirmed' && (kind !== 'page' || of === 'open')),
    ),
  );
}
