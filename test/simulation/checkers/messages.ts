/**
 * What vendors were asked to send and what they took: no more often than attempts were unclear (I3),
 * no page for what is committed as acknowledged or ended (I4), and nobody hears an end before its
 * beginning, or without one (I14).
 */
import type { ReadonlyBoard } from '../../../src/incident/board.ts';
import type { Change } from '../../../src/incident/change.ts';
import type { Notification, Outcome } from '../../../src/incident/notification.ts';
import type { Message } from '../vendors.ts';
import { Violation } from '../violation.ts';
import type { World } from '../world.ts';
import { Parts, type Part } from './parts.ts';

interface Fate {
  taken: number;
  /** Attempts of which nobody knows for sure, crashes in the middle of one among them. */
  unclear: number;
  /** An attempt whose end is not on record. */
  isOpen: boolean;
}

/** One incident, one responder, one channel. */
interface Stream {
  pages: number;
  /** When the last end that was sent had been decided. */
  endedAt: number;
  inFlight: Set<string>;
}

export interface Told {
  readonly responder: string;
  /** When the last page that was taken had been decided; the same of the last end. */
  pagedAt: number;
  endedAt: number;
  /** Channels that have refused to say the end, and when that was decided. */
  readonly refusedBy: Map<string, number>;
}

export class Messages {
  readonly #fates = new Map<string, Fate>();
  readonly #streams = new Map<string, Stream>();
  /** By incident: the Change that closed or opened it last. */
  readonly #closedBy = new Map<string, number>();
  readonly #openedBy = new Map<string, number>();
  /** By incident, then by responder: what vendors have taken. */
  readonly told = new Map<string, Map<string, Told>>();
  readonly #pagesTaken = new Set<string>();
  readonly #decided = new Map<string, { readonly at: number; readonly n: number }>();
  readonly #byHand = new Set<string>();
  readonly #parts = new Parts();
  #places = 0;
  /** By Change: incidents of which something has left the process before it was stored. */
  readonly #unrecorded = new Map<number, ReadonlySet<string>>();
  /** Of these a crash has lost something: their ends may come without a beginning. */
  readonly #forgotten = new Set<string>();
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  /** Was a page of this spell of the incident taken? */
  hasPaged(incident: string, spell: number): boolean {
    return this.#pagesTaken.has(`${incident}.page.${String(spell)}`);
  }

  changed({ seq, incidents, notifications, reasons }: Change, recorded: boolean): void {
    // "BEN 7K": somebody wants Ben, whoever has it.
    if (reasons.some(({ outcome }) => outcome === 'answered')) {
      const isPaged = reasons.some(({ outcome }) => outcome === 'paged');
      for (const { key } of isPaged ? notifications : []) this.#byHand.add(key);
    }
    const isMoved = reasons.some(({ outcome }) => outcome === 'deadlines moved');
    for (const notification of notifications) {
      const { key, at, kind, state, about, responder, channel } = notification;
      this.#decide(key, at, isMoved);
      this.#parts.gather(notification);
      if (kind !== 'page' || state !== 'unconfirmed') continue;
      for (const incident of about) this.#streamOf({ incident, responder, channel }).pages += 1;
    }
    for (const { id, state } of incidents) if (state === 'open') this.#openedBy.set(id, seq);
    if (recorded) return;
    const about = notifications.flatMap((notification) => notification.about);
    this.#unrecorded.set(seq, new Set([...incidents.map(({ id }) => id), ...about]));
  }

  stored(kept: Change | ReadonlyBoard): void {
    if ('reasons' in kept) this.#unrecorded.delete(kept.seq);
    else this.#unrecorded.clear();
    this.#learn(kept);
  }

  /** What a daemon knows at a start, perhaps by a Change whose storing it never heard of. */
  restarted(board: ReadonlyBoard): void {
    this.#learn(board);
    for (const { kind, about, responder, channel, dueAt } of board.notifications.values()) {
      if (kind !== 'page' || dueAt === null) continue;
      // It may have been sent, for all that a daemon can know.
      for (const incident of about) this.#streamOf({ incident, responder, channel }).pages += 1;
    }
  }

  /** Has the daemon made a message with this key? */
  isMade(key: string): boolean {
    return this.#decided.has(key);
  }

  /** Its place among all that was decided: a clock that was set back does not tell. */
  #decide(key: string, at: number, isMoved = false): void {
    const before = this.#decided.get(key);
    if (before?.at === at) return;
    this.#decided.set(key, { at, n: before && isMoved ? before.n : this.#places++ });
  }

  #placeOf(key: string): number {
    return this.#decided.get(key)?.n ?? Infinity;
  }

  #learn(kept: Change | ReadonlyBoard): void {
    for (const { id, state } of kept.incidents.values()) {
      if (state !== 'open') this.#closedBy.set(id, kept.seq);
      else this.#openedBy.set(id, kept.seq);
    }
    const reasons = 'reasons' in kept ? kept.reasons : [];
    const isMoved = reasons.some(({ outcome }) => outcome === 'deadlines moved');
    for (const notification of kept.notifications.values()) {
      const { key, at, dueAt } = notification;
      this.#decide(key, at, isMoved);
      this.#parts.gather(notification);
      const fate = this.#fates.get(key);
      if (fate && dueAt === null) fate.isOpen = false;
    }
  }

  attemptBegins(message: Message): void {
    const { kind, key } = message;
    if (kind !== 'page' || this.#byHand.has(key)) return;
    const isClosed = ({ incident }: Part): boolean =>
      (this.#closedBy.get(incident) ?? -1) > (this.#openedBy.get(incident) ?? -1);
    const parts = this.#parts.of(message);
    const pages = parts.filter((part) => part.kind === 'page');
    if (pages.some((part) => this.#byHand.has(part.key))) return;
    // What was gathered last of each may be no page any more.
    if ((pages.length > 0 ? pages : parts).every(isClosed)) {
      throw new Violation('I4', `${key} is tried after its incident was acknowledged or ended`);
    }
  }

  sent(message: Message): void {
    const { key } = message;
    if (!this.#decided.has(key)) throw new Violation('I1', `${key} leaves before it is stored`);
    this.#fateOf(key).isOpen = true;
    for (const part of this.#parts.of(message)) this.#sentOf(message, part);
  }

  #sentOf({ key, responder, channel }: Message, { kind, incident }: Part): void {
    const decidedAt = this.#placeOf(key);
    if (responder === null || incident === '') return;
    const stream = this.#streamOf({ incident, responder, channel });
    if (kind === 'page') {
      stream.pages += 1;
      if (decidedAt < stream.endedAt) {
        throw new Violation('I14', `${key} is sent after the end that was decided later`);
      }
    }
    if (kind === 'resolved') {
      if (!this.#wasPaged(incident, responder) && !this.#forgotten.has(incident)) {
        throw new Violation('I14', `${key} is sent to somebody who was never paged`);
      }
      const early = [...stream.inFlight].find((other) => other.includes('.page.'));
      if (early !== undefined) throw new Violation('I14', `${key} is sent beside ${early}`);
      stream.endedAt = Math.max(stream.endedAt, decidedAt);
    }
    stream.inFlight.add(key);
  }

  attempted(notification: Notification, { outcome }: Outcome): void {
    const { key, responder, channel } = notification;
    const parts = this.#parts.of(notification);
    for (const { kind, incident } of outcome === 'refused' ? parts : []) {
      if (kind === 'resolved' && responder !== null) {
        this.#refused(this.#toldTo(incident, responder), channel, this.#placeOf(key));
      }
    }
    const fate = this.#fates.get(key);
    if (!fate) return;
    if (outcome === 'unconfirmed') fate.unclear += 1;
    if (outcome !== 'accepted' && outcome !== 'delivered') fate.isOpen = false;
    for (const { incident } of parts) {
      this.#streams.get(`${incident} ${String(responder)} ${channel}`)?.inFlight.delete(key);
    }
  }

  /** By every way that there is: then she cannot be told, and that is not our doing. */
  #refused(told: Told, channel: string, decidedAt: number): void {
    told.refusedBy.set(channel, decidedAt);
    const { channels, responders } = this.#world.config;
    const addresses = responders.get(told.responder)?.addresses;
    const ways = [...channels.values()].filter(
      ({ address }) => address !== null && addresses?.has(address),
    );
    if (ways.every(({ id }) => told.refusedBy.has(id))) told.endedAt = Infinity;
  }

  taken(message: Message): void {
    const { key } = message;
    const fate = this.#fateOf(key);
    fate.taken += 1;
    if (fate.taken > 1 + fate.unclear) {
      const often = `${String(fate.taken)} times, ${String(fate.unclear)} attempts were unclear`;
      throw new Violation('I3', `${key} was taken ${often}`);
    }
    for (const part of this.#parts.of(message)) this.#takenOf(message, part);
  }

  #takenOf({ key, responder }: Message, { kind, incident, key: page }: Part): void {
    const decidedAt = this.#placeOf(key);
    if (responder === null || incident === '') return;
    const isPage = kind === 'page';
    if (isPage) this.#pagesTaken.add(page.split('.').slice(0, 3).join('.'));
    // Sent by a daemon whose disk has nothing of it: it may be taken long after that has died.
    if (this.#forgotten.has(incident)) return;
    const hers = this.#toldTo(incident, responder);
    if (isPage) {
      hers.pagedAt = Math.max(hers.pagedAt, decidedAt);
      // A page may arrive later than the refusal of an end that was decided after it.
      for (const [way, at] of hers.refusedBy) if (at < decidedAt) hers.refusedBy.delete(way);
      if (hers.endedAt === Infinity && hers.refusedBy.size === 0) hers.endedAt = -1;
    }
    if (kind === 'resolved') hers.endedAt = Math.max(hers.endedAt, decidedAt);
  }

  #toldTo(incident: string, responder: string): Told {
    const told = this.told.get(incident) ?? new Map<string, Told>();
    this.told.set(incident, told);
    const hers = told.get(responder) ?? {
      responder,
      pagedAt: -1,
      endedAt: -1,
      refusedBy: new Map(),
    };
    told.set(responder, hers);
    return hers;
  }

  died(): void {
    for (const fate of this.#fates.values()) {
      if (fate.isOpen) fate.unclear += 1;
      fate.isOpen = false;
    }
    for (const stream of this.#streams.values()) stream.inFlight.clear();
    for (const incidents of this.#unrecorded.values()) {
      for (const id of incidents) this.#forget(id);
    }
    this.#unrecorded.clear();
  }

  /** All is over, and has been for longer than anything is reopened: nothing of it matters any more. */
  afterRecovery(): void {
    const all = [this.#fates, this.#streams, this.#closedBy, this.#openedBy, this.told];
    const others = [this.#pagesTaken, this.#byHand, this.#forgotten, this.#parts];
    for (const each of [...all, ...others]) each.clear();
    // Words of the last minutes are asked about the next time.
    for (const key of this.#decided.keys()) {
      if (!key.startsWith('answer.')) this.#decided.delete(key);
    }
  }

  /** What was said of it while nothing could be stored may be said again, or never be ended. */
  #forget(incident: string): void {
    this.told.delete(incident);
    for (const name of this.#streams.keys()) {
      if (name.startsWith(`${incident} `)) this.#streams.delete(name);
    }
    for (const [key, fate] of this.#fates) if (key.startsWith(incident)) fate.unclear = Infinity;
    this.#closedBy.delete(incident);
    this.#forgotten.add(incident);
  }

  #wasPaged(incident: string, responder: string): boolean {
    for (const [name, { pages }] of this.#streams) {
      if (pages > 0 && name.startsWith(`${incident} ${responder} `)) return true;
    }
    return false;
  }

  #fateOf(key: string): Fate {
    const fate = this.#fates.get(key) ?? { taken: 0, unclear: 0, isOpen: false };
    this.#fates.set(key, fate);
    return fate;
  }

  #streamOf({
    incident,
    responder,
    channel,
  }: Pick<Message, 'incident' | 'responder' | 'channel'>): Stream {
    const name = `${incident} ${String(responder)} ${channel}`;
    const stream = this.#streams.get(name) ?? { pages: 0, endedAt: -1, inFlight: new Set() };
    this.#streams.set(name, stream);
    return stream;
  }
}
