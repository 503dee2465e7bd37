/**
 * Looks as tables; runs in the history's thread only. Nobody was promised any of it: a file that is
 * damaged or somebody else's is moved aside and a new one begun, and rows that cannot be written
 * are lost and told of.
 */
import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';
import type { Reason } from '../probes/probe.ts';
import type { Status } from '../judge/verdict.ts';
import { isBeyondUse, messageOf } from './_database.ts';
import type { Day, Look, Tally } from './store.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

export class LookTables {
  readonly #open: () => DatabaseSync;
  readonly #moveAside: (why: string) => void;
  readonly #trouble: (what: string) => void;
  #db: DatabaseSync | null = null;

  /** `open` is called at the first use and after every failure; `moveAside` when the file is beyond use. */
  constructor(
    open: () => DatabaseSync,
    moveAside: (why: string) => void,
    trouble: (what: string) => void,
  ) {
    this.#open = open;
    this.#moveAside = moveAside;
    this.#trouble = trouble;
  }

  /** How many were written: all or none. */
  record(looks: readonly Look[]): number {
    return (
      this.#attempt((db) => {
        db.exec('BEGIN IMMEDIATE');
        const insert = db.prepare(
          `INSERT INTO look (check_id, source, at, took_ms, status, reason, brief)
           VALUES (?, ?, ?, ?, ?, ?, ?)`,
        );
        for (const { check, from, at, tookMs, status, reason, brief } of looks) {
          insert.run(check, from, at, tookMs, status, reason, brief);
        }
        addToDays(db, looks);
        db.exec('COMMIT');
        return looks.length;
      }) ?? 0
    );
  }

  /** Newest first. */
  looks(check: string, limit: number): Look[] {
    const rows = this.#attempt((db) =>
      db
        .prepare('SELECT * FROM look WHERE check_id = ? ORDER BY at DESC, id DESC LIMIT ?')
        .all(check, limit),
    );
    return (rows ?? []).map(toLook);
  }

  tally(check: string, since: number): Tally {
    const rows = this.#attempt((db) =>
      db
        .prepare('SELECT status, count(*) AS n FROM look WHERE check_id = ? AND at >= ? GROUP BY 1')
        .all(check, since),
    );
    const tally = { up: 0, degraded: 0, down: 0, unknown: 0 };
    for (const row of rows ?? []) tally[row['status'] as Status] = Number(row['n']);
    return tally;
  }

  days(check: string, limit: number): Day[] {
    const rows = this.#attempt((db) =>
      db
        .prepare('SELECT * FROM day WHERE check_id = ? ORDER BY day DESC LIMIT ?')
        .all(check, limit),
    );
    return (rows ?? []).map((row) => ({
      startsAt: Number(row['day']) * DAY_MS,
      up: Number(row['up']),
      degraded: Number(row['degraded']),
      down: Number(row['down']),
      unknown: Number(row['unknown']),
    }));
  }

  prune(before: number, limit: number): number {
    const sql = 'DELETE FROM look WHERE id IN (SELECT id FROM look WHERE at < ? LIMIT ?)';
    return this.#attempt((db) => Number(db.prepare(sql).run(before, limit).changes)) ?? 0;
  }

  optimise(): void {
    this.#attempt((db) => {
      db.exec('PRAGMA optimize; PRAGMA wal_checkpoint(TRUNCATE)');
    });
  }

  close(): void {
    this.#db?.close();
    this.#db = null;
  }

  #attempt<T>(work: (db: DatabaseSync) => T): T | null {
    try {
      this.#db ??= this.#open();
      return work(this.#db);
    } catch (error) {
      this.#trouble(messageOf(error));
      this.close();
      if (isBeyondUse(error)) this.#moveAside(`is damaged (${messageOf(error)})`);
      return null;
    }
  }
}

function addToDays(db: DatabaseSync, looks: readonly Look[]): void {
  const days = new Map<string, { check: string; day: number; counts: Record<Status, number> }>();
  for (const { check, at, status } of looks) {
    const day = Math.floor(at / DAY_MS);
    const key = `${day} ${check}`;
    const entry = days.getOrInsertComputed(key, () => ({
      check,
      day,
      counts: { up: 0, degraded: 0, down: 0, unknown: 0 },
    }));
    entry.counts[status] += 1;
  }
  const add = db.prepare(
    `INSERT INTO day (check_id, day, up, degraded, down, unknown) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET up = up + excluded.up, degraded = degraded + excluded.degraded,
       down = down + excluded.down, unknown = unknown + excluded.unknown`,
  );
  for (const { check, day, counts } of days.values()) {
    add.run(check, day, counts.up, counts.degraded, counts.down, counts.unknown);
  }
}

function toLook(row: Readonly<Record<string, SQLOutputValue>>): Look {
  return {
    check: String(row['check_id']),
    from: String(row['source']),
    at: Number(row['at']),
    tookMs: Number(row['took_ms']),
    status: row['status'] as Status,
    reason: row['reason'] as Reason | null,
    brief: String(row['brief']),
  };
}
