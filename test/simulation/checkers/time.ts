/**
 * No duration is negative, nothing that is due waits (I18), and one check, message or row that cannot
 * be digested holds up no other: every check goes on being looked at (I10, I19).
 */
import type { Core } from '../../../src/core.ts';
import type { Change } from '../../../src/incident/change.ts';
import type { Verdict } from '../../../src/judge/verdict.ts';
import type { Process } from '../process.ts';
import { Violation } from '../violation.ts';
import type { World } from '../world.ts';

/** Ringing, deciding and what a disk may cost. */
const SLACK_MS = 2_000;
/** What a probe gets beyond its timeout. */
const GRACE_MS = 3_000;

export class Time {
  readonly #world: World;
  #changedAt = -Infinity;
  #seq = -1;
  /** True time. */
  #startedAt = Infinity;

  constructor(world: World) {
    this.#world = world;
  }

  starts(process: Process): void {
    this.#changedAt = -Infinity;
    this.#seq = -1;
    this.#startedAt = process.startedAt;
  }

  looked({ check, tookMs }: Verdict): void {
    if (!(tookMs >= 0)) throw new Violation('I18', `a look at ${check} took ${String(tookMs)} ms`);
  }

  changed({ seq, at, incidents }: Change): void {
    // One that has nothing to store overtakes those that wait for the disk.
    if (seq > this.#seq) {
      if (at < this.#changedAt && !this.#world.wasSetBack)
        throw new Violation('I18', 'a Change is older than the one before');
      this.#changedAt = at;
      this.#seq = seq;
    }
    for (const { code, brokeAt, openedAt, acknowledgedAt, resolvedAt } of incidents) {
      const times = [brokeAt, openedAt, acknowledgedAt ?? openedAt, resolvedAt ?? Infinity];
      const isBackward = times.some((time, n) => n > 0 && time < times[n - 1]!);
      // A clock that was set back between two of them is told as it was.
      if (isBackward && !this.#world.wasSetBack)
        throw new Violation('I18', `${code}: ${times.join(', ')}`);
    }
  }

  all(process: Process, { board, config }: Core): void {
    const { loop } = this.#world;
    const awakeSince = Math.max(this.#startedAt, process.frozenUntil, process.departedAt);
    if (!(loop.now - awakeSince > SLACK_MS)) return;
    const now = process.clock.now();
    for (const { code, state, stepDueAt, ackExpiresAt } of board.incidents.values()) {
      const due = state === 'open' ? stepDueAt : state === 'acknowledged' ? ackExpiresAt : null;
      if (due !== null && due < now - SLACK_MS) {
        throw new Violation('I18', `${code} has been due for ${String(now - due)} ms`);
      }
    }
    for (const check of config().checks.values()) {
      if (check.heartbeat || !('everyMs' in check.rhythm)) continue;
      const limit = 2 * check.rhythm.everyMs + check.timeoutMs + GRACE_MS;
      if (loop.now - awakeSince < limit + SLACK_MS) continue;
      const lookedAt = board.checks.get(check.id)?.lookedAt ?? -Infinity;
      if (lookedAt > now) throw new Violation('I10', `${check.id} counts as looked at tomorrow`);
      if (now - lookedAt > limit && this.#isOld(check.id, limit)) {
        throw new Violation('I10', `${check.id} has not been looked at for ${now - lookedAt} ms`);
      }
    }
  }

  /** A check may be new. */
  #isOld(check: string, limit: number): boolean {
    const since = this.#world.knownSince.get(check) ?? this.#world.loop.now;
    return this.#world.loop.now - since > limit;
  }
}
