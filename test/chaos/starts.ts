/**
 * Started while the disk takes nothing, or does not answer: it pages without memory, and takes up
 * what the disk holds when it is back. What is told by a new code by then goes on under that one.
 */
import { get, incidentAt } from './api.ts';
import { killed } from './kills.ts';
import { KEEPER, type Fault, type Place, type Run } from './place.ts';
import { straced } from './strace.ts';
import { tell, type Outcome } from './story.ts';
import { fill, onTmpfs } from './tmpfs.ts';
import { breakAndAcknowledge } from './trial.ts';
import { isEnd, isPage, troublesOf, type Trouble } from './troubles.ts';
import { eventually, within } from './within.ts';

const PAGE_MS = 10_000;
const BACK_MS = 5_000;
/** A start waits ten seconds for the disk. */
const HANGS_MS = 20_000;
const START_MS = 30_000;

/** A thread's first sync takes longer than a start waits. */
export const startedOnHungDisk = (): Promise<Outcome> =>
  tell('started on a disk that hangs', { shops: 3 }, async (place) => {
    const troubles = await before(place);
    const hang = `delay_enter=${HANGS_MS * 1_000}:when=1`;
    const run = await readyIn(place, { through: straced('fsync', hang) });
    const codes = await withoutMemory(place, troubles);
    await takesUp(place, run, HANGS_MS);
    return isKept(place, run, troubles, codes);
  });

export const startedOnFullDisk = (): Promise<Outcome> =>
  onTmpfs((folder) =>
    tell('started on a disk that is full', { shops: 3, folder }, async (place) => {
      const troubles = await before(place);
      const makeRoom = fill(folder);
      const run = await readyIn(place, {});
      const codes = await withoutMemory(place, troubles);
      await makeRoom();
      const tookMs = await takesUp(place, run, BACK_MS);
      return { 'memory after it, ms': tookMs, ...(await isKept(place, run, troubles, codes)) };
    }),
  );

/** One shop whose trouble is acknowledged, one whose trouble is not, and a daemon that is killed. */
async function before(place: Place): Promise<readonly Trouble[]> {
  const troubles = troublesOf(place);
  const [acknowledged, open] = troubles;
  if (!acknowledged || !open) throw new Error('too few shops');
  const run = await place.start();
  await breakAndAcknowledge(place, acknowledged, [200]);
  place.street.break(open.shop);
  open.state = 'broken';
  const hers = place.twilio.waitFor(({ to, body }) => to === open.phone && isPage(body));
  open.code = codeOf((await within(PAGE_MS, 'a page', hers)).value);
  await killed(run);
  return troubles;
}

async function readyIn(place: Place, fault: Fault): Promise<Run> {
  return (await within(START_MS, 'a start without the disk', place.start(fault))).value;
}

/** What is down is told of anew, what breaks is told of; the codes that are told now. */
async function withoutMemory(place: Place, [was, open, other]: readonly Trouble[]) {
  if (!was || !open || !other) throw new Error('too few shops');
  const codes = await Promise.all([was, open].map((it) => pagedAnew(place, it)));
  await breakAndAcknowledge(place, other, [200, 202]);
  await within(PAGE_MS, 'word of no memory', aboutMemory(place, isPage));
  return codes;
}

async function takesUp(place: Place, { daemon }: Run, ms: number): Promise<number> {
  const back = daemon.waitFor(({ event }) => event.startsWith('the store is back'));
  const { tookMs } = await within(ms, 'the store is back', back);
  await within(PAGE_MS, 'word of memory again', aboutMemory(place, isEnd));
  return tookMs;
}

/** Also over one kill more. */
async function isKept(place: Place, run: Run, [was]: readonly Trouble[], codes: readonly string[]) {
  if (!was) throw new Error('too few shops');
  await isTakenUp(place, was, codes);
  await killed(run);
  const { daemon } = await place.start();
  await isTakenUp(place, was, codes);
  const code = await daemon.kill('SIGTERM');
  if (code !== 0) throw new Error(`a drain ended with ${String(code)}`);
  return { 'codes told of': codes.length };
}

/** The new codes are there, the old ones have ended, and who had it has it. */
async function isTakenUp(place: Place, acknowledged: Trouble, codes: readonly string[]) {
  const [newer = '', another = ''] = codes;
  await eventually(PAGE_MS, `${newer} is acknowledged`, async () => {
    const incident = await incidentAt(place.operator, newer);
    return incident?.state === 'acknowledged' && incident.acknowledgedBy === acknowledged.shop;
  });
  const old = await incidentAt(place.operator, acknowledged.code ?? '');
  if (old?.state !== 'resolved') throw new Error(`${acknowledged.code ?? ''} has not ended`);
  const open = (await get(place.operator, `/api/v1/incidents/${another}`)) as { state?: string };
  if (open.state !== 'open') throw new Error(`${another} is not open`);
}

/** Resolves with the code by which it is told of now. */
async function pagedAnew({ twilio }: Place, { phone, code }: Trouble): Promise<string> {
  const isNew = ({ to, body }: { to: string; body: string }): boolean =>
    to === phone && isPage(body) && !body.startsWith(`${code ?? ''} `);
  const { value } = await within(PAGE_MS, `a page beside ${code ?? ''}`, twilio.waitFor(isNew));
  return codeOf(value);
}

function aboutMemory({ twilio }: Place, isSo: (body: string) => boolean): Promise<unknown> {
  const isIt = (body: string): boolean => body.includes('without memory') && isSo(body);
  return twilio.waitFor(({ to, body }) => to === KEEPER && isIt(body));
}

function codeOf({ body }: { readonly body: string }): string {
  return body.split(' ', 1)[0] ?? '';
}
