/**
 * What a disk has been given and has kept, as a fold of its own over the Changes: held against the
 * board after every restart, and now and then while nothing is under way. It is the model of what
 * durability means, and so shares no code with the store.
 */
import type { ReadonlyBoard } from '../../src/incident/board.ts';
import type { Change } from '../../src/incident/change.ts';
import type { Drill } from '../../src/incident/drill.ts';
import type { Incident, Member, Override, Silence } from '../../src/incident/incident.ts';
import type { Notification } from '../../src/incident/notification.ts';
import { Violation } from './violation.ts';

export class Ledger {
  readonly incidents = new Map<string, Incident>();
  readonly notifications = new Map<string, Notification>();
  readonly #members = new Map<string, Member>();
  readonly #silences = new Map<string, Silence>();
  readonly #overrides = new Map<string, Override>();
  readonly #drills = new Map<string, Drill>();
  readonly #cursors = new Map<string, string>();

  keep(kept: Change | ReadonlyBoard): void {
    if (!('reasons' in kept)) {
      this.#replace(kept);
      return;
    }
    for (const row of kept.incidents) this.incidents.set(row.id, row);
    for (const row of kept.members) this.#members.set(`${row.incident} ${row.check}`, row);
    for (const row of kept.notifications) this.#note(row);
    for (const row of kept.silences) this.#silence(row);
    for (const row of kept.overrides) this.#override(row);
    for (const row of kept.drills) this.#drills.set(row.id, row);
    for (const { channel, value } of kept.cursors) this.#cursors.set(channel, value);
  }

  /** I1: what was acknowledged is there, whole, and nothing else is. */
  compare(board: ReadonlyBoard, when: string): void {
    const alive = ({ state }: Incident): boolean => state !== 'resolved';
    same('incident', when, of(this.incidents, alive), of(board.incidents, alive));
    const due = ({ dueAt }: Notification): boolean => dueAt !== null;
    same('notification', when, of(this.notifications, due), of(board.notifications, due));
    const members = new Map<string, Member>();
    for (const [incident, ofIt] of board.members) {
      for (const member of ofIt.values()) members.set(`${incident} ${member.check}`, member);
    }
    const part = ({ incident }: Member): boolean => {
      const row = this.incidents.get(incident);
      return row !== undefined && alive(row);
    };
    same('member', when, of(this.#members, part), of(members, part));
    const unfinished = ({ endedAt, tellAt }: Drill): boolean => endedAt === null || tellAt !== null;
    same('drill', when, of(this.#drills, unfinished), of(board.drills, unfinished));
    same('silence', when, this.#silences, board.silences);
    same('override', when, this.#overrides, board.overrides);
    same('cursor', when, this.#cursors, board.cursors);
  }

  /** What has ended is not compared any more. */
  afterRecovery(): void {
    for (const [id, { state }] of this.incidents)
      if (state === 'resolved') this.incidents.delete(id);
    for (const [key, { dueAt }] of this.notifications) {
      if (dueAt === null) this.notifications.delete(key);
    }
    for (const [name, { incident }] of this.#members) {
      if (!this.incidents.has(incident)) this.#members.delete(name);
    }
  }

  #replace(board: ReadonlyBoard): void {
    const { incidents, notifications } = this;
    for (const [id, row] of incidents) {
      if (row.state !== 'resolved' && !board.incidents.has(id)) incidents.delete(id);
    }
    for (const [key, row] of notifications) {
      if (row.dueAt !== null && !board.notifications.has(key)) notifications.delete(key);
    }
    for (const row of board.incidents.values()) incidents.set(row.id, row);
    for (const row of board.notifications.values()) this.#note(row);
    for (const [incident, ofIt] of board.members) {
      for (const row of ofIt.values()) this.#members.set(`${incident} ${row.check}`, row);
    }
    this.#silences.clear();
    for (const row of board.silences.values()) this.#silence(row);
    this.#overrides.clear();
    for (const row of board.overrides.values()) this.#override(row);
    this.#drills.clear();
    for (const row of board.drills.values()) this.#drills.set(row.id, row);
    for (const [channel, value] of board.cursors) this.#cursors.set(channel, value);
  }

  #note(row: Notification): void {
    this.notifications.set(row.key, row);
  }

  #override(row: Override): void {
    if (row.endedAt === null) this.#overrides.set(row.id, row);
    else this.#overrides.delete(row.id);
  }

  #silence(row: Silence): void {
    if (row.endedAt === null) this.#silences.set(row.id, row);
    else this.#silences.delete(row.id);
  }
}

function of<T>(rows: ReadonlyMap<string, T>, isMeant: (row: T) => boolean): Map<string, T> {
  return new Map([...rows].filter(([, row]) => isMeant(row)));
}

function same(
  what: string,
  when: string,
  kept: ReadonlyMap<string, unknown>,
  known: ReadonlyMap<string, unknown>,
): void {
  for (const [id, row] of kept) {
    const other = known.get(id);
    if (other === undefined) throw new Violation('I1', `${when} ${what} ${id} is gone`);
    if (other !== row && JSON.stringify(other) !== JSON.stringify(row)) {
      const both = `${JSON.stringify(row)} became ${JSON.stringify(other)}`;
      throw new Violation('I1', `${when} ${what} ${id} differs: ${both}`);
    }
  }
  for (const id of known.keys()) {
    if (!kept.has(id)) throw new Violation('I1', `${when} ${what} ${id} was never stored`);
  }
}
