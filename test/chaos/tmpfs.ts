/** A small disk that can be filled to the last byte. It needs a mount namespace of its own. */
import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** `use` is handed a folder of 8 MiB that is gone afterwards. */
export async function onTmpfs<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-chaos-small-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', folder]);
  try {
    return await use(folder);
  } finally {
    execFileSync('umount', ['-l', folder]);
    rmSync(folder, { recursive: true, force: true });
  }
}

/** With smaller and smaller pieces until not one byte is taken; what it returns makes room again. */
export function fill(folder: string): () => Promise<void> {
  const ballast = join(folder, 'ballast');
  const file = openSync(ballast, 'w');
  for (let size = 1 << 20; size >= 1;) {
    try {
      if (writeSync(file, Buffer.alloc(size)) < size) size >>= 1;
    } catch {
      size >>= 1;
    }
  }
  closeSync(file);
  return async () => rmSync(ballast);
}
