/**
 * The SQL of the journal: rows in, a snapshot out. Rows are replaced whole, so writing one twice is
 * writing it once. Nothing here opens, commits or forgives; every method throws what SQLite throws.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Cursor } from '../incident/change.ts';
import type { Drill } from '../incident/drill.ts';
import type { Incident, Member, Override, Silence, TimelineEntry } from '../incident/incident.ts';
import type { Notification } from '../incident/notification.ts';
import type { Reach } from '../incident/reach.ts';
import type { Snapshot } from '../incident/board.ts';
import type { CheckState } from '../judge/check-state.ts';
import type { Rows } from './_rows.ts';

/** Of the drills that are over, so many are shown. */
const DRILLS_KEPT = 50;

/** How long a code is not used again. */
const CODE_REST_MS = 90 * 24 * 60 * 60 * 1000;

const UPSERTS = {
  check: `INSERT INTO check_state (check_id, body) VALUES (?, ?)
    ON CONFLICT DO UPDATE SET body = excluded.body`,
  incident: `INSERT INTO incident (id, code, state, opened_at, resolved_at, body)
    VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET code = excluded.code, state = excluded.state,
      opened_at = excluded.opened_at, resolved_at = excluded.resolved_at, body = excluded.body`,
  member: `INSERT INTO member (incident, check_id, body) VALUES (?, ?, ?)
    ON CONFLICT DO UPDATE SET body = excluded.body`,
  entry: `INSERT INTO timeline (incident, n, body) VALUES (?, ?, ?)
    ON CONFLICT DO UPDATE SET body = excluded.body`,
  notification: `INSERT INTO notification (key, state, at, due_at, body) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET state = excluded.state, at = excluded.at, due_at = excluded.due_at,
      body = excluded.body`,
  about: `INSERT INTO notification_about (incident, key) VALUES (?, ?) ON CONFLICT DO NOTHING`,
  override: `INSERT INTO override (id, ended_at, body) VALUES (?, ?, ?)
    ON CONFLICT DO UPDATE SET ended_at = excluded.ended_at, body = excluded.body`,
  silence: `INSERT INTO silence (id, ended_at, body) VALUES (?, ?, ?)
    ON CONFLICT DO UPDATE SET ended_at = excluded.ended_at, body = excluded.body`,
  drill: `INSERT INTO drill (id, code, starts_at, ended_at, body) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET starts_at = excluded.starts_at, ended_at = excluded.ended_at,
      body = excluded.body`,
  reach: `INSERT INTO reach (responder, channel, body) VALUES (?, ?, ?)
    ON CONFLICT DO UPDATE SET body = excluded.body`,
  cursor: `INSERT INTO cursor (channel, value) VALUES (?, ?)
    ON CONFLICT DO UPDATE SET value = excluded.value`,
};

/** Those that are not over, and the last of those that are. */
const DRILLS_ALIVE = `SELECT id, starts_at, body FROM drill
  WHERE ended_at IS NULL OR body ->> '$.tellAt' IS NOT NULL
    OR id IN (SELECT id FROM drill WHERE ended_at IS NOT NULL ORDER BY ended_at DESC LIMIT ${DRILLS_KEPT})`;

const OF_THESE = `IN (SELECT value FROM json_each(?))`;

export class JournalTables {
  readonly #db: DatabaseSync;
  readonly #upsert: Readonly<Record<keyof typeof UPSERTS, StatementSync>>;
  readonly #meta: StatementSync;
  readonly #setMeta: StatementSync;

  constructor(db: DatabaseSync) {
    this.#db = db;
    this.#upsert = {
      check: db.prepare(UPSERTS.check),
      incident: db.prepare(UPSERTS.incident),
      member: db.prepare(UPSERTS.member),
      entry: db.prepare(UPSERTS.entry),
      notification: db.prepare(UPSERTS.notification),
      about: db.prepare(UPSERTS.about),
      override: db.prepare(UPSERTS.override),
      silence: db.prepare(UPSERTS.silence),
      drill: db.prepare(UPSERTS.drill),
      reach: db.prepare(UPSERTS.reach),
      cursor: db.prepare(UPSERTS.cursor),
    };
    this.#meta = db.prepare('SELECT seq, epoch, saved_at, secret FROM meta');
    this.#setMeta = db.prepare('UPDATE meta SET seq = ?, saved_at = ?');
  }

  begin(): void {
    this.#db.exec('BEGIN IMMEDIATE');
  }

  commit(): void {
    this.#db.exec('COMMIT');
  }

  meta(): Pick<Snapshot, 'seq' | 'epoch' | 'savedAt' | 'secret'> {
    const row = this.#meta.get();
    const savedAt = row?.['saved_at'];
    return {
      seq: Number(row?.['seq']),
      epoch: Number(row?.['epoch']),
      savedAt: typeof savedAt === 'number' ? savedAt : null,
      secret: String(row?.['secret']),
    };
  }

  setMeta(seq: number, savedAt: number): void {
    this.#setMeta.run(seq, savedAt);
  }

  setEpoch(epoch: number): void {
    this.#db.prepare('UPDATE meta SET epoch = ?').run(epoch);
  }

  write(rows: Partial<Rows>): void {
    const upsert = this.#upsert;
    for (const row of rows.checks ?? []) upsert.check.run(row.check, JSON.stringify(row));
    for (const row of rows.incidents ?? []) {
      const { id, code, state, openedAt, resolvedAt } = row;
      upsert.incident.run(id, code, state, openedAt, resolvedAt, JSON.stringify(row));
    }
    for (const row of rows.members ?? []) {
      upsert.member.run(row.incident, row.check, JSON.stringify(row));
    }
    for (const row of rows.timeline ?? []) {
      upsert.entry.run(row.incident, row.n, JSON.stringify(row));
    }
    for (const row of rows.notifications ?? []) {
      upsert.notification.run(row.key, row.state, row.at, row.dueAt, JSON.stringify(row));
      for (const incident of row.about) {
        upsert.about.run(incident, row.key);
        // As long as the bundle waits, what it is to tell is not over.
        if (typeof row.bundledInto === 'string') upsert.about.run(incident, row.bundledInto);
      }
    }
    for (const row of rows.silences ?? []) {
      upsert.silence.run(row.id, row.endedAt, JSON.stringify(row));
    }
    for (const row of rows.overrides ?? []) {
      upsert.override.run(row.id, row.endedAt, JSON.stringify(row));
    }
    for (const row of rows.drills ?? []) {
      upsert.drill.run(row.id, row.code, row.startsAt, row.endedAt, JSON.stringify(row));
    }
    for (const row of rows.reaches ?? []) {
      upsert.reach.run(row.responder, row.channel, JSON.stringify(row));
    }
    for (const row of rows.cursors ?? []) upsert.cursor.run(row.channel, row.value);
  }

  /**
   * After a spell without memory the journal may hold as open what ended unrecorded and has left
   * the board since. A ghost that pages after the next restart is worse than an end with an
   * approximate time.
   */
  endAllBut(kept: readonly Partial<Rows>[], at: number): void {
    const these = <K extends keyof Rows>(kind: K, name: (row: Rows[K][number]) => string): string =>
      JSON.stringify(kept.flatMap((rows) => (rows[kind] ?? []).map(name)));
    const end = (sql: string, ...values: (string | number)[]): void => {
      this.#db.prepare(sql).run(...values);
    };
    end(
      `UPDATE incident SET state = 'resolved', resolved_at = ?1, body = json_set(body,
         '$.state', 'resolved', '$.resolvedAt', ?1, '$.resolvedBecause', 'recovered',
         '$.stepDueAt', NULL, '$.ackExpiresAt', NULL, '$.groupEndsAt', NULL, '$.steadyAt', NULL)
       WHERE state <> 'resolved' AND id NOT ${OF_THESE}`,
      at,
      these('incidents', (row) => row.id),
    );
    end(
      `UPDATE notification SET due_at = NULL, body = json_set(body, '$.dueAt', NULL)
       WHERE due_at IS NOT NULL AND key NOT ${OF_THESE}`,
      these('notifications', (row) => row.key),
    );
    end(
      `UPDATE silence SET ended_at = ?1, body = json_set(body, '$.endedAt', ?1)
       WHERE ended_at IS NULL AND id NOT ${OF_THESE}`,
      at,
      these('silences', (row) => row.id),
    );
    end(
      `UPDATE override SET ended_at = ?1, body = json_set(body, '$.endedAt', ?1)
       WHERE ended_at IS NULL AND id NOT ${OF_THESE}`,
      at,
      these('overrides', (row) => row.id),
    );
    end(
      `UPDATE drill SET ended_at = ?1, body = json_set(body, '$.endedAt', ?1, '$.tellAt', NULL)
       WHERE ended_at IS NULL AND id NOT ${OF_THESE}`,
      at,
      these('drills', (row) => row.id),
    );
    end(
      `DELETE FROM check_state WHERE check_id NOT ${OF_THESE}`,
      these('checks', (row) => row.check),
    );
  }

  load(now: number, keepResolvedMs: number): Snapshot {
    const alive = JSON.stringify(
      this.#db
        .prepare(
          `SELECT id FROM incident WHERE state IN ('open', 'acknowledged')
           UNION SELECT id FROM incident WHERE resolved_at > ?
           UNION SELECT id FROM (${DRILLS_ALIVE})
           UNION SELECT a.incident FROM notification n JOIN notification_about a USING (key)
             WHERE n.due_at IS NOT NULL`,
        )
        .all(now - keepResolvedMs)
        .map((row) => row['id']),
    );
    return {
      ...this.meta(),
      checks: this.#bodies<CheckState>('SELECT body FROM check_state ORDER BY check_id'),
      incidents: this.#bodies<Incident>(
        `SELECT body FROM incident WHERE id ${OF_THESE} ORDER BY opened_at, id`,
        alive,
      ),
      members: this.#bodies<Member>(
        `SELECT body FROM member WHERE incident ${OF_THESE} ORDER BY incident, n`,
        alive,
      ),
      timeline: this.#bodies<TimelineEntry>(
        `SELECT body FROM timeline WHERE incident ${OF_THESE} ORDER BY incident, n`,
        alive,
      ),
      notifications: this.#bodies<Notification>(
        `SELECT body FROM notification WHERE due_at IS NOT NULL OR key IN
           (SELECT key FROM notification_about WHERE incident ${OF_THESE}) ORDER BY at, key`,
        alive,
      ),
      silences: this.#bodies<Silence>(
        'SELECT body FROM silence WHERE ended_at IS NULL ORDER BY id',
      ),
      overrides: this.#bodies<Override>(
        `SELECT body FROM override WHERE ended_at IS NULL ORDER BY body ->> '$.at', id`,
      ),
      drills: this.#bodies<Drill>(`SELECT body FROM (${DRILLS_ALIVE}) ORDER BY starts_at, id`),
      reaches: this.#bodies<Reach>('SELECT body FROM reach ORDER BY responder, channel'),
      cursors: this.#db
        .prepare('SELECT channel, value FROM cursor ORDER BY channel')
        .all()
        .map((row): Cursor => ({ channel: String(row['channel']), value: String(row['value']) })),
      codes: this.#db
        .prepare(
          `SELECT code, max(used_at) AS used_at FROM (
             SELECT code, coalesce(resolved_at, opened_at) AS used_at FROM incident
               WHERE resolved_at > ?1 OR state IN ('open', 'acknowledged')
             UNION ALL SELECT code, coalesce(ended_at, starts_at) FROM drill
               WHERE ended_at > ?1 OR ended_at IS NULL
             UNION ALL SELECT json_extract(body, '$.facts.code'), at FROM notification
               WHERE key >= 'bundle.' AND key < 'bundle/' AND at > ?1
           ) GROUP BY code ORDER BY code`,
        )
        .all(now - CODE_REST_MS)
        .map((row) => ({ code: String(row['code']), usedAt: Number(row['used_at']) })),
    };
  }

  #bodies<T>(sql: string, ...values: string[]): T[] {
    const rows = this.#db.prepare(sql).all(...values);
    return rows.map((row) => JSON.parse(String(row['body'])) as T);
  }
}
