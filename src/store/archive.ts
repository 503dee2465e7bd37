/**
 * The journal as history: lists of incidents and notifications, newest first. Runs in the history's
 * thread on a read-only connection of its own, so that no question, however long it takes, holds
 * up what is being written.
 */
import type { DatabaseSync } from 'node:sqlite';
import type { Incident, Member, TimelineEntry } from '../incident/incident.ts';
import type { Notification } from '../incident/notification.ts';
import { fromCursor, page, TOP, type Place } from './_cursor.ts';
import type { Dossier, History, Page } from './store.ts';

type Query<K extends 'incidents' | 'notifications'> = Parameters<History[K]>[0];
type Row = Readonly<Record<string, unknown>>;

const EMPTY = { items: [], next: null };

export class Archive {
  readonly #db: DatabaseSync;

  constructor(db: DatabaseSync) {
    this.#db = db;
  }

  incidents({ state = 'all', codeOrId, limit, cursor }: Query<'incidents'>): Page<Dossier> {
    if (codeOrId !== undefined) return { items: this.#one(codeOrId), next: null };
    const after = cursor === undefined ? TOP : fromCursor(cursor);
    if (after === null) return EMPTY;
    const where = state === 'all' ? '' : 'state = ? AND';
    const rows = this.#db
      .prepare(
        `SELECT opened_at AS at, id, body FROM incident WHERE ${where} (opened_at, id) < (?, ?)
         ORDER BY opened_at DESC, id DESC LIMIT ?`,
      )
      .all(...(state === 'all' ? [] : [state]), ...after, limit + 1);
    return page(rows, limit, placeOf, (row) => this.#dossier(parse(row) as Incident));
  }

  notifications({ limit, cursor }: Query<'notifications'>): Page<Notification> {
    const after = cursor === undefined ? TOP : fromCursor(cursor);
    if (after === null) return EMPTY;
    const rows = this.#db
      .prepare(
        `SELECT at, key AS id, body FROM notification WHERE (at, key) < (?, ?)
         ORDER BY at DESC, key DESC LIMIT ?`,
      )
      .all(...after, limit + 1);
    return page(rows, limit, placeOf, (row) => parse(row) as Notification);
  }

  #one(codeOrId: string): Dossier[] {
    return this.#db
      .prepare(
        `SELECT body FROM incident WHERE id = ?1 OR code = ?1
         ORDER BY id = ?1 DESC, opened_at DESC, id DESC LIMIT 1`,
      )
      .all(codeOrId)
      .map((row) => this.#dossier(parse(row) as Incident));
  }

  #dossier(incident: Incident): Dossier {
    const rows = (sql: string): unknown[] => this.#db.prepare(sql).all(incident.id).map(parse);
    return {
      incident,
      members: rows('SELECT body FROM member WHERE incident = ? ORDER BY n') as Member[],
      timeline: rows('SELECT body FROM timeline WHERE incident = ? ORDER BY n') as TimelineEntry[],
      notifications: rows(
        `SELECT n.body FROM notification_about a JOIN notification n USING (key)
         WHERE a.incident = ? ORDER BY n.at, n.key`,
      ) as Notification[],
    };
  }
}

const placeOf = (row: Row): Place => [Number(row['at']), String(row['id'])];

const parse = (row: Row): unknown => JSON.parse(String(row['body']));
