/**
 * The journal as tables; runs in the store's thread only. Every public method is one transaction
 * that is there whole or not at all, and none throws for what a disk may do. A connection that has
 * failed is not trusted again: the next write opens a new one, and so it does when the file is another.
 */
import type { DatabaseSync } from 'node:sqlite';
import type { Change } from '../incident/change.ts';
import type { CheckState } from '../judge/check-state.ts';
import type { Snapshot } from '../incident/board.ts';
import { codeOf, messageOf, SQLITE_BUSY } from './_database.ts';
import { JournalTables } from './_journal-tables.ts';
import { fileAt, proveRoom, putBack } from './_place.ts';
import type { Rows } from './_rows.ts';
import type { Stored } from './store.ts';

export class Journal {
  readonly #open: () => DatabaseSync;
  readonly #trouble: (what: string) => void;
  #db: DatabaseSync | null = null;
  #tables: JournalTables | null = null;
  readonly #path: string;
  /** Which file the connection is to. */
  #file: string | null = null;
  #parts: Partial<Rows>[] = [];
  #epoch = 0;

  /** `open` opens what is at `path`, now and after every failure; it may throw. */
  constructor(path: string, open: () => DatabaseSync, trouble: (what: string) => void) {
    this.#path = path;
    this.#open = open;
    this.#trouble = trouble;
  }

  /** Goes on with an epoch that was raised before the thread began anew. */
  resume(epoch: number): void {
    this.#epoch = epoch;
  }

  /** Takes over this data: whoever wrote it until now is fenced from here on. Throws. */
  raiseEpoch(): number {
    const tables = this.#connect();
    const { epoch } = tables.meta();
    this.#epoch = epoch + 1;
    tables.setEpoch(this.#epoch);
    return this.#epoch;
  }

  /** One transaction for all (one sync of the disk); each has its own answer, in order. */
  append(changes: readonly Change[]): readonly Stored[] {
    const answers = this.#commit((tables) => {
      const { epoch } = tables.meta();
      return changes.map((change): Stored => {
        if (change.epoch < epoch) return 'fenced';
        tables.write(change);
        tables.setMeta(change.seq, change.at);
        return 'stored';
      });
    });
    return answers ?? changes.map(() => 'failed');
  }

  saveChecks(checks: readonly CheckState[], at: number): Stored {
    return this.#commitUnlessFenced(this.#epoch, (tables) => {
      tables.write({ checks });
      tables.setMeta(tables.meta().seq, at);
    });
  }

  /** A piece of the snapshot to come: the main thread sends it in slices. */
  snapshotPart(rows: Partial<Rows>): Stored {
    this.#parts.push(rows);
    return 'stored';
  }

  /**
   * Writes the parts and ends whatever the journal still holds open and the board does not. With no
   * room for what comes next the answer is `failed`, though they are kept: nothing can be relied on.
   */
  snapshot(seq: number, epoch: number, at: number, partsSent: number): Stored {
    const parts = this.#parts;
    this.#parts = [];
    if (parts.length !== partsSent) return 'failed';
    const answer = this.#commitUnlessFenced(epoch, (tables) => {
      for (const part of parts) tables.write(part);
      tables.endAllBut(parts, at);
      tables.setMeta(seq, at);
    });
    return answer === 'stored' && !this.#hasRoom() ? 'failed' : answer;
  }

  /** Throws: a daemon cannot start from a journal that it cannot read. */
  load(now: number, keepResolvedMs: number): Snapshot {
    return this.#connect().load(now, keepResolvedMs);
  }

  optimise(): void {
    try {
      this.#connect();
      this.#db?.exec('PRAGMA optimize');
      this.#db?.exec('PRAGMA wal_checkpoint(PASSIVE)');
    } catch (error) {
      this.#failed(error);
    }
  }

  close(): void {
    try {
      this.#db?.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    } catch (error) {
      this.#trouble(messageOf(error));
    }
    this.#disconnect();
  }

  #hasRoom(): boolean {
    try {
      proveRoom(this.#path);
      return true;
    } catch (error) {
      this.#trouble(`there is no room for more: ${messageOf(error)}`);
      return false;
    }
  }

  #commitUnlessFenced(epoch: number, work: (tables: JournalTables) => void): Stored {
    const answer = this.#commit((tables): Stored => {
      if (epoch < tables.meta().epoch) return 'fenced';
      work(tables);
      return 'stored';
    });
    return answer ?? 'failed';
  }

  #commit<T>(work: (tables: JournalTables) => T): T | null {
    try {
      const tables = this.#connect();
      tables.begin();
      const result = work(tables);
      tables.commit();
      return result;
    } catch (error) {
      this.#failed(error);
      return null;
    }
  }

  #connect(): JournalTables {
    if (this.#db !== null && fileAt(this.#path) !== this.#file) this.#putBack(this.#db);
    if (this.#db !== null && this.#tables !== null) return this.#tables;
    this.#db ??= this.#open();
    this.#file = fileAt(this.#path);
    this.#tables = new JournalTables(this.#db);
    // A new file in place of one that is gone: whoever comes after us raises it from here.
    if (this.#tables.meta().epoch < this.#epoch) this.#tables.setEpoch(this.#epoch);
    return this.#tables;
  }

  /** Nothing is lost: the connection still has the file, only its name is gone. */
  #putBack(db: DatabaseSync): void {
    this.#trouble(`${this.#path} was deleted or replaced: it is written anew, as it was`);
    putBack(db, this.#path);
    this.#db = null;
    this.#tables = null;
  }

  #failed(error: unknown): void {
    this.#trouble(messageOf(error));
    if (codeOf(error) === SQLITE_BUSY && this.#db?.isTransaction !== true) return;
    this.#disconnect();
  }

  /** Closing rolls back what was not committed. */
  #disconnect(): void {
    try {
      this.#db?.close();
    } catch (error) {
      this.#trouble(messageOf(error));
    }
    this.#db = null;
    this.#tables = null;
  }
}
