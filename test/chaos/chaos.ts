/**
 * `npm run chaos`: real daemons over real SQLite, with faults. Without words all stories are told;
 * words choose some by name. `--kills` and `--syncs` say how many, `--seed` and `--first` from where;
 * `--short` is what fits into a minute or two. It runs in a network and a mount namespace of its own.
 */
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { mailThatBounces } from './bounces.ts';
import { canSetClocks, clockSet, JUMPS } from './clocks.ts';
import { failingDisks, fullDisk, hungDisk } from './disks.ts';
import { killOften } from './kills.ts';
import { nameless, vendorGone } from './networks.ts';
import { held, stoppedInFlight, twoAtOnce } from './processes.ts';
import { brokenFileSystem } from './read-only.ts';
import {
  addressesThatFail,
  answersThatAreNone,
  neverDelivered,
  nothingToReadBack,
  receiptsInAnyOrder,
} from './receipts.ts';
import { answeredWhileDown, oddReplies, twoAnswerAtOnce } from './replies.ts';
import { startedOnFullDisk, startedOnHungDisk } from './starts.ts';
import type { Outcome } from './story.ts';
import { killedAtSync } from './syncs.ts';
import { hangingVendor, nobodyReached, refusals } from './vendors.ts';

/** Daemons at a time. */
const AT_ONCE = 4;
/** Of one daemon's life, before its data is judged and another one begins. */
const KILLS_A_LIFE = 25;
const SECOND = 1_000;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    kills: { type: 'string', default: '200' },
    syncs: { type: 'string', default: '60' },
    first: { type: 'string', default: '1' },
    seed: { type: 'string', default: '1' },
    short: { type: 'boolean', default: false },
  },
});
const isShort = values.short;

interface Tale {
  readonly name: string;
  /** Once begun, it is a matter of seconds or a minute. */
  readonly begin: () => Promise<Outcome>;
}

function* tales(): Generator<Tale> {
  const kills = Number(values.kills);
  const lives = Math.max(AT_ONCE, Math.ceil(kills / KILLS_A_LIFE));
  for (let n = 0; n < lives; n++) {
    const share = Math.floor((kills * (n + 1)) / lives) - Math.floor((kills * n) / lives);
    yield { name: 'kills', begin: () => killOften(Number(values.seed) + n, share) };
  }
  for (let n = Number(values.first); n <= Number(values.syncs); n++) {
    yield { name: 'syncs', begin: () => killedAtSync(n) };
  }
  yield* failingDisks.map((begin) => ({ name: 'disks', begin }));
  yield { name: 'disks', begin: () => hungDisk((isShort ? 3 : 30) * SECOND) };
  yield { name: 'disks', begin: () => fullDisk((isShort ? 5 : 30) * SECOND) };
  yield { name: 'disks', begin: brokenFileSystem };
  yield { name: 'starts', begin: startedOnHungDisk };
  yield { name: 'starts', begin: startedOnFullDisk };
  yield { name: 'held', begin: () => held((isShort ? 3 : 90) * SECOND) };
  yield { name: 'stopped', begin: () => stoppedInFlight(false) };
  yield { name: 'stopped', begin: () => stoppedInFlight(true) };
  yield { name: 'two', begin: () => twoAtOnce(isShort ? 2 : 20) };
  const outMs = (isShort ? 12 : 60) * SECOND;
  yield { name: 'vendors', begin: answersThatAreNone };
  yield { name: 'vendors', begin: nothingToReadBack };
  yield { name: 'vendors', begin: () => hangingVendor(outMs) };
  yield { name: 'vendors', begin: () => nobodyReached(outMs) };
  yield* refusals(outMs).map((begin) => ({ name: 'vendors', begin }));
  for (const begin of [addressesThatFail, neverDelivered, receiptsInAnyOrder, mailThatBounces]) {
    yield { name: 'vendors', begin };
  }
  for (const begin of [oddReplies, twoAnswerAtOnce, answeredWhileDown]) {
    yield { name: 'replies', begin };
  }
  for (const [jump, seconds] of canSetClocks ? JUMPS : []) {
    yield { name: 'clocks', begin: () => clockSet(jump, seconds()) };
  }
}

/** They have the network of this process to themselves. */
function* alone(): Generator<Tale> {
  yield { name: 'networks', begin: () => nameless((isShort ? 10 : 70) * SECOND) };
  yield { name: 'networks', begin: vendorGone };
}

const isChosen = ({ name }: Tale): boolean =>
  positionals.length === 0 || positionals.includes(name);

/** So many at a time, in this order; what is told is told as it ends. */
async function tellAll(chosen: Iterator<Tale>, atOnce: number): Promise<readonly Outcome[]> {
  const told: Outcome[] = [];
  const one = async (): Promise<void> => {
    for (let next = chosen.next(); !next.done; next = chosen.next()) {
      const outcome = await next.value.begin();
      told.push(outcome);
      console.log(inWords(outcome));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, one));
  return told;
}

function inWords({ name, figures, broken }: Outcome): string {
  const words = Object.entries(figures).map(([what, value]) => `${what}: ${String(value)}`);
  const verdict = broken.length === 0 ? 'kept  ' : 'BROKEN';
  return [`${verdict} ${name} (${words.join(', ')})`, ...broken.map((why) => `    ${why}`)].join(
    '\n',
  );
}

/** Over all stories that count it. */
function total(told: readonly Outcome[], figure: string): number {
  return told.reduce((sum, { figures }) => sum + Number(figures[figure] ?? 0), 0);
}

async function chaos(): Promise<boolean> {
  const began = performance.now();
  const [together, others] = [[...tales()], [...alone()]];
  const names = new Set([...together, ...others].map(({ name }) => name));
  const unknown = positionals.filter((word) => !names.has(word));
  if (unknown.length > 0)
    throw new Error(`${unknown.join(', ')}: there are ${[...names].join(', ')}`);
  const told = [
    ...(await tellAll(together.filter(isChosen).values(), AT_ONCE)),
    ...(await tellAll(others.filter(isChosen).values(), 1)),
  ];
  const broken = told.filter((outcome) => outcome.broken.length > 0).length;
  const seconds = Math.round((performance.now() - began) / SECOND);
  const counts = ['kills', 'reached', 'incidents', 'acknowledgements', 'messages'];
  const sums = [...counts, 'unconfirmed', 'duplicates', 'duplicate SMS'].map(
    (of) => `${of} ${total(told, of)}`,
  );
  console.log(`${told.length} stories in ${seconds} s, ${broken} broken; ${sums.join(', ')}`);
  return broken === 0;
}

/** In namespaces of our own, so that nothing of it reaches this machine, or stays behind. */
function apart(): number {
  const again = ['ip link set lo up && exec "$0" "$@"', process.execPath, ...process.argv.slice(1)];
  const args = ['--mount', '--net', 'env', 'TOCSIN_CHAOS=apart', 'sh', '-c', ...again];
  return spawnSync('unshare', args, { stdio: 'inherit' }).status ?? 1;
}

if (process.env['TOCSIN_CHAOS'] === 'apart') process.exitCode = (await chaos()) ? 0 : 1;
else process.exitCode = apart();
