/** What becomes of a database file that we cannot use: nobody's data is ever deleted. */
import { constants, copyFileSync, existsSync, renameSync, rmSync, statSync } from 'node:fs';

/** Copies it with its -wal; the same file again is the same copy, so that a daemon that is started over and over does not fill the disk. Says where the copy is. */
export function copyAside(path: string): string {
  const copy = `${path}.refused-${lastWritten(path)}`;
  for (const suffix of ['', '-wal']) {
    const size = statSync(path + suffix, { throwIfNoEntry: false })?.size;
    const isThere = size !== undefined && (suffix === '' || size > 0);
    if (!isThere || existsSync(copy + suffix)) continue;
    copyFileSync(path + suffix, copy + suffix, constants.COPYFILE_EXCL);
  }
  return copy;
}

export function moveAside(path: string, why: 'corrupt' | 'replaced' = 'corrupt'): string {
  const moved = `${path}.${why}-${lastWritten(path)}`;
  if (existsSync(path)) renameSync(path, moved);
  if (existsSync(`${path}-wal`)) renameSync(`${path}-wal`, `${moved}-wal`);
  rmSync(`${path}-shm`, { force: true });
  return moved;
}

/** Such as 20260105T031500123Z. */
function lastWritten(path: string): string {
  const file = existsSync(path) ? path : `${path}-wal`;
  return statSync(file).mtime.toISOString().replaceAll(/[-:.]/g, '');
}
