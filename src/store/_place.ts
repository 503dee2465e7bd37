/**
 * Where a database file is, and whether the one there is still the one that was opened: a file that
 * is deleted or replaced under a running daemon takes what is written with it, and says nothing.
 */
import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { moveAside } from './_aside.ts';

/** Another one after the file was replaced; null: there is none. */
export function fileAt(path: string): string | null {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat === undefined ? null : `${stat.dev}:${stat.ino}`;
}

/** All that a connection holds, as a file of its own that is whole and on the disk when this returns. */
export function copyTo(db: DatabaseSync, copy: string): void {
  rmSync(copy, { force: true });
  db.prepare('VACUUM INTO ?').run(copy);
  chmodSync(copy, 0o600);
  sync(copy);
}

/**
 * Puts what this connection holds back where its file was; what is there by now is kept under
 * another name. Close the connection before it is used again: its file has no name.
 */
export function putBack(db: DatabaseSync, path: string): void {
  const draft = `${path}.new`;
  copyTo(db, draft);
  if (existsSync(path) || existsSync(`${path}-wal`)) moveAside(path, 'replaced');
  db.close();
  renameSync(draft, path);
  sync(dirname(path));
}

/** By itself: with a parent that takes no folders, such as /proc, Node's own would try for ever. */
export function makeFolder(path: string): void {
  if (existsSync(path)) return;
  const parent = dirname(path);
  if (parent !== path) makeFolder(parent);
  mkdirSync(path, { mode: 0o700 });
}

/**
 * What a WAL may take before it is copied into its file. A disk with less may well take the next
 * write, for room comes and goes with every WAL that ends, and refuse the one after it.
 */
const ROOM_BYTES = 4 * 1024 * 1024;
const PIECE = Buffer.alloc(64 * 1024);

/** Throws unless there is room beside `path`: nothing but writing proves it, for quotas too. */
export function proveRoom(path: string): void {
  const room = `${path}.room`;
  const file = openSync(room, 'w', 0o600);
  try {
    // Without a name, so that a kill leaves nothing behind.
    rmSync(room);
    for (let written = 0; written < ROOM_BYTES;) written += writeSync(file, PIECE);
  } finally {
    closeSync(file);
  }
}

export function sync(path: string): void {
  const file = openSync(path, 'r');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
