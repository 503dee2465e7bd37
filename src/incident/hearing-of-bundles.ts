/**
 * What somebody says of a message about several incidents is said of each that it called down and
 * that is not over: what it told as news (an end, who has it) asked for nothing. One answer says what
 * came of it. A storm's reply is taken in slices, of which the last answers.
 */
import { acknowledge } from './acknowledgement.ts';
import { askedAboutIn, bundleCalled, type Bundles } from './bundle-called.ts';
import { escalateByHand, pullIn } from './by-hand.ts';
import type { Draft } from './draft.ts';
import type { Incident } from './incident.ts';
import type { Heard } from './input.ts';
import { isBundle, type Bundle } from './lane.ts';
import { resolveByHand } from './recovery.ts';
import { readReply, wasSaidBefore, type Reply } from './reply.ts';
import { nameOf, responderCalled } from './telling.ts';

/** Codes in an answer: more do not fit. */
const NAMED = 8;

/** Few enough to be decided in some milliseconds. */
const SLICE = 200;

type ReplyWithCode = Extract<Reply, { readonly code: string }>;

/** The same words, of some of the incidents at a time if they are about very many. */
export function inSlices(board: Bundles, heard: Heard): readonly Heard[] {
  const reply = readReply(heard.text);
  const bundle = 'code' in reply ? bundleCalled(board, reply.code) : undefined;
  const ids = bundle ? askedAboutIn(bundle) : [];
  const slices: Heard[] = [];
  for (let from = 0; from + SLICE < ids.length; from += SLICE) {
    slices.push({ ...heard, part: { ids: ids.slice(from, from + SLICE), isLast: false } });
  }
  const last = { ids: ids.slice(slices.length * SLICE), isLast: true };
  return slices.length === 0 ? [heard] : [...slices, { ...heard, part: last }];
}

/** null: the last slice answers. */
export function actOnAll(
  draft: Draft,
  heard: Heard,
  reply: ReplyWithCode,
  bundle: Bundle,
): string | null {
  const { code } = reply;
  const ids = askedAboutIn(bundle);
  if (reply.does === 'explain') return explainAll(draft, code, bundle.about);
  if (ids.length === 0) return `${code} is news and asks for nothing. WHY ${code} = more`;
  if (wasSaidBefore(heard, reply, bundle.at)) {
    return `${code} began after you sent this, so it was not taken`;
  }
  if (reply.does === 'page' && !responderCalled(draft, reply.name)) {
    return `${code}: nobody here is called ${reply.name}`;
  }
  const { ids: part, isLast } = heard.part ?? { ids, isLast: true };
  const before = draft.decisions.length;
  for (const id of part) actOnOne(draft, heard, reply, id);
  if (!isLast) return null;
  const outcomes = new Set(draft.decisions.slice(before).map(({ outcome }) => outcome));
  const isAtWork = !outcomes.has('waiting for hours');
  return saidOfAll(draft, heard, reply, ids, isAtWork);
}

function actOnOne(draft: Draft, heard: Heard, reply: ReplyWithCode, id: string): void {
  const incident = draft.incident(id);
  if (!incident || incident.state === 'resolved') return;
  // Whoever has it goes on having it: it is the others that nobody answers for.
  if (reply.does === 'escalate' && incident.state === 'acknowledged') return;
  const by = heard.responder;
  draft.record(id, 'heard', { by, text: reply.does });
  switch (reply.does) {
    case 'acknowledge':
      acknowledge(draft, id, by);
      return;
    case 'escalate':
      escalateByHand(draft, id, by);
      return;
    case 'resolve':
      resolveByHand(draft, { type: 'resolve', incident: id, by, force: null });
      return;
    case 'page': {
      const responder = responderCalled(draft, reply.name);
      if (responder) pullIn(draft, incident, responder.id, by);
      return;
    }
    case 'explain':
      return;
  }
}

function saidOfAll(
  draft: Draft,
  heard: Heard,
  reply: ReplyWithCode,
  ids: readonly string[],
  isAtWork: boolean,
): string {
  const { code } = reply;
  const incidents = ids.flatMap((id) => draft.incident(id) ?? []);
  const count = (is: (incident: Incident) => boolean) => incidents.filter(is).length;
  const over = ids.length - count(({ state }) => state !== 'resolved');
  const ended = over === 0 ? '' : `${String(over)} ${over === 1 ? 'has' : 'have'} ended`;
  if (over === ids.length) return `${code}: ${allOf(ids)} ended`;
  const [only] = ids.length === 1 ? incidents : [];
  const holder = nameOf(draft, only?.acknowledgedBy ?? '');
  switch (reply.does) {
    case 'acknowledge': {
      const yours = count(
        ({ state, acknowledgedBy }) =>
          state === 'acknowledged' && acknowledgedBy === heard.responder,
      );
      const others = ids.length - over - yours;
      if (only)
        return yours === 1 ? `${code} is yours: ${only.title}` : `${code}: ${holder} has it`;
      const taken = others === 0 ? '' : `others have ${String(others)}`;
      return said(
        `${code}: ${outOf(yours, ids)} ${yours === 1 ? 'is' : 'are'} yours`,
        taken,
        ended,
      );
    }
    case 'escalate': {
      const open = count(({ state }) => state === 'open');
      const held = ids.length - over - open;
      if (only && held > 0) return `${code}: ${holder} has it. ESC ${only.code} = all the same`;
      const taken = held === 0 ? '' : `somebody has ${String(held)}`;
      if (open === 0) return said(`${code}: nothing escalated`, taken, ended);
      const next = isAtWork ? 'the next step is being paged' : 'nobody of the next step is at work';
      return said(`${code}: ${outOf(open, ids)} escalated, ${next}`, taken, ended);
    }
    case 'resolve': {
      if (only) return `${code} still down: ack, or silence it`;
      const still = `${String(ids.length - over)} still down: ack, or silence`;
      return said(`${code}: ${outOf(over, ids)} ended`, still);
    }
    case 'page': {
      const name = responderCalled(draft, reply.name)?.name ?? '';
      return said(`${code}: ${name} is being paged for ${many(ids.length - over)}`, ended);
    }
    case 'explain':
      return '';
  }
}

function explainAll(draft: Draft, code: string, ids: readonly string[]): string {
  const incidents = ids.flatMap((id) => draft.incident(id) ?? []);
  const ongoing = incidents.filter(({ state }) => state !== 'resolved');
  if (ongoing.length === 0) return `${code}: ${allOf(ids)} ended`;
  const down = ongoing.filter((incident) => incident.down > 0).length;
  const open = ongoing.filter(({ state }) => state === 'open');
  const named = (open.length > 0 ? open : ongoing).slice(0, NAMED).map((each) => each.code);
  const more = open.length > NAMED ? ` +${String(open.length - NAMED)}` : '';
  const whose = open.length === 0 ? 'Somebody has each:' : `Nobody has ${String(open.length)}:`;
  const still = down === ongoing.length ? 'all' : String(down);
  const all = `${code}: ${many(ongoing.length)}, ${still} still down`;
  return `${all}. ${whose} ${named.join(' ')}${more}. WHY ${named[0] ?? ''} = more`;
}

/** As somebody was told of them: several by one code where one message was about all. */
export function codesToldTo(
  draft: Draft,
  responder: string,
  incidents: readonly Incident[],
): readonly string[] {
  const codes = new Set<string>();
  for (const { id, code } of incidents) {
    let told = code;
    for (const message of draft.notificationsOf(id)) {
      const isTheirs = message.responder === responder && message.kind === 'page';
      if (isTheirs && isBundle(message)) told = message.facts.code;
    }
    codes.add(told);
  }
  return [...codes];
}

function said(...parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join('; ');
}

function many(n: number): string {
  return `${String(n)} ${n === 1 ? 'incident' : 'incidents'}`;
}

/** `all 12 incidents have`. */
function allOf({ length }: readonly string[]): string {
  return length === 1 ? 'the incident has' : `all ${many(length)} have`;
}

/** `9 of 12 incidents`. */
function outOf(n: number, { length }: readonly string[]): string {
  if (n === length) return length === 1 ? 'the incident' : `all ${many(length)}`;
  return `${n === 0 ? 'none' : String(n)} of ${many(length)}`;
}
