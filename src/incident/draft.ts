/**
 * A decision in the making: the board as it would be, without touching it. What is read comes from
 * the draft's own rows first, what is written becomes the Change. Inputs decided together share one
 * draft, so that the second sees what the first did.
 */
import type { Check, Config } from '../config/config.ts';
import type { CheckState } from '../judge/check-state.ts';
import type { Seed } from '../system/random.ts';
import type { ReadonlyBoard, Snapshot } from './board.ts';
import { drawCode, drawFrom, drawId, type Draw } from './chance.ts';
import type { Change, Cursor, Decision, DecisionOutcome } from './change.ts';
import { isInUse } from './code-in-use.ts';
import { EVERY_CHECK, longestOver, placeOf } from './coverage.ts';
import { DraftedNotifications } from './drafted-notifications.ts';
import type {
  Incident,
  Member,
  Override,
  Silence,
  TimelineEntry,
  TimelineType,
} from './incident.ts';
import type { Drill } from './drill.ts';
import type { Notification } from './notification.ts';
import { Overlay } from './overlay.ts';
import { reachKey, type Reach } from './reach.ts';

export class Draft {
  readonly board: ReadonlyBoard;
  readonly config: Config;
  readonly now: number;
  readonly drills: Overlay<Drill>;
  readonly reaches: Overlay<Reach>;
  readonly #draw: Draw;
  readonly #incidents: Overlay<Incident>;
  readonly #members = new Map<string, Map<string, Member>>();
  readonly #timeline: TimelineEntry[] = [];
  readonly #notifications: DraftedNotifications;
  readonly #silences: Overlay<Silence>;
  /** By place: ids of those that the board does not have yet. */
  readonly #begunAt = new Map<string, readonly string[]>();
  readonly #overrides: Overlay<Override>;
  readonly #cursors = new Map<string, Cursor>();
  readonly #decisions: Decision[] = [];
  readonly #turned = new Set<string>();
  readonly #forgotten: CheckState[] = [];
  readonly #codes = new Set<string>();
  #held: Snapshot | null = null;
  /** By check: the incident that it was put into last. */
  readonly #draftedOf = new Map<string, string>();

  constructor(board: ReadonlyBoard, config: Config, now: number, seed: Seed) {
    this.board = board;
    this.#notifications = new DraftedNotifications(board);
    this.config = config;
    this.now = now;
    this.drills = new Overlay(board.drills, ({ id }) => id);
    this.reaches = new Overlay(board.reaches, reachKey);
    this.#incidents = new Overlay(board.incidents, ({ id }) => id);
    this.#silences = new Overlay(board.silences, ({ id }) => id);
    this.#overrides = new Overlay(board.overrides, ({ id }) => id);
    this.#draw = drawFrom(seed);
  }

  /** As it is configured now; what may be wrong with Tocsin itself is a check as well. */
  check(id: string): Check | undefined {
    return this.config.checks.get(id) ?? this.config.self.checks.get(id);
  }

  incident(id: string): Incident | undefined {
    return this.#incidents.get(id);
  }

  /** By code or id; an ended one only if no other has its code. */
  find(codeOrId: string): Incident | undefined {
    let ended = this.incident(codeOrId);
    if (ended) return ended;
    const code = codeOrId.trim().toUpperCase();
    for (const incident of this.incidents()) {
      if (incident.code !== code) continue;
      if (incident.state !== 'resolved') return incident;
      ended = incident;
    }
    return ended;
  }

  incidents(): Iterable<Incident> {
    return this.#incidents.values();
  }

  member(incident: string, check: string): Member | undefined {
    return this.#members.get(incident)?.get(check) ?? this.board.members.get(incident)?.get(check);
  }

  /** In the order of joining. */
  *members(incident: string): Iterable<Member> {
    const drafted = this.#members.get(incident);
    const known = this.board.members.get(incident);
    for (const member of known?.values() ?? []) yield drafted?.get(member.check) ?? member;
    for (const member of drafted?.values() ?? []) if (!known?.has(member.check)) yield member;
  }

  notification(key: string): Notification | undefined {
    return this.#notifications.get(key);
  }

  notificationsOf(incident: string): Iterable<Notification> {
    return this.#notifications.about(incident);
  }

  notificationsIn(bundle: string): Iterable<Notification> {
    return this.#notifications.in(bundle);
  }

  /** Those that this draft has made or changed. */
  notified(): readonly Notification[] {
    return this.#notifications.changed();
  }

  /** The unresolved incident that a check is part of. */
  incidentOf(check: string): Incident | undefined {
    for (const id of [this.#draftedOf.get(check), this.board.incidentOf.get(check)]) {
      if (id !== undefined && this.#isIn(id, check)) return this.incident(id);
    }
    return undefined;
  }

  /** The incident that a check was part of until it ended. */
  endedOf(check: string): Incident | undefined {
    for (const id of [this.#draftedOf.get(check), this.board.endedOf.get(check)]) {
      const isIn = id !== undefined && this.member(id, check)?.leftAt === null;
      if (isIn && this.incident(id)?.state === 'resolved') return this.incident(id);
    }
    return undefined;
  }

  /** The open incident of an escalation whose grouping window runs. */
  groupOf(escalation: string): Incident | undefined {
    const isOpenFor = (incident: Incident | undefined): incident is Incident =>
      incident?.escalation === escalation &&
      incident.state === 'open' &&
      incident.silencedAt === null &&
      (incident.groupEndsAt ?? -Infinity) >= this.now;
    const known = this.incident(this.board.groupOf.get(escalation) ?? '');
    return [...this.#incidents.changed(), known].find(isOpenFor);
  }

  /** The silence over a check that lasts longest. */
  silenceOf(check: string): Silence | undefined {
    if (!this.hasSilences) return undefined;
    return longestOver(this.silencesAt(check, EVERY_CHECK), check, this.config, this.now);
  }

  /** Lanes of which what is held leaves now. */
  readonly lanesDue = new Set<string>();

  get hasSilences(): boolean {
    return !this.#silences.isEmpty;
  }

  silence(id: string): Silence | undefined {
    return this.#silences.get(id);
  }

  /** Those that are looked for there, ended or not. */
  *silencesAt(...places: readonly string[]): Iterable<Silence> {
    for (const begun of [this.board.silencesAt, this.#begunAt]) {
      for (const id of places.flatMap((place) => [...(begun.get(place) ?? [])])) {
        const silence = this.silence(id);
        if (silence) yield silence;
      }
    }
  }

  /** Those that are not over, planned ones too. */
  *silences(): Iterable<Silence> {
    for (const silence of this.#silences.values()) if (silence.endedAt === null) yield silence;
  }

  /** What this draft has changed so far. */
  get changed(): {
    readonly incidents: readonly string[];
    readonly silences: readonly Silence[];
  } {
    const incidents = Array.from(this.#incidents.changed(), ({ id }) => id);
    return { incidents, silences: [...this.#silences.changed()] };
  }

  putIncident(incident: Incident): Incident {
    return this.#incidents.put(incident);
  }

  /** What is remembered of this check is stored together with what came of it. */
  keepState(check: string): void {
    this.#turned.add(check);
  }

  /** Of a check that is gone: stored, and no more. */
  forgetState(state: CheckState): void {
    this.#forgotten.push(state);
  }

  /** Some fields of an incident, as it is by now. */
  amend(id: string, fields: Partial<Incident>): Incident {
    const incident = this.incident(id);
    if (!incident) throw new Error(`no incident ${id} in this draft`);
    return this.putIncident({ ...incident, ...fields });
  }

  putMember(member: Member): void {
    const members = this.#members.get(member.incident) ?? new Map<string, Member>();
    this.#members.set(member.incident, members.set(member.check, member));
    this.#draftedOf.set(member.check, member.incident);
  }

  putNotification(notification: Notification): void {
    this.#notifications.put(notification);
  }

  /** Those that are not over, in the order in which they were made. */
  *overrides(): Iterable<Override> {
    for (const override of this.#overrides.values()) if (override.endedAt === null) yield override;
  }

  putOverride(override: Override): void {
    this.#overrides.put(override);
  }

  putSilence(silence: Silence): void {
    if (!this.#silences.has(silence.id)) {
      const place = placeOf(silence);
      this.#begunAt.set(place, [...(this.#begunAt.get(place) ?? []), silence.id]);
    }
    this.#silences.put(silence);
  }

  putCursor(cursor: Cursor): void {
    this.#cursors.set(cursor.channel, cursor);
  }

  /** Lines that were written before this board began, whose last Change and epoch these are. */
  follow(held: Snapshot): void {
    this.#held = held;
  }

  /** Writes a line into the incident's timeline. */
  record(incident: string, type: TimelineType, more: Partial<TimelineEntry> = {}): void {
    const n = this.incident(incident)?.entries ?? 0;
    this.amend(incident, { entries: n + 1 });
    this.#timeline.push({ ...more, incident, n, at: this.now, type });
  }

  decided(outcome: DecisionOutcome, about: Omit<Decision, 'outcome'> = {}): void {
    this.#decisions.push({ outcome, ...about });
  }

  /** How many decisions there are so far: what follows belongs to the next input. */
  get decisions(): readonly Decision[] {
    return this.#decisions;
  }

  newId(): string {
    return drawId(this.#draw);
  }

  newCode(): string {
    const { board, now } = this;
    const isTaken = (code: string): boolean =>
      this.#codes.has(code) || isInUse(code, now, board, this.#held);
    const code = drawCode(this.#draw, isTaken);
    this.#codes.add(code);
    return code;
  }

  change(): Change {
    const turned = [...this.#turned].flatMap((check) => this.board.checks.get(check) ?? []);
    return {
      seq: Math.max(this.board.seq, this.#held?.seq ?? 0) + 1,
      epoch: this.#held?.epoch ?? this.board.epoch,
      at: this.now,
      checks: [...turned, ...this.#forgotten],
      incidents: [...this.#incidents.changed()],
      members: [...this.#members.values()].flatMap((members) => [...members.values()]),
      timeline: [...(this.#held?.timeline ?? []), ...this.#timeline],
      notifications: this.#notifications.changed(),
      silences: [...this.#silences.changed()],
      overrides: [...this.#overrides.changed()],
      drills: [...this.drills.changed()],
      reaches: [...this.reaches.changed()],
      cursors: [...this.#cursors.values()],
      ...(this.#held && { codes: this.#held.codes }),
      reasons: this.#decisions,
    };
  }

  #isIn(incident: string, check: string): boolean {
    const member = this.member(incident, check);
    return member?.leftAt === null && this.incident(incident)?.state !== 'resolved';
  }
}
