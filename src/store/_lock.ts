/**
 * One daemon a data directory. The lock is an exclusive transaction on an empty database, held open
 * for the life of the process: the kernel takes it away with the process, also after kill -9. The
 * pid beside it is only for the message: nobody trusts it, so a reused pid fools nobody.
 */
import { DatabaseSync } from 'node:sqlite';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createPrivate, codeOf, SQLITE_BUSY } from './_database.ts';

export interface Lock {
  release(): void;
}

/** Never open `lock.db` by other means in this process: closing any file descriptor of a file gives up all POSIX locks on it. */
export function takeLock(directory: string): Lock | { readonly refused: string } {
  const path = join(directory, 'lock.db');
  const pidFile = join(directory, 'tocsin.pid');
  createPrivate(path);
  const db = new DatabaseSync(path, { timeout: 0 });
  try {
    db.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    db.close();
    if (codeOf(error) !== SQLITE_BUSY) throw error;
    return {
      refused:
        `${directory} is in use by ${holder(pidFile)}: ` +
        'stop that one first, or give this one a data directory of its own',
    };
  }
  writeFileSync(pidFile, `${process.pid}\n`, { mode: 0o600 });
  return {
    release() {
      rmSync(pidFile, { force: true });
      db.close();
    },
  };
}

function holder(pidFile: string): string {
  try {
    const pid = readFileSync(pidFile, 'utf8').trim();
    return /^\d+$/.test(pid) ? `process ${pid}` : 'another process';
  } catch {
    return 'another process';
  }
}
