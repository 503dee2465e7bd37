/**
 * Tocsin about itself: blind, without memory, behind with its looks, on an old configuration, with a
 * channel that takes nothing. Each is a check that nobody looks at; it turns like any other, so that
 * whoever would be paged for a shop is paged for this.
 */
import { BLIND, BROKEN, MEMORY, OUTDATED, PULSE, STALE, type Config } from './config/config.ts';
import type { ReadonlyBoard } from './incident/board.ts';
import { staleAt } from './judge/freshness.ts';
import type { CheckState, Turn } from './judge/check-state.ts';
import type { Verdict } from './judge/verdict.ts';
import { isBlind, wayFailed, type Way, type Witness } from './judge/witness.ts';
import type { Scheduler } from './schedule/scheduler.ts';
import type { Alarm, Clock } from './system/clock.ts';

/** Blind for less is a hiccup, which costs some looks; the pages could not leave either. */
const BLIND_AFTER_MS = 60_000;
/** For less, whoever runs the switch may be at work on it. */
const UNHEARD_MS = 600_000;
const LOOK_AGAIN_MS = 10_000;
const STALE_EVERY_MS = 15_000;
const NAMED = 3;
const WAYS: readonly Way[] = ['resolver', 'network'];

export interface SelfParts {
  readonly clock: Clock;
  readonly config: () => Config;
  readonly board: ReadonlyBoard;
  readonly scheduler: Pick<Scheduler, 'lookAgain'>;
  readonly counted: (state: CheckState) => void;
  readonly submit: (turn: { readonly type: 'turn' } & Turn) => Promise<unknown>;
}

export interface Self {
  /** Witnesses whose answer tells whether a failure by this way is our own. */
  witnessesOf(way: Way): readonly string[];
  /** When the last look at a witness ended, epoch ms. */
  lookedAt(witness: string): number | null;
  /** Has every witness failed in this way, by looks that ended at `since` or later? */
  isBlind(way: Way, since: number): boolean;
  saw(verdict: Verdict): void;
  /** Can what is decided be stored? */
  remembers(kept: boolean): void;
  /** Since when, and why, the dead-man switch outside does not take our word; null: it does. */
  unheard(refused: { readonly since: number; readonly why: string } | null): void;
  /** Since when, and why, nothing is taken by a channel; null: it is. */
  broken(channel: string, wrong: Wrong | null): void;
  /** The clock was set: who was looked at when is not known any more. */
  stepped(): void;
  /** What is wrong with the file, so that an older configuration runs; empty: it is in force. */
  configured(broken: readonly string[]): void;
  start(): void;
  stop(): void;
}

export interface Wrong {
  readonly since: number;
  readonly brief: string;
}

export function createSelf(parts: SelfParts): Self {
  const { clock, board, scheduler } = parts;
  const seen = new Map<string, { readonly at: number; readonly failed: Way | null }>();
  let blindSince: number | null = null;
  let blindness: Alarm | undefined;
  let rounds: Alarm | undefined;
  /** Since when each check should have been looked at: new ones get their time, and so does a start. */
  let owedSince = new Map<string, number>();
  let roundAt = Infinity;
  let outdated: Wrong | null = null;

  function witnesses(): readonly Witness[] {
    return [...parts.config().self.witnesses.values()].map(({ id, type, target }) => {
      const { at = null, failed = null } = seen.get(id) ?? {};
      return { needs: needsOf(type, target), at, failed };
    });
  }

  function saw(verdict: Verdict): void {
    const failed = wayFailed(verdict);
    // What it says is true of its end: one that was under way when a target failed is an answer.
    seen.set(verdict.check, { at: verdict.at + verdict.tookMs, failed });
    if (failed !== null) scheduler.lookAgain(verdict.check, clock.now() + LOOK_AGAIN_MS);
    const known = witnesses();
    if (!WAYS.some((way) => isBlind(way, 0, known))) {
      sighted();
      return;
    }
    blindSince ??= verdict.at;
    const since = blindSince;
    blindness ??= clock.alarm(since + BLIND_AFTER_MS, () => {
      settle(BLIND, { since, brief: 'no witness answers: network or resolver is gone' });
    });
  }

  function sighted(): void {
    blindSince = null;
    blindness?.cancel();
    blindness = undefined;
    settle(BLIND, null);
  }

  /** Turns the check if that is news; the board knows what was, also over a restart. */
  function settle(check: string, wrong: Wrong | null): void {
    const from = board.checks.get(check)?.status ?? 'unknown';
    if ((from === 'down') === (wrong !== null)) return;
    const now = clock.now();
    const to = wrong === null ? 'up' : 'down';
    const since = wrong?.since ?? now;
    const reason = wrong === null ? null : 'internal';
    const brief = wrong?.brief ?? '';
    parts.counted({ ...blank, check, status: to, since, reason, brief, lookedAt: now });
    void parts.submit({ type: 'turn', check, from, to, at: now, since, reason, brief });
  }

  function owe(now: number): void {
    const ids = [...parts.config().checks.keys()];
    owedSince = new Map(ids.map((id) => [id, owedSince.get(id) ?? now]));
  }

  function lookForStale(): void {
    const now = clock.now();
    rounds = clock.alarm(now + STALE_EVERY_MS, lookForStale);
    // Without witnesses, by a reload, nobody would ever say that it is over.
    if (parts.config().self.witnesses.size === 0) sighted();
    // Nobody was there to look, as after a suspend: from here on it is owed again.
    if (now > roundAt + 2 * STALE_EVERY_MS) owedSince.clear();
    roundAt = now;
    owe(now);
    const late = [...parts.config().checks.values()].filter((check) => {
      const seen = board.checks.get(check.id)?.lookedAt ?? -Infinity;
      return now > staleAt(check, Math.max(seen, owedSince.get(check.id) ?? now));
    });
    const names = late.slice(0, NAMED).map(({ id }) => id);
    const more = late.length > NAMED ? ', …' : '';
    const brief = `${String(late.length)} not looked at: ${names.join(', ')}${more}`;
    settle(STALE, late.length === 0 ? null : { since: clock.now(), brief });
  }

  return {
    witnessesOf: (way) =>
      [...parts.config().self.witnesses.values()]
        .filter(({ type, target }) => needsOf(type, target).has(way))
        .map(({ id }) => id),
    lookedAt: (witness) => seen.get(witness)?.at ?? null,
    isBlind: (way, since) => isBlind(way, since, witnesses()),
    saw,
    remembers(kept) {
      settle(MEMORY, kept ? null : { since: clock.now(), brief: 'nothing can be stored' });
    },
    unheard(refused) {
      if (refused !== null && clock.now() - refused.since < UNHEARD_MS) return;
      const brief = `heartbeat_to is not taken: ${refused?.why ?? ''}`;
      settle(PULSE, refused && { since: refused.since, brief });
    },
    broken(channel, wrong) {
      const check = `${BROKEN}${channel}`;
      if (parts.config().self.checks.has(check)) settle(check, wrong);
    },
    stepped() {
      seen.clear();
      owedSince.clear();
      if (blindSince !== null) blindSince = clock.now();
    },
    configured([first, ...others]) {
      const more = others.length > 0 ? `, and ${String(others.length)} more` : '';
      outdated = first === undefined ? null : { since: clock.now(), brief: `${first}${more}` };
      // Before the start it is not known yet what was told before the restart.
      if (roundAt < Infinity) settle(OUTDATED, outdated);
    },
    start() {
      roundAt = clock.now();
      owe(roundAt);
      rounds = clock.alarm(roundAt + STALE_EVERY_MS, lookForStale);
      // What was wrong when it was stopped is wrong until somebody finds it so again.
      if (parts.config().self.witnesses.size === 0) sighted();
      settle(MEMORY, null);
      settle(OUTDATED, outdated);
    },
    stop() {
      rounds?.cancel();
      blindness?.cancel();
    },
  };
}

/** What looking at it needs: a name needs the resolver, anything but a name the network. */
function needsOf(type: string, target: string): ReadonlySet<Way> {
  if (type === 'dns') return new Set(['resolver']);
  const isAddress = /^(?:[a-z]+:\/\/)?(?:\d+\.\d+\.\d+\.\d+|\[)/.test(target);
  return new Set(isAddress ? ['network'] : ['network', 'resolver']);
}

const blank = {
  generation: 'self',
  window: [],
  successes: 0,
  firstFailedAt: null,
  tookMs: null,
  lastStatus: 'unknown',
} as const;
