/**
 * How silences begin and end: by a person's word, by the plan, by force, or because what they cover
 * has recovered. Everything that is due of one is a stored deadline of its own.
 */
import type { Draft } from './draft.ts';
import { channelsTo, roughly } from './escalation.ts';
import { covers } from './coverage.ts';
import type { Silence } from './incident.ts';
import type { Input } from './input.ts';
import { nameOf, notice, responderCalled } from './telling.ts';

/** So long before the end its owner hears of it; of a short one when half of it is left. */
const TOLD_BEFORE_MS = 15 * 60_000;
/** One without an end would be forgotten: its owner hears of it so often. */
const TOLD_EVERY_MS = 24 * 60 * 60_000;
/** Names in a reminder; of the others, how many. */
const NAMED = 3;

type Wish = Omit<Extract<Input, { type: 'silence' }>, 'type'>;

export function silence(draft: Draft, { covers: covered, below, forMs, by, why }: Wish): void {
  const endsAt = forMs === null ? null : draft.now + forMs;
  const id = begin(draft, { covers: covered, below, endsAt, by, why });
  draft.decided('silence begun', { silence: id });
}

/** Its checks say nothing more until they recover, each by itself. */
export function silenceUntilRecovered(
  draft: Draft,
  checks: readonly string[],
  by: string,
  why: string,
): void {
  for (const check of checks)
    begin(draft, { covers: [check], below: false, endsAt: null, by, why });
}

function begin(
  draft: Draft,
  what: Pick<Silence, 'covers' | 'below' | 'endsAt' | 'why' | 'by'>,
): string {
  const { now } = draft;
  const id = draft.newId();
  const by = responderCalled(draft, what.by)?.id ?? what.by;
  const tellAt =
    what.endsAt === null
      ? now + TOLD_EVERY_MS
      : what.endsAt - Math.min(TOLD_BEFORE_MS, (what.endsAt - now) / 2);
  draft.putSilence({
    ...what,
    id,
    by,
    startsAt: now,
    begunAt: now,
    tellAt,
    at: now,
    window: null,
    endedAt: null,
  });
  return id;
}

export function unsilence(draft: Draft, id: string): void {
  const known = draft.silence(id);
  if (known?.endedAt !== null) draft.decided('unknown silence');
  else if (known.window !== null) draft.decided('planned in checks.yml', { silence: id });
  else endSilence(draft, known);
}

export function endSilence(draft: Draft, ended: Silence): void {
  draft.putSilence({ ...ended, endedAt: draft.now, tellAt: null });
  draft.decided(ended.window === null ? 'silence ended' : 'maintenance ended', {
    silence: ended.id,
  });
}

/** Silences of this check that were to last until it is up again. */
export function endAtRecovery(draft: Draft, check: string): void {
  if (!draft.hasSilences) return;
  for (const each of [...draft.silencesAt(check)]) {
    if (each.endsAt === null && each.endedAt === null) endSilence(draft, each);
  }
}

/**
 * A reminder to whoever wanted it: by the first way to them, else where anybody can read it. Of
 * silences that one word has made of many checks there is one.
 */
export function remind(draft: Draft, { by, tellAt }: Silence): void {
  const due = [...draft.silences()].filter((each) => each.by === by && each.tellAt === tellAt);
  for (const each of due) {
    const again = each.endsAt === null ? draft.now + TOLD_EVERY_MS : null;
    draft.putSilence({ ...each, tellAt: again });
  }
  const text = reminder(draft, due);
  const ways = waysTo(draft, by);
  for (const way of ways) notice(draft, `silence.${by}.${String(tellAt)}`, way, text);
  const outcome = ways.length === 0 ? 'nobody to tell' : 'owner told';
  for (const { id } of due) draft.decided(outcome, { silence: id });
}

interface Way {
  readonly responder: string | null;
  readonly channel: string;
}

function waysTo(draft: Draft, by: string): readonly Way[] {
  const owner = responderCalled(draft, by);
  const [channel] = owner ? channelsTo(draft, owner) : [];
  if (owner && channel !== undefined) return [{ responder: owner.id, channel }];
  const posts = [...draft.config.escalations.values()].flatMap(({ post }) => post);
  const open = [...draft.config.channels.values()].filter(({ address }) => address === null);
  const places = new Set(posts.length > 0 ? posts : open.map(({ id }) => id));
  return [...places].map((place) => ({ responder: null, channel: place }));
}

/** What matters most comes first: a phone shows little of it. */
function reminder(draft: Draft, due: readonly Silence[]): string {
  const [first] = due;
  if (!first) return '';
  const { endsAt, startsAt, by, why } = first;
  const what = firstOf(due.flatMap(({ covers: covered }) => covered));
  const whose = `By ${nameOf(draft, by)}: ${why}`;
  if (endsAt === null) {
    const since = roughly(draft.now - startsAt);
    return `Still silenced until it recovers, for ${since} now: ${what}. ${whose}`;
  }
  const down = [...draft.board.checks.values()]
    .filter(({ status }) => status === 'down')
    .filter(({ check }) => due.some((each) => covers(each, check, draft.config)))
    .map(({ check }) => draft.check(check)?.name ?? check);
  const then = down.length === 0 ? 'Nothing of it is down' : `Will page: ${firstOf(down)}`;
  return `Silence of ${what} ends in ${roughly(endsAt - draft.now)}. ${then}. ${whose}`;
}

function firstOf(names: readonly string[]): string {
  const more = names.length > NAMED ? ` +${String(names.length - NAMED)} more` : '';
  return `${names.slice(0, NAMED).join(', ')}${more}`;
}

/** When a silence next has something due; null: never, unless something happens. */
export function silenceDueAt({ startsAt, endsAt, begunAt, tellAt, endedAt }: Silence) {
  if (endedAt !== null) return null;
  const deadlines = [begunAt === null ? startsAt : null, tellAt, endsAt];
  const set = deadlines.filter((at) => at !== null);
  return set.length === 0 ? null : Math.min(...set);
}
