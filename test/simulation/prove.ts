/**
 * `npm run prove`: the corpus and 600 seeds, one process a core, then thirty days in one run, then every
 * planted bug. Exits 1 at the first promise that is broken, with the seed and the shortest log.
 */
import { fork, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { CORPUS } from './corpus.ts';
import { describeFind, hunt, type Tally } from './hunt.ts';

const SEEDS = 600;
const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** What a child says when its share is done. */
interface Share extends Omit<Tally, 'found'> {
  readonly find: string | null;
}

function* shareOf(part: number, parts: number): Generator<number> {
  if (part === 0) yield* CORPUS.keys();
  for (let seed = 1 + part; seed <= SEEDS; seed += parts) yield seed;
}

async function prove(): Promise<void> {
  const parts = availableParallelism();
  const began = performance.now();
  const shares = await Promise.all(
    Array.from({ length: parts }, async (_, part) => {
      const child = fork(here('prove.ts'), [`${part}`, `${parts}`]);
      const [share] = (await once(child, 'message')) as [Share];
      return share;
    }),
  );
  const seconds = (performance.now() - began) / 1_000;
  const seeds = shares.reduce((sum, share) => sum + share.seeds, 0);
  const steps = shares.reduce((sum, share) => sum + share.steps, 0).toLocaleString('en');
  console.log(`${seeds} seeds, ${steps} steps in ${seconds.toFixed(1)} s, ${parts} processes`);
  for (const { find } of shares) if (find !== null) throw new Error(find);
  run('simulate.ts', '--seed', '30', '--days', '30');
  run('../mutants/run.ts');
}

function run(script: string, ...args: readonly string[]): void {
  const { status } = spawnSync(process.execPath, [here(script), ...args], { stdio: 'inherit' });
  if (status !== 0) throw new Error(`${script} ${args.join(' ')} failed`);
}

const [part, parts] = process.argv.slice(2);
if (part !== undefined) {
  const { found, ...tally } = await hunt(shareOf(Number(part), Number(parts)));
  process.send?.({ ...tally, find: found && describeFind(found) } satisfies Share);
} else {
  try {
    await prove();
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
