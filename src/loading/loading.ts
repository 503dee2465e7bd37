/**
 * checks.yml → Config, wherever that is done: a small file here, a large one in a thread that lives as
 * long as it takes. Both read it in the same way; what differs is who waits. A daemon that runs always
 * takes the thread: a hundred checks hold a loop for longer than a page should wait.
 */
import { getCompileCacheDir } from 'node:module';
import { Worker } from 'node:worker_threads';
import type { Kept } from '../config/disk.ts';
import { isLarge, loadConfig, type LoadedConfig } from '../config/load.ts';
import { withRoom } from '../system/heap.ts';
import { receiveParcels } from './_parcels.ts';
import { registries } from './registries.ts';

/** Less than starting a thread costs. */
const SMALL_BYTES = 65_536;
/** Room for what `withRoom` gives the young generation. */
const YOUNG_MIB = 64;

export interface Named {
  /** As given on the command line. */
  readonly file: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Read instead of it. */
  readonly kept?: Kept | undefined;
}

/** Never throws. For whoever has nothing else to do meanwhile. */
export async function loadFile({ file, env, kept }: Named): Promise<LoadedConfig> {
  if (await isLarge(file, SMALL_BYTES)) return loadAside({ file, env, kept });
  return loadConfig({ file, env, kept, ...registries });
}

/**
 * Holds the loop for a few milliseconds at a time. A thread that dies is a problem of the file; rejects
 * only when the signal aborts, which ends the thread.
 */
export async function loadAside(
  { file, env, kept }: Named,
  signal?: AbortSignal,
): Promise<LoadedConfig> {
  const extension = import.meta.url.endsWith('.ts') ? '.ts' : '.js';
  const cache = getCompileCacheDir();
  const script = new URL(`./_load-worker${extension}`, import.meta.url);
  const worker = withRoom(
    () =>
      new Worker(script, {
        name: 'load-worker',
        workerData: { file, env: { ...env }, kept } satisfies Named,
        // The parser asks the environment at each token, and that of a process is slow.
        env: cache === undefined ? {} : { NODE_COMPILE_CACHE: cache },
        resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MIB },
      }),
  );
  const over = new AbortController();
  const gone = new Promise<LoadedConfig>((resolve, reject) => {
    const giveUp = (): void => {
      reject(new Error('given up'));
    };
    signal?.addEventListener('abort', giveUp, { signal: over.signal });
    const end = (why: string): void => {
      const text = `could not be read: the thread that reads it ended (${why})`;
      resolve({ problems: [{ file, line: 0, column: 0, text }] });
    };
    worker.on('error', (error) => end(error instanceof Error ? error.message : 'unknown'));
    worker.on('exit', (code) => end(`exit ${code}`));
  });
  try {
    return await Promise.race([receiveParcels(worker), gone]);
  } finally {
    over.abort();
    await worker.terminate();
  }
}
