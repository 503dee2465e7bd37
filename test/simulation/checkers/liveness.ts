/**
 * After trouble: whatever is down has reached somebody (I2). After recovery: everything has ended, and
 * whoever was paged has heard so (I6).
 */
import { longestOver } from '../../../src/incident/coverage.ts';
import { isUnderWay } from '../../../src/incident/drill.ts';
import type { Core } from '../../../src/core.ts';
import type { ReadonlyBoard } from '../../../src/incident/board.ts';
import type { Check } from '../../../src/config/config.ts';
import { Violation } from '../violation.ts';
import type { World } from '../world.ts';

/** A channel is listened to once a minute. */
const HEARD_MS = 3 * 60_000;
/** What a phone has no room for waits so long at most. */
const WAITS_MS = 15 * 60_000;

export class Liveness {
  readonly #world: World;
  /** How many of the words that people sent have been looked into. */
  #answered = 0;

  constructor(world: World) {
    this.#world = world;
  }

  afterTrouble(): void {
    const core = this.#core('I2');
    const { disk, targets } = this.#world;
    if (disk.isMissingSome) throw new Violation('I1', 'nothing made up for what the disk missed');
    for (const check of core.config().checks.values()) {
      if (check.heartbeat) continue;
      const { isBad } = targets.truthOf(check.id);
      if (isBad) this.#hasReachedSomebody(core, check);
      else if (core.board.checks.get(check.id)?.status === 'down') {
        throw new Violation('I2', `${check.id} is well and said to be down`);
      }
    }
  }

  #hasReachedSomebody({ board, config }: Core, { id, escalation }: Check): void {
    if (board.checks.get(id)?.status !== 'down') {
      throw new Violation('I2', `${id} is down and not said to be`);
    }
    const now = this.#world.process?.clock.now() ?? 0;
    if (longestOver(board.silences.values(), id, config(), now)) return;
    const incident = board.incidents.get(board.incidentOf.get(id) ?? '');
    if (!incident) throw new Violation('I2', `${id} is down and in no incident`);
    if (board.members.get(incident.id)?.get(id)?.state !== 'down') {
      throw new Violation('I2', `${id} is down, and its incident ${incident.code} thinks it is up`);
    }
    if (incident.state === 'acknowledged' || escalation === null || incident.escalation === null) {
      return;
    }
    if (isAboutToBePaged(board, incident.id, now)) return;
    if (!this.#world.checkers.messages.hasPaged(incident.id, incident.spell)) {
      throw new Violation('I2', `${incident.code} has reached nobody in 30 quiet minutes`);
    }
  }

  afterRecovery(): void {
    const core = this.#core('I6');
    for (const { code, state } of core.board.incidents.values()) {
      if (state !== 'resolved') throw new Violation('I6', `${code} is over and not ended`);
    }
    for (const { key, dueAt, state } of core.board.notifications.values()) {
      if (dueAt !== null) throw new Violation('I6', `${key} is still ${state}`);
    }
    for (const drill of core.board.drills.values()) {
      if (isUnderWay(drill)) throw new Violation('I6', `the drill ${drill.code} is not over`);
    }
    this.#hasAnsweredAll(core);
    const { told } = this.#world.checkers.messages;
    for (const [id, all] of told) {
      const incident = this.#world.ledger.incidents.get(id);
      // One that was never stored began again under another name.
      if (incident?.state !== 'resolved') continue;
      for (const { responder, pagedAt, endedAt } of all.values()) {
        if (pagedAt <= endedAt) continue;
        throw new Violation(
          'I6',
          `${responder} was paged for ${incident.code} (${id}) and never heard its end`,
        );
      }
      told.delete(id);
    }
  }

  /** Every reply of a responder gets an answer, whatever happened to the daemon meanwhile. */
  #hasAnsweredAll(core: Core): void {
    const { checkers, faults, vendors } = this.#world;
    const said = vendors.inbox.slice(this.#answered);
    // What was said a moment ago is about to be heard.
    const old = said.filter(({ sentAt }) => sentAt < this.#world.loop.now - HEARD_MS);
    for (const { from, text, reference } of old) {
      const isKnown = [...core.config().responders.values()].some(
        ({ id, addresses }) =>
          addresses.get('sms') === from && !(id === 'ben' && faults.has('reloads')),
      );
      if (!isKnown || checkers.messages.isMade(`answer.sms.${reference}`)) continue;
      throw new Violation('I5', `"${text}" (${reference}) was never answered`);
    }
    this.#answered += old.length;
  }

  #core(invariant: 'I2' | 'I6'): Core {
    const core = this.#world.process?.core;
    if (!core) throw new Violation(invariant, 'no daemon runs in a quiet time');
    return core;
  }
}

/** A phone that rings too often is left alone for a while, of which the beginning may be quiet. */
function isAboutToBePaged(board: ReadonlyBoard, incident: string, now: number): boolean {
  return [...(board.notificationsOf.get(incident) ?? [])].some((key) => {
    const page = board.notifications.get(key);
    const { heldUntil = null } = board.notifications.get(page?.bundledInto ?? '') ?? {};
    return (
      page?.kind === 'page' && page.at > now - WAITS_MS && heldUntil !== null && heldUntil > now
    );
  });
}
