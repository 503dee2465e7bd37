/**
 * The promises, held against what a world has seen: the daemon's events and Changes on one side, the
 * journals of targets and vendors on the other. Safety is checked at every event that concerns it,
 * liveness after quiet times.
 */
import type { TocsinEvent } from '../../src/events.ts';
import type { ReadonlyBoard } from '../../src/incident/board.ts';
import type { Change } from '../../src/incident/change.ts';
import { Acknowledged } from './checkers/acknowledged.ts';
import { Liveness } from './checkers/liveness.ts';
import { Messages } from './checkers/messages.ts';
import { Time } from './checkers/time.ts';
import { Truth } from './checkers/truth.ts';
import type { Process } from './process.ts';
import type { Message } from './vendors.ts';
import type { World } from './world.ts';

export class Checkers {
  readonly #world: World;
  readonly messages: Messages;
  readonly #acknowledged = new Acknowledged();
  readonly #time: Time;
  readonly #truth: Truth;
  readonly #liveness: Liveness;

  constructor(world: World) {
    this.#world = world;
    this.messages = new Messages(world);
    this.#time = new Time(world);
    this.#truth = new Truth(world);
    this.#liveness = new Liveness(world);
  }

  heard(process: Process, event: TocsinEvent): void {
    this.#hold(() => this.#heard(process, event));
  }

  #heard(process: Process, event: TocsinEvent): void {
    switch (event.type) {
      case 'changed':
        this.messages.changed(event.change, event.recorded);
        if (!event.recorded) this.#acknowledged.changed(event.change, false);
        this.#time.changed(event.change);
        return;
      case 'attempted':
        this.messages.attempted(event.notification, event.outcome);
        return;
      case 'turned':
        this.#truth.turned(process, event.turn);
        return;
      case 'looked':
        this.#time.looked(event.verdict);
        return;
      default:
    }
  }

  stored(kept: Change | ReadonlyBoard): void {
    this.#hold(() => this.messages.stored(kept));
  }

  /** The disk has it, whether or not the daemon lived to hear so. */
  kept(change: Change): void {
    this.#hold(() => this.#acknowledged.changed(change, true));
  }

  attemptBegins(message: Message): void {
    this.#hold(() => this.messages.attemptBegins(message));
  }

  sent(message: Message): void {
    this.#hold(() => this.messages.sent(message));
  }

  taken(message: Message): void {
    this.#hold(() => this.messages.taken(message));
  }

  starts(process: Process, board: ReadonlyBoard): void {
    this.messages.restarted(board);
    this.#time.starts(process);
  }

  died(): void {
    this.messages.died();
  }

  /** Everything, seldom. */
  all(): void {
    const { process, ledger, disk } = this.#world;
    if (!process?.core || !process.isAlive) return;
    this.#time.all(process, process.core);
    if (disk.isAtRest) ledger.compare(process.core.board, 'while running');
  }

  afterTrouble(): void {
    this.#liveness.afterTrouble();
  }

  afterRecovery(): void {
    this.#liveness.afterRecovery();
    this.messages.afterRecovery();
    this.#world.ledger.afterRecovery();
    this.#world.disk.afterRecovery();
  }

  /** The daemon survives whatever is thrown inside it: a violation must not be among that. */
  #hold(check: () => void): void {
    try {
      check();
    } catch (violation) {
      this.#world.fail(violation);
    }
  }
}
