/**
 * The act of looking, end to end: observe → assess → judge → count, and a turn where that makes
 * one. A turn to down is held until the check's causes have been looked at; until it is delivered
 * it has not happened: nobody else sees the new state, so that a crash in between confirms it anew.
 */
import type { Check } from './config/config.ts';
import type { Emit } from './events.ts';
import type { Input } from './incident/input.ts';
import { causesOf, dependentsOf, notSeenSince, waitUntil } from './judge/causes.ts';
import type { CheckState, Turn } from './judge/check-state.ts';
import { count, isCounting, notice, unseen, type Count } from './judge/count.ts';
import { judge } from './judge/judge.ts';
import type { Verdict } from './judge/verdict.ts';
import { wayFailed, type Way } from './judge/witness.ts';
import type { Self } from './self.ts';
import type { Scheduler } from './schedule/scheduler.ts';
import { createSight, GRACE_MS, type SightParts } from './sight.ts';
import type { Alarm } from './system/clock.ts';
import type { BeginTrace, Trace } from './system/trace.ts';

export interface Watch {
  /** Never rejects. `dueAt` is null for a look that was asked for beside the rhythm; `drained` aborts one that nobody wants any more. */
  look(check: string, dueAt: number | null, drained: AbortSignal): Promise<void>;
  /** The looks under way say nothing: time was not what it seemed. Each is taken again at once. */
  discard(): void;
  /** Delivers the turns that are still held for their causes. */
  release(): Promise<void>;
}

export type WatchInput = Extract<Input, { readonly type: 'turn' | 'fresh' }>;

export interface WatchParts extends Omit<SightParts, 'trouble'> {
  readonly state: (check: string) => CheckState | undefined;
  readonly counted: (state: CheckState) => void;
  /** Does an incident wait for a fresh look at this check? */
  readonly isAwaited: (check: string) => boolean;
  readonly submit: (input: WatchInput) => Promise<unknown>;
  readonly scheduler: Pick<Scheduler, 'lookAgain' | 'lookNow'>;
  readonly self: Pick<Self, 'witnessesOf' | 'lookedAt' | 'isBlind' | 'saw'>;
  readonly beginTrace?: BeginTrace | undefined;
  readonly emit: Emit;
}

/** A deadline that rings so late says that the loop was held, and nothing about the target. */
const STALLED_MS = 2_000;
/** Turns let go at once are decided and stored together; so many hold the loop for some milliseconds. */
const DELIVERED_TOGETHER = 200;
/** While it is dark, witnesses are looked at every 10 s and their answers take a while. */
const WITNESS_FRESH_MS = 15_000;

interface Held {
  readonly turn: Turn;
  state: CheckState;
  readonly waitsFor: Set<string>;
  readonly alarm: Alarm;
  readonly traced: Traced;
}

/** What an event says of the trace it belongs to. */
interface Traced {
  readonly trace?: Trace;
}

export function createWatch(parts: WatchParts): Watch {
  const { clock, scheduler, self, emit } = parts;
  const held = new Map<string, Held>();
  let round = 0;
  /** By what they wait for. */
  const heldFor = new Map<string, Set<Held>>();
  const trouble = (what: string) => emit({ type: 'trouble', where: 'watch', what });
  const see = createSight({ ...parts, trouble });
  const stateOf = (id: string) => held.get(id)?.state ?? parts.state(id);
  const lookedAt = (id: string) => stateOf(id)?.lookedAt ?? self.lookedAt(id);

  async function look(id: string, dueAt: number | null, drained: AbortSignal): Promise<void> {
    const check = known(id);
    if (!check) return;
    const at = clock.now();
    const begun = round;
    if (dueAt !== null) emit({ type: 'lag', check: id, lagMs: at - dueAt });
    const trace = parts.beginTrace?.();
    const traced: Traced = trace ? { trace } : {};
    const { observation, findings } = await see(check, at, drained, traced.trace);
    const { checks } = parts.config();
    if (drained.aborted || known(id)?.generation !== check.generation) return;
    if (begun !== round) {
      scheduler.lookAgain(id, clock.now());
      return;
    }

    const judged = judge(observation, findings);
    if (!checks.has(id)) {
      self.saw(judged);
      await deliverAfter(id, clock.now());
      return;
    }
    const before = stateOf(id) ?? null;
    const verdict = trusted(judged, check, before);
    const { state, turn, lookAgainAt } = countOrNotice(before, verdict, check, dueAt === null);
    if (lookAgainAt !== undefined) scheduler.lookAgain(id, lookAgainAt);
    emit({ type: 'looked', verdict, state, facts: observation.facts, ...traced });
    const isFirstFailure = state.firstFailedAt === at && before?.firstFailedAt !== at;
    if (isFirstFailure) scheduler.lookNow(concerned(id, wayFailed(verdict)));
    if (turn) await follow(state, turn, traced);
    else keep(state);
    await deliverAfter(id, at);
    if (verdict.status !== 'unknown' && parts.isAwaited(id)) {
      await take({ type: 'fresh', check: id, down: verdict.status === 'down' });
    }
  }

  function known(id: string): Check | undefined {
    return parts.config().checks.get(id) ?? parts.config().self.witnesses.get(id);
  }

  /** What has to be looked at before a failure of this check is believed. */
  function concerned(id: string, way: Way | null): readonly string[] {
    const causes = causesOf(id, parts.config().checks);
    return way === null ? causes : [...causes, ...self.witnessesOf(way)];
  }

  /** A failure that is our own is "could not see". */
  function trusted(verdict: Verdict, { timeoutMs }: Check, before: CheckState | null): Verdict {
    const way = wayFailed(verdict);
    if (way === null) return verdict;
    const since = before?.firstFailedAt ?? verdict.at - WITNESS_FRESH_MS;
    const isStalled = verdict.tookMs > timeoutMs + STALLED_MS;
    return isStalled || self.isBlind(way, since) ? { ...verdict, status: 'unknown' } : verdict;
  }

  function countOrNotice(
    before: CheckState | null,
    verdict: Verdict,
    check: Check,
    asked: boolean,
  ): Count {
    // An asked look counts where the next one was due anyway: it may have taken its place.
    const countedAt = before?.window.at(-1)?.at ?? Infinity;
    const isEarly = verdict.at < countedAt + check.confirm.recheckMs;
    const isSame = before?.generation === verdict.generation;
    const inBetween = asked && isSame && isCounting(before) && isEarly;
    if (inBetween) return { state: notice(before, verdict) };
    return count(before, verdict, check.confirm, clock.now());
  }

  function keep(state: CheckState): void {
    const holding = held.get(state.check);
    if (holding) holding.state = state;
    else parts.counted(state);
  }

  async function follow(state: CheckState, turn: Turn, traced: Traced): Promise<void> {
    const holding = held.get(state.check);
    if (holding) await deliver(holding);
    const causes = turn.to === 'down' ? concerned(turn.check, wayOf(turn)) : [];
    const missing = notSeenSince(turn.since, causes, lookedAt);
    if (missing.length === 0) {
      await announce(state, turn, traced);
      return;
    }
    // A cause that does not answer says so at the end of its timeout, not before it.
    const patienceMs = (cause: string) => (known(cause)?.timeoutMs ?? 0) + GRACE_MS;
    const until = waitUntil(missing, patienceMs, clock.now());
    const alarm = clock.alarm(until, () => void deliver(hold));
    const hold: Held = { turn, state, waitsFor: new Set(missing), alarm, traced };
    held.set(turn.check, hold);
    for (const cause of missing) heldFor.set(cause, (heldFor.get(cause) ?? new Set()).add(hold));
    scheduler.lookNow(missing);
  }

  /** A cause has been looked at, as of `at`: what waited for nothing else has waited enough. */
  async function deliverAfter(cause: string, at: number): Promise<void> {
    const seen = [...(heldFor.get(cause) ?? [])].filter(({ turn }) => turn.since <= at);
    for (const hold of seen) waitNoMore(hold, cause);
    await deliverAll(seen.filter(({ waitsFor }) => waitsFor.size === 0));
  }

  function waitNoMore(hold: Held, cause: string): void {
    hold.waitsFor.delete(cause);
    const others = heldFor.get(cause);
    others?.delete(hold);
    if (others?.size === 0) heldFor.delete(cause);
  }

  async function deliverAll(holds: readonly Held[]): Promise<void> {
    for (let i = 0; i < holds.length; i += DELIVERED_TOGETHER) {
      await Promise.all(holds.slice(i, i + DELIVERED_TOGETHER).map(deliver));
    }
  }

  async function deliver(hold: Held): Promise<void> {
    const { turn, state, alarm, traced } = hold;
    if (held.get(turn.check) !== hold) return;
    held.delete(turn.check);
    for (const cause of hold.waitsFor) waitNoMore(hold, cause);
    alarm.cancel();
    // Another definition meanwhile, or none: what this one saw is not true of it.
    if (known(turn.check)?.generation !== state.generation) return;
    const way = wayOf(turn);
    if (way !== null && self.isBlind(way, turn.since)) {
      const before = parts.state(turn.check) ?? { ...state, status: 'unknown' };
      parts.counted(unseen(before, clock.now()));
      return;
    }
    await announce(state, turn, traced);
  }

  async function announce(state: CheckState, turn: Turn, traced: Traced): Promise<void> {
    parts.counted(state);
    emit({ type: 'turned', turn, ...traced });
    await take({ type: 'turn', ...turn });
    if (turn.to === 'up' || turn.to === 'degraded') lookBelow(turn.check);
  }

  /** What hung below it is told on its own if it is not back soon: it is looked at now. */
  function lookBelow(id: string): void {
    for (const below of dependentsOf(id, parts.config().checks)) {
      if (stateOf(below)?.status === 'down') scheduler.lookAgain(below, clock.now());
    }
  }

  async function take(input: WatchInput): Promise<void> {
    try {
      await parts.submit(input);
    } catch {
      trouble(`what was seen of ${input.check} was not taken`);
    }
  }

  return {
    look,
    discard() {
      round += 1;
    },
    release: () => deliverAll([...held.values()]),
  };
}

function wayOf({ to, reason }: Turn): Way | null {
  return to === 'down' ? wayFailed({ status: 'down', reason }) : null;
}
