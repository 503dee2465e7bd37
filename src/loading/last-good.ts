/**
 * The last good configuration, kept beside the databases for a start that finds a broken file. One
 * file, written whole: the texts as they were read, so that relative paths mean what they meant and
 * a secret is a reference; a secret that is gone by now makes it as useless as the file.
 */
import { open, rename } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Config } from '../config/config.ts';
import { disk, type Kept, MIB, parseKept } from '../config/disk.ts';
import { findData, loadOperator } from '../config/load.ts';
import { formatProblem } from '../config/problem.ts';
import type { Emit } from '../events.ts';
import { loadFile, type Named } from './loading.ts';
import { registries } from './registries.ts';

const NAME = 'last-good.json';
/** More than the texts of ten thousand checks, escaped. */
const KEPT_MAX_BYTES = 64 * MIB;

export interface Started {
  readonly config: Config;
  /** What it was made of: to be kept, if nothing was broken. */
  readonly original: string;
  /** What is wrong with the file; not empty: this is the last good configuration. */
  readonly broken: readonly string[];
}

/** For the start of a daemon. `invalid`: both stories, line by line, for people. Never throws. */
export async function loadForStart(
  named: Named,
): Promise<Started | { readonly invalid: readonly string[] }> {
  const loaded = await loadFile(named);
  if ('config' in loaded) return { ...loaded, broken: [] };
  const broken = loaded.problems.map(formatProblem);
  const { kept, path } = await recall(named);
  if (kept === null) return { invalid: broken };
  const last = await loadFile({ ...named, kept });
  if ('config' in last) return { ...last, broken };
  const useless = `the last good configuration, kept in ${path}, cannot be used either:`;
  return { invalid: [...broken, useless, ...last.problems.map(formatProblem)] };
}

/** What a daemon on this file is running, or has run last; null: nothing was kept that can be read. */
export async function loadLastGood(named: Named): Promise<Config | null> {
  const { kept } = await recall(named);
  const last = kept === null ? null : await loadFile({ ...named, kept });
  return last !== null && 'config' in last ? last.config : null;
}

/** Where the operator listener is and what opens it, by the file or by what was kept of it. */
export async function loadOperatorOrLast(named: Named): ReturnType<typeof loadOperator> {
  const found = await loadOperator({ ...named, ...registries });
  if (!('problems' in found)) return found;
  const { kept } = await recall(named);
  const last = kept === null ? found : await loadOperator({ ...named, kept, ...registries });
  return 'problems' in last ? found : last;
}

/** Of this very file: another one may have the same data. */
async function recall(named: Named): Promise<{ kept: Kept | null; path: string }> {
  const path = join(await findData({ ...named, ...registries }), NAME);
  const read = await disk.read(path, KEPT_MAX_BYTES);
  const kept = 'text' in read ? parseKept(read.text) : null;
  return { kept: kept?.file === resolve(named.file) ? kept : null, path };
}

/** Keeps each in its turn, so that the last one stays; a disk that refuses is told of. */
export function createKeeper(data: string, emit: Emit): (original: string) => void {
  let last = Promise.resolve();
  return (original) => {
    last = last
      .then(() => keep(join(data, NAME), original))
      .catch((error: unknown) => {
        const what = `the last good configuration was not kept: ${String(error)}`;
        emit({ type: 'trouble', where: 'configuration', what });
      });
  };
}

async function keep(path: string, original: string): Promise<void> {
  const read = await disk.read(path, KEPT_MAX_BYTES);
  if ('text' in read && read.text === original) return;
  const draft = `${path}.new`;
  {
    await using file = await open(draft, 'w', 0o600);
    await file.writeFile(original);
    await file.sync();
  }
  await rename(draft, path);
  await using folder = await open(dirname(path), 'r');
  await folder.sync();
}
