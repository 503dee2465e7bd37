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
  readonly channel: string;
  /** When the last page that was taken had been decided; the same of the last end. */
  pagedAt: number;
  endedAt: number;
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

  hasTaken(key: string): boolean {
    return (this.#fates.get(key)?.taken ?? 0) > 0;
  }

  /** Was a page of this spell of the incident taken? */
  hasPaged(incident: string, spell: number): boolean {
    return this.#pagesTaken.has(`${incident}.page.${String(spell)}`);
  }

  unclearOf(key: string): number {
    return this.#fates.get(key)?.unclear ?? 0;
  }

  changed({ seq, incidents }: Change): void {
    for (const { id, state } of incidents) if (state === 'open') this.#openedBy.set(id, seq);
  }

  stored(kept: Change | ReadonlyBoard): void {
    for (const { id, state } of kept.incidents.values()) {
      if (state !== 'open') this.#closedBy.set(id, kept.seq);
      else this.#openedBy.set(id, kept.seq);
    }
    for (const { key, dueAt } of kept.notifications.values()) {
      const fate = this.#fates.get(key);
      if (fate && dueAt === null) fate.isOpen = false;
    }
  }

  attemptBegins({ kind, key, incident }: Message): void {
    if (kind !== 'page') return;
    const closed = this.#closedBy.get(incident) ?? -1;
    if (closed > (this.#openedBy.get(incident) ?? -1)) {
      throw new Violation('I4', `${key} is tried after its incident was acknowledged or ended`);
    }
  }

  sent(message: Message): void {
    const { key, kind, incident, responder, decidedAt } = message;
    this.#fateOf(key).isOpen = true;
    if (responder === null || incident === '') return;
    const stream = this.#streamOf(message);
    if (kind === 'page') {
      stream.pages += 1;
      if (decidedAt < stream.endedAt) {
        throw new Violation('I14', `${key} is sent after the end that was decided later`);
      }
    }
    if (kind === 'resolved') {
      if (!this.#wasPaged(incident, responder)) {
        throw new Violation('I14', `${key} is sent to somebody who was never paged`);
      }
      const early = [...stream.inFlight].find((other) => other !== key);
      if (early !== undefined) throw new Violation('I14', `${key} is sent beside ${early}`);
      stream.endedAt = Math.max(stream.endedAt, decidedAt);
    }
    stream.inFlight.add(key);
  }

  attempted({ key, about, responder, channel }: Notification, { outcome }: Outcome): void {
    const fate = this.#fates.get(key);
    if (!fate) return;
    if (outcome === 'unconfirmed') fate.unclear += 1;
    if (outcome !== 'accepted' && outcome !== 'delivered') fate.isOpen = false;
    const incident = about[0] ?? '';
    this.#streams.get(`${incident} ${String(responder)} ${channel}`)?.inFlight.delete(key);
  }

  taken({ key, kind, incident, responder, channel, decidedAt }: Message): void {
    const fate = this.#fateOf(key);
    fate.taken += 1;
    if (fate.taken > 1 + fate.unclear) {
      const often = `${String(fate.taken)} times, ${String(fate.unclear)} attempts were unclear`;
      throw new Violation('I3', `${key} was taken ${often}`);
    }
    if (responder === null || incident === '') return;
    const told = this.told.get(incident) ?? new Map<string, Told>();
    this.told.set(incident, told);
    const hers = told.get(responder) ?? { responder, channel, pagedAt: -1, endedAt: -1 };
    told.set(responder, hers);
    if (kind === 'page') {
      hers.pagedAt = Math.max(hers.pagedAt, decidedAt);
      this.#pagesTaken.add(key.split('.').slice(0, 3).join('.'));
    }
    if (kind === 'resolved') hers.endedAt = Math.max(hers.endedAt, decidedAt);
  }

  died(): void {
    for (const fate of this.#fates.values()) {
      if (fate.isOpen) fate.unclear += 1;
      fate.isOpen = false;
    }
    for (const stream of this.#streams.values()) stream.inFlight.clear();
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

  #streamOf({ incident, responder, channel }: Message): Stream {
    const name = `${incident} ${String(responder)} ${channel}`;
    const stream = this.#streams.get(name) ?? { pages: 0, endedAt: -1, inFlight: new Set() };
    this.#streams.set(name, stream);
    return stream;
  }
}
