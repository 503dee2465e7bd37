/**
 * A Store that remembers as long as its MemoryDisk is kept: what a pipeline is tested against. It
 * behaves like the one on disk, by the same tests; a second store on the same disk is a restart.
 */
import type { Change, Cursor } from '../incident/change.ts';
import type { Drill } from '../incident/drill.ts';
import type { Incident, Member, Override, Silence, TimelineEntry } from '../incident/incident.ts';
import type { Notification } from '../incident/notification.ts';
import type { Reach } from '../incident/reach.ts';
import type { ReadonlyBoard, Snapshot } from '../incident/board.ts';
import type { CheckState } from '../judge/check-state.ts';
import type { Clock } from '../system/clock.ts';
import { fromCursor, page, TOP, type Place } from './_cursor.ts';
import { rowsOf, type Rows } from './_rows.ts';
import type { Day, Dossier, History, Look, Page, Store, Stored } from './store.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const CODE_REST_MS = 90 * DAY_MS;
/** Of the drills that are over. */
const DRILLS_KEPT = 50;
const KEEP_RESOLVED_MS = 2 * 60 * 60 * 1000;

export class MemoryDisk {
  seq = 0;
  epoch = 0;
  savedAt: number | null = null;
  readonly secret = 'of a disk in memory';
  /** true: every write fails, as on a full disk. */
  broken = false;
  readonly checks = new Map<string, CheckState>();
  readonly incidents = new Map<string, Incident>();
  readonly members = new Map<string, Member>();
  readonly timeline = new Map<string, TimelineEntry>();
  readonly notifications = new Map<string, Notification>();
  readonly silences = new Map<string, Silence>();
  readonly overrides = new Map<string, Override>();
  readonly drills = new Map<string, Drill>();
  readonly reaches = new Map<string, Reach>();
  readonly cursors = new Map<string, Cursor>();
  looks: Look[] = [];
  readonly days = new Map<string, Day>();

  write(rows: Partial<Rows>): void {
    put(this.checks, rows.checks, (row) => row.check);
    put(this.incidents, rows.incidents, (row) => row.id);
    put(this.members, rows.members, (row) => `${row.incident} ${row.check}`);
    put(this.timeline, rows.timeline, (row) => `${row.incident} ${row.n}`);
    put(this.notifications, rows.notifications, (row) => row.key);
    put(this.silences, rows.silences, (row) => row.id);
    put(this.overrides, rows.overrides, (row) => row.id);
    put(this.drills, rows.drills, (row) => row.id);
    put(this.reaches, rows.reaches, (row) => `${row.responder} ${row.channel}`);
    put(this.cursors, rows.cursors, (row) => row.channel);
  }
}

export interface MemoryStoreOptions {
  readonly clock: Clock;
  readonly disk?: MemoryDisk;
  readonly keepResolvedMs?: number;
}

export function memoryStore(options: MemoryStoreOptions): Store {
  const { clock, disk = new MemoryDisk(), keepResolvedMs = KEEP_RESOLVED_MS } = options;
  const epoch = ++disk.epoch;
  let closed = false;
  const write = (by: number, work: () => void): Promise<Stored> => {
    if (closed || disk.broken) return Promise.resolve('failed');
    if (by < disk.epoch) return Promise.resolve('fenced');
    work();
    return Promise.resolve('stored');
  };
  return {
    load: async () => load(disk, clock.now(), keepResolvedMs),
    append: (change: Change) =>
      write(change.epoch, () => {
        disk.write(change);
        disk.seq = change.seq;
        disk.savedAt = change.at;
      }),
    saveChecks: (checks) =>
      write(epoch, () => {
        disk.write({ checks });
        disk.savedAt = clock.now();
      }),
    snapshot: (board: ReadonlyBoard) =>
      write(board.epoch, () => {
        disk.write(rowsOf(board));
        endAllBut(board, disk, clock.now());
        disk.seq = board.seq;
        disk.savedAt = clock.now();
      }),
    history: historyOf(disk),
    async close() {
      closed = true;
    },
  };
}

function put<T>(into: Map<string, T>, rows: readonly T[] = [], nameOf: (row: T) => string): void {
  for (const row of rows) into.set(nameOf(row), JSON.parse(JSON.stringify(row)) as T);
}

function endAllBut(board: ReadonlyBoard, disk: MemoryDisk, at: number): void {
  const ended = { stepDueAt: null, ackExpiresAt: null, groupEndsAt: null, steadyAt: null };
  for (const row of disk.incidents.values()) {
    if (row.state === 'resolved' || board.incidents.has(row.id)) continue;
    const end = { state: 'resolved', resolvedAt: at, resolvedBecause: 'recovered' } as const;
    disk.incidents.set(row.id, { ...row, ...end, ...ended });
  }
  for (const row of disk.notifications.values()) {
    if (!board.notifications.has(row.key)) disk.notifications.set(row.key, { ...row, dueAt: null });
  }
  const inForce = new Set([...board.silences.values()].map((silence) => silence.id));
  for (const row of disk.silences.values()) {
    if (row.endedAt === null && !inForce.has(row.id)) {
      disk.silences.set(row.id, { ...row, endedAt: at });
    }
  }
  for (const row of disk.overrides.values()) {
    if (row.endedAt === null && !board.overrides.has(row.id)) {
      disk.overrides.set(row.id, { ...row, endedAt: at });
    }
  }
  for (const row of disk.drills.values()) {
    if (row.endedAt === null && !board.drills.has(row.id)) {
      disk.drills.set(row.id, { ...row, endedAt: at, tellAt: null });
    }
  }
  for (const check of disk.checks.keys()) if (!board.checks.has(check)) disk.checks.delete(check);
}

function load(disk: MemoryDisk, now: number, keepResolvedMs: number): Snapshot {
  const isUnsettled = (row?: Notification): boolean => typeof row?.dueAt === 'number';
  const unsettled = [...disk.notifications.values()].filter(
    (row) => isUnsettled(row) || isUnsettled(disk.notifications.get(row.bundledInto ?? '')),
  );
  const alive = new Set(unsettled.flatMap((row) => row.about));
  const codes = new Map<string, number>();
  for (const { id, code, resolvedAt, openedAt } of disk.incidents.values()) {
    if (resolvedAt === null || resolvedAt > now - keepResolvedMs) alive.add(id);
    if (resolvedAt !== null && resolvedAt <= now - CODE_REST_MS) continue;
    codes.set(code, Math.max(codes.get(code) ?? 0, resolvedAt ?? openedAt));
  }
  const drills = drillsAlive(disk);
  for (const { id } of drills) alive.add(id);
  for (const { code, startsAt, endedAt } of disk.drills.values()) {
    const usedAt = endedAt ?? startsAt;
    if (endedAt !== null && endedAt <= now - CODE_REST_MS) continue;
    codes.set(code, Math.max(codes.get(code) ?? 0, usedAt));
  }
  for (const { key, at, facts } of disk.notifications.values()) {
    const isBundle = key.startsWith('bundle.') && at > now - CODE_REST_MS;
    if (isBundle && 'code' in facts)
      codes.set(facts.code, Math.max(codes.get(facts.code) ?? 0, at));
  }
  const isAlive = (row: { incident: string }): boolean => alive.has(row.incident);
  return {
    seq: disk.seq,
    epoch: disk.epoch,
    savedAt: disk.savedAt,
    secret: disk.secret,
    checks: [...disk.checks.values()],
    incidents: [...disk.incidents.values()].filter((row) => alive.has(row.id)),
    members: [...disk.members.values()].filter(isAlive),
    timeline: [...disk.timeline.values()].filter(isAlive),
    notifications: [...disk.notifications.values()].filter(
      (row) => row.dueAt !== null || row.about.some((id) => alive.has(id)),
    ),
    silences: [...disk.silences.values()].filter((row) => row.endedAt === null),
    overrides: [...disk.overrides.values()].filter((row) => row.endedAt === null),
    drills,
    reaches: [...disk.reaches.values()],
    cursors: [...disk.cursors.values()],
    codes: [...codes].map(([code, usedAt]) => ({ code, usedAt })),
  };
}

function drillsAlive({ drills }: MemoryDisk): readonly Drill[] {
  const over = [...drills.values()].filter(({ endedAt }) => endedAt !== null);
  const old = over.toSorted((a, b) => (b.endedAt ?? 0) - (a.endedAt ?? 0)).slice(DRILLS_KEPT);
  return [...drills.values()].filter((row) => row.tellAt !== null || !old.includes(row));
}

function historyOf(disk: MemoryDisk): History {
  return {
    record(look) {
      disk.looks.push(look);
      const startsAt = Math.floor(look.at / DAY_MS) * DAY_MS;
      const key = `${look.check} ${startsAt}`;
      const day = disk.days.get(key) ?? { startsAt, up: 0, degraded: 0, down: 0, unknown: 0 };
      disk.days.set(key, { ...day, [look.status]: day[look.status] + 1 });
    },
    looks: async (check, limit) =>
      newest(
        disk.looks.filter((look) => look.check === check),
        (look) => [look.at, ''],
      ).slice(0, limit),
    async tally(check, since) {
      const tally = { up: 0, degraded: 0, down: 0, unknown: 0 };
      for (const look of disk.looks) {
        if (look.check === check && look.at >= since) tally[look.status] += 1;
      }
      return tally;
    },
    days: async (check, limit) =>
      newest(
        [...disk.days].filter(([key]) => key.startsWith(`${check} `)).map(([, day]) => day),
        (day) => [day.startsAt, ''],
      ).slice(0, limit),
    async incidents({ state = 'all', codeOrId, limit, cursor }): Promise<Page<Dossier>> {
      const place = ({ openedAt, id }: Incident): Place => [openedAt, id];
      const all = newest([...disk.incidents.values()], place);
      if (codeOrId !== undefined) {
        const found =
          disk.incidents.get(codeOrId) ?? all.find((incident) => incident.code === codeOrId);
        return { items: found ? [dossier(disk, found)] : [], next: null };
      }
      const wanted = all.filter((row) => state === 'all' || row.state === state);
      return list(wanted, place, limit, cursor, (row) => dossier(disk, row));
    },
    async notifications({ limit, cursor }) {
      const place = ({ at, key }: Notification): Place => [at, key];
      const all = newest([...disk.notifications.values()], place);
      return list(all, place, limit, cursor, (row) => row);
    },
    async prune(before, limit) {
      const gone = new Set(disk.looks.filter((look) => look.at < before).slice(0, limit));
      disk.looks = disk.looks.filter((look) => !gone.has(look));
      return gone.size;
    },
    async optimise() {
      // Nothing here grows stale.
    },
    backup: async (file) => ({ refused: `${file} was not written: nothing is on a disk` }),
  };
}

function dossier(disk: MemoryDisk, incident: Incident): Dossier {
  const ofIt = (row: { incident: string }): boolean => row.incident === incident.id;
  return {
    incident,
    members: [...disk.members.values()].filter(ofIt),
    timeline: [...disk.timeline.values()].filter(ofIt),
    notifications: newest(
      [...disk.notifications.values()].filter((row) => row.about.includes(incident.id)),
      ({ at, key }) => [at, key],
    ).reverse(),
  };
}

function list<R, T>(
  rows: readonly R[],
  placeOf: (row: R) => Place,
  limit: number,
  cursor: string | undefined,
  itemOf: (row: R) => T,
): Page<T> {
  const after = cursor === undefined ? TOP : fromCursor(cursor);
  if (after === null) return { items: [], next: null };
  const rest = rows.filter((row) => descending(after, placeOf(row)) < 0);
  return page(rest, limit, placeOf, itemOf);
}

/** Of equals, the one that came last is first. */
function newest<R>(rows: readonly R[], placeOf: (row: R) => Place): R[] {
  return rows.toReversed().sort((a, b) => descending(placeOf(a), placeOf(b)));
}

function descending([at, id]: Place, [otherAt, otherId]: Place): number {
  if (at !== otherAt) return otherAt - at;
  if (id === otherId) return 0;
  return id < otherId ? 1 : -1;
}
