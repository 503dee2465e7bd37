/** Disks that are full, read-only, broken, hung or somebody else's, under a daemon that runs. */
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { inject } from './strace.ts';
import type { Outcome } from './story.ts';
import { fill, onTmpfs } from './tmpfs.ts';
import { standTrial, type Trial } from './trial.ts';

const injected = (name: string, calls: string, fault: string): Trial => ({
  name,
  isForgetful: true,
  begin: (_, { daemon }) => inject(daemon.pid, calls, fault),
});

/** What a file system that has turned read-only answers to whoever has files open for writing. */
const WRITES = 'pwrite64,ftruncate,fallocate,fsync,fdatasync,unlink';

const TRIALS: readonly Trial[] = [
  injected('EIO at every sync', 'fsync,fdatasync', 'error=EIO'),
  injected('EIO at every write', 'pwrite64', 'error=EIO'),
  injected('ENOSPC at every write', 'pwrite64', 'error=ENOSPC'),
  injected('read-only while it runs', WRITES, 'error=EROFS'),
  {
    name: 'locked by another process',
    isForgetful: true,
    async begin({ data }) {
      const other = new DatabaseSync(join(data, 'journal.db'), { timeout: 1_000 });
      other.exec('BEGIN EXCLUSIVE');
      return async () => other.close();
    },
  },
];

export const failingDisks: readonly (() => Promise<Outcome>)[] = TRIALS.map(
  (trial) => () => standTrial(trial),
);

/** Every sync of the disk takes `ms`. */
export const hungDisk = (ms: number): Promise<Outcome> =>
  standTrial({
    name: `a disk that hangs for ${ms / 1_000} s`,
    isForgetful: false,
    lastsMs: ms,
    begin: (_, { daemon }) => inject(daemon.pid, 'fsync', `delay_enter=${ms * 1_000}`),
  });

export const fullDisk = (lastsMs: number): Promise<Outcome> =>
  onTmpfs((folder) =>
    standTrial({
      name: `a disk that is full for ${lastsMs / 1_000} s`,
      settings: { folder },
      isForgetful: true,
      lastsMs,
      begin: async () => fill(folder),
    }),
  );
