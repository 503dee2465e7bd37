/**
 * Opens a database of ours, or says why not. A new one appears whole (built beside, then renamed),
 * so that an empty or half-made file is never taken for a fresh start. Whatever reads the file by
 * other means than SQLite does so before SQLite has it open: closing a descriptor drops its locks.
 */
import { DatabaseSync } from 'node:sqlite';
import { closeSync, existsSync, fstatSync, openSync, readSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { moveAside } from './_aside.ts';
import type { Schema } from './migrations/index.ts';
import { copyTo, sync } from './_place.ts';

/** Primary result codes, https://sqlite.org/rescode.html */
export const SQLITE_BUSY = 5;
const SQLITE_READONLY = 8;
const SQLITE_IOERR = 10;
const SQLITE_CORRUPT = 11;
const SQLITE_FULL = 13;
const SQLITE_NOTADB = 26;

const PASSING: ReadonlySet<number> = new Set([
  ...[SQLITE_BUSY, SQLITE_READONLY, SQLITE_IOERR, SQLITE_FULL],
]);
/** The same, of what touches the disk without SQLite. */
const PASSING_FILES: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT', 'EIO', 'EROFS']);

/** Longer than any reader of ours takes; whoever waits for a commit has given up long before. */
export const BUSY_TIMEOUT_MS = 5_000;

const HEADER_BYTES = 100;
const MAGIC = 'SQLite format 3\0';
const APPLICATION_ID_AT = 68;

export interface DatabaseKind extends Schema {
  /** FULL: what is committed survives a power cut. NORMAL: the last moments may be lost. */
  readonly synchronous: 'FULL' | 'NORMAL';
  /** Reads every page before trusting the file: for small ones. */
  readonly verify: boolean;
}

/** What is wrong with the file that is there; null if it is ours and sound, or not there at all. */
export function fault(path: string, kind: DatabaseKind): string | null {
  if (!existsSync(path)) {
    return existsSync(`${path}-wal`) ? 'is missing, but its -wal file is there' : null;
  }
  const header = readHeader(path);
  if (header.subarray(0, MAGIC.length).toString('latin1') !== MAGIC) {
    return header.length === 0 ? 'is empty' : 'is not a database';
  }
  if (header.length < HEADER_BYTES) return 'is cut short';
  if (header.readUInt32BE(APPLICATION_ID_AT) !== kind.applicationId) {
    return 'is a database of another program';
  }
  return faultInside(path, kind);
}

/** Throws what may pass by itself, such as a file that cannot be opened just now. */
function faultInside(path: string, kind: DatabaseKind): string | null {
  // Killed in the middle of a change: to read it is to undo that first, which is writing.
  const readOnly = !existsSync(`${path}-journal`);
  const db = new DatabaseSync(path, { readOnly, timeout: BUSY_TIMEOUT_MS });
  try {
    const version = numberIn(db, 'user_version');
    if (version > kind.migrations.length) return newer(version, kind.migrations.length);
    if (!kind.verify) return null;
    const check = db.prepare('PRAGMA quick_check(1)').get()?.['quick_check'];
    return check === 'ok' ? null : `is damaged (${String(check)})`;
  } catch (error) {
    if (!isBeyondUse(error)) throw error;
    return `is damaged (${messageOf(error)})`;
  } finally {
    db.close();
  }
}

const newer = (version: number, known: number): string =>
  `was written by a newer Tocsin (schema ${version}, this one knows ${known})`;

/** The file must be without `fault`. Creates it if it is missing; migrates it, a copy taken first. */
export function openDatabase(path: string, kind: DatabaseKind): DatabaseSync {
  if (!existsSync(path)) create(path, kind);
  const db = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS });
  try {
    if (numberIn(db, 'application_id') !== kind.applicationId) {
      throw new Error(`${path} is a database of another program`);
    }
    const version = numberIn(db, 'user_version');
    if (version < kind.migrations.length) {
      copyTo(db, `${path}.before-v${kind.migrations.length}`);
      migrate(db, kind, version);
    }
    db.exec('PRAGMA journal_mode = WAL');
    db.exec(`PRAGMA synchronous = ${kind.synchronous}`);
    db.exec(`PRAGMA journal_size_limit = ${64 * 1024 * 1024}`);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

function create(path: string, kind: DatabaseKind): void {
  const draft = `${path}.new`;
  for (const suffix of ['', '-journal', '-wal', '-shm']) rmSync(draft + suffix, { force: true });
  createPrivate(draft);
  const db = new DatabaseSync(draft);
  try {
    db.exec(`PRAGMA application_id = ${kind.applicationId}`);
    migrate(db, kind, 0);
  } finally {
    db.close();
  }
  // Of a file that was deleted: the new one would be read with it.
  if (existsSync(`${path}-wal`)) moveAside(path, 'replaced');
  renameSync(draft, path);
  sync(dirname(path));
}

function migrate(db: DatabaseSync, kind: DatabaseKind, from: number): void {
  db.exec('BEGIN IMMEDIATE');
  for (const sql of kind.migrations.slice(from)) db.exec(sql);
  db.exec(`PRAGMA user_version = ${kind.migrations.length}`);
  db.exec('COMMIT');
}

/** Makes the file, readable by its owner only; SQLite gives its -wal and -shm the same mode. */
export function createPrivate(path: string): void {
  if (!existsSync(path)) closeSync(openSync(path, 'a', 0o600));
}

function readHeader(path: string): Buffer {
  const file = openSync(path, 'r');
  try {
    if (!fstatSync(file).isFile()) return Buffer.from('not a file');
    const header = Buffer.alloc(HEADER_BYTES);
    return header.subarray(0, readSync(file, header, 0, HEADER_BYTES, 0));
  } finally {
    closeSync(file);
  }
}

function numberIn(db: DatabaseSync, pragma: string): number {
  return Number(db.prepare(`PRAGMA ${pragma}`).get()?.[pragma]);
}

/** SQLite's primary result code; null for an error that is not SQLite's. */
export function codeOf(error: unknown): number | null {
  if (!(error instanceof Error && 'errcode' in error)) return null;
  return typeof error.errcode === 'number' ? error.errcode & 0xff : null;
}

/** Full, broken, read-only or somebody else's for the moment: it may be well again, as it was. */
export function isOfTheDisk(error: unknown): boolean {
  const code = codeOf(error);
  if (code !== null) return PASSING.has(code);
  return error instanceof Error && 'code' in error && PASSING_FILES.has(String(error.code));
}

/** Is it the file that is wrong, and not only the moment? */
export function isBeyondUse(error: unknown): boolean {
  const code = codeOf(error);
  return code === SQLITE_CORRUPT || code === SQLITE_NOTADB;
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
