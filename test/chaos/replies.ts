/**
 * What people send back: twice, by somebody nobody knows, with a wrong code, dressed up, too long, by
 * two at once, and while Tocsin is down. Each that counts acknowledges once and for one incident.
 */
import { incidentAt } from './api.ts';
import { comeToRest, killed } from './kills.ts';
import { KEEPER, type Place } from './place.ts';
import { tell, type Outcome } from './story.ts';
import { isPage, troublesOf, type Trouble } from './troubles.ts';
import { breaks, paged } from './vendors.ts';
import { eventually, within } from './within.ts';

const PAGE_MS = 10_000;
/** While a page waits it is polled every 5 s; at a start, at once. */
const HEARD_MS = 15_000;
const STRANGER = '+447700900123';

interface Reply {
  readonly says: (code: string) => readonly string[];
  readonly from?: string;
  readonly acknowledges: boolean;
}

/** As some keyboards write it: https://www.unicode.org/charts/PDF/UFF00.pdf */
const fullWidth = (text: string): string =>
  text.replaceAll(/[!-~]/g, (sign) => String.fromCodePoint(sign.charCodeAt(0) + 0xfee0));

/** One for each shop. */
const REPLIES: readonly Reply[] = [
  { says: (code) => [code, code, `ack ${code}`], acknowledges: true },
  { says: (code) => [`  ${fullWidth(code)}\u200b! `], acknowledges: true },
  { says: (code) => [`\u{1f44d} ${code.toLowerCase()} \u{1f44d}`], acknowledges: true },
  { says: () => ['OK'], acknowledges: true },
  { says: (code) => [code], from: STRANGER, acknowledges: false },
  { says: () => ['ACK 222222A'], acknowledges: false },
  { says: () => ['x'.repeat(1_600)], acknowledges: false },
  { says: () => ['STOP', 'YES', '\u{1f600}', '', '\u0000'], acknowledges: false },
];

export function oddReplies(): Promise<Outcome> {
  return tell('replies of every kind', { shops: REPLIES.length + 1 }, async (place) => {
    const run = await place.start();
    const troubles = troublesOf(place);
    const broken = troubles.slice(0, -1);
    await breakAndLearn(place, broken);
    const expected = REPLIES.map(({ says, from, acknowledges }, n) => {
      const { phone, code } = broken[n] ?? nobody;
      const texts = says(code ?? '');
      for (const text of texts) place.twilio.receive(from ?? phone, text);
      const answers = from === undefined ? texts.length : 0;
      return { code: code ?? '', phone, answers, acknowledgements: acknowledges ? 1 : 0 };
    });
    await eventually(HEARD_MS, 'an answer to each', async () =>
      expected.every(({ phone, answers }) => answersTo(place, phone) >= answers),
    );
    await areTaken(place, expected);
    // What was heard before a kill is not heard again after it.
    await killed(run);
    const polls = pollsOf(place);
    const again = await place.start();
    await eventually(HEARD_MS, 'a poll', async () => pollsOf(place) > polls);
    await areTaken(place, expected);
    const code = await again.daemon.kill('SIGTERM');
    if (code !== 0) throw new Error(`a drain ended with ${String(code)}`);
    for (const { phone, answers } of [...expected, { phone: STRANGER, answers: 0 }]) {
      const heard = answersTo(place, phone);
      if (heard !== answers) throw new Error(`${phone} heard ${heard} answers to ${answers} SMS`);
    }
    return { answers: expected.reduce((sum, { answers }) => sum + answers, 0) };
  });
}

interface Expected {
  readonly code: string;
  readonly acknowledgements: number;
}

async function areTaken(place: Place, expected: readonly Expected[]): Promise<void> {
  for (const { code, acknowledgements } of expected) {
    const often = await acknowledgementsOf(place, code);
    if (often !== acknowledgements) throw new Error(`${code} was acknowledged ${often} times`);
  }
}

function answersTo(place: Place, phone: string): number {
  return place.smsTo(phone).filter(({ body }) => !isPage(body)).length;
}

/** How often the list of what was sent to us was asked for. */
function pollsOf({ twilio }: Place): number {
  return twilio.received.filter(({ query }) => query.has('DateSent>')).length;
}

/** Both were paged, both answer in the same second: one of them has it, and both hear so. */
export function twoAnswerAtOnce(): Promise<Outcome> {
  const steps = ', { after: 1s, page: [keeper], by: [sms] }';
  return tell('two people answer at once', { shops: 2, steps }, async (place) => {
    const run = await place.start();
    const [it, ...well] = troublesOf(place);
    if (!it) throw new Error('too few shops');
    await breakAndLearn(place, [it]);
    const isSecond = ({ to, body }: { to: string; body: string }): boolean =>
      to === KEEPER && isPage(body);
    await within(PAGE_MS, 'a page for the other one', place.twilio.waitFor(isSecond));
    for (const phone of [it.phone, KEEPER]) place.twilio.receive(phone, it.code ?? '');
    const isAnswer = (phone: string) =>
      place.twilio.waitFor(({ to, body }) => to === phone && !isPage(body));
    await within(HEARD_MS, 'two answers', Promise.all([isAnswer(it.phone), isAnswer(KEEPER)]));
    const often = await acknowledgementsOf(place, it.code ?? '');
    if (often !== 1) throw new Error(`it was acknowledged ${often} times`);
    const { duplicates } = await comeToRest(run, place, [it, ...well], Promise.resolve());
    return { acknowledgements: often, duplicates };
  });
}

/** An SMS that came while it was down counts when it is up again. */
export function answeredWhileDown(): Promise<Outcome> {
  return tell('answered while Tocsin is down', { shops: 2 }, async (place) => {
    const first = await place.start();
    const [it, ...well] = troublesOf(place);
    if (!it) throw new Error('too few shops');
    await breakAndLearn(place, [it]);
    const code = it.code ?? '';
    await killed(first);
    place.twilio.receive(it.phone, code);
    const began = performance.now();
    const run = await place.start();
    const isHis = async (): Promise<boolean> =>
      (await incidentAt(place.operator, code))?.acknowledgedBy === it.shop;
    await eventually(HEARD_MS, 'the acknowledgement', isHis);
    it.acknowledged = 'by SMS';
    const tookMs = Math.round(performance.now() - began);
    const { duplicates } = await comeToRest(run, place, [it, ...well], Promise.resolve());
    return { 'heard after the start, ms': tookMs, duplicates };
  });
}

const nobody = { phone: '', code: null, shop: '' };

/** Each is paged, and its code known. */
async function breakAndLearn(place: Place, troubles: readonly Trouble[]): Promise<void> {
  for (const it of troubles) breaks(place, it);
  await within(PAGE_MS, 'a page for each', paged(place, troubles));
  for (const it of troubles) {
    const page = place.smsTo(it.phone).find(({ body }) => isPage(body));
    it.code = page?.body.split(' ', 1)[0] ?? '';
  }
}

async function acknowledgementsOf({ operator }: Place, code: string): Promise<number> {
  const incident = await incidentAt(operator, code);
  return incident?.timeline.filter(({ type }) => type === 'acknowledged').length ?? 0;
}
