/**
 * How silences begin and end: by a person's word, by the plan, by force, or because what they cover
 * has recovered. Everything that is due of one is a stored deadline of its own.
 */
import type { Draft } from './draft.ts';
import { channelsTo, roughly } from './escalation.ts';
import { covers } from './coverage.ts';
import type { Silence } from './incident.ts';
import type { Input } from './input.ts';
import { notice, responderCalled } from './telling.ts';

/** So long before the end its owner hears of it; of a short one when half of it is left. */
const TOLD_BEFORE_MS = 15 * 60_000;
/** One without an end would be forgotten: its owner hears of it so often. */
const TOLD_EVERY_MS = 24 * 60 * 60_000;
/** Names of what is down in a reminder. */
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

/** A reminder to whoever wanted it: by the first way to them, else to where pages are posted. */
export function remind(draft: Draft, due: Silence): void {
  const { id, endsAt, by, tellAt } = due;
  draft.putSilence({ ...due, tellAt: endsAt === null ? draft.now + TOLD_EVERY_MS : null });
  const text = reminder(draft, due);
  const owner = responderCalled(draft, by);
  const [channel] = owner ? channelsTo(draft, owner) : [];
  const posts = [...draft.config.escalations.values()].flatMap(({ post }) => post);
  const ways =
    owner && channel !== undefined
      ? [{ responder: owner.id, channel }]
      : [...new Set(posts)].map((each) => ({ responder: null, channel: each }));
  for (const way of ways) notice(draft, `silence.${id}.${String(tellAt)}`, way, text);
  draft.decided(ways.length === 0 ? 'nobody to tell' : 'owner told', { silence: id });
}

function reminder(draft: Draft, { covers: covered, below, endsAt, startsAt, by, why }: Silence) {
  const what = covered.join(', ');
  const down = [...draft.board.checks.values()]
    .filter(({ status, check }) => {
      return status === 'down' && covers({ covers: covered, below }, check, draft.config);
    })
    .map(({ check }) => draft.check(check)?.name ?? check);
  const more = down.length > NAMED ? ` +${String(down.length - NAMED)} more` : '';
  const still = `${down.slice(0, NAMED).join(', ')}${more}`;
  const whose = `${what} (silenced by ${by}: ${why})`;
  if (endsAt === null) {
    return `Still silenced until it recovers, for ${roughly(draft.now - startsAt)} now: ${whose}`;
  }
  const then = down.length === 0 ? 'Nothing of it is down' : `Will page: ${still}`;
  return `Silence ends in ${roughly(Math.max(0, endsAt - draft.now))}: ${whose}. ${then}`;
}

/** When a silence next has something due; null: never, unless something happens. */
export function silenceDueAt({ startsAt, endsAt, begunAt, tellAt, endedAt }: Silence) {
  if (endedAt !== null) return null;
  const deadlines = [begunAt === null ? startsAt : null, tellAt, endsAt];
  const set = deadlines.filter((at) => at !== null);
  return set.length === 0 ? null : Math.min(...set);
}
