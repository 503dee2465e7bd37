/**
 * The machine under Tocsin: room and right to write where its memory is, and files enough for its
 * looks. Of a daemon that runs its own limits count, not ours.
 */
import { access, constants, open, readFile, statfs, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Config } from '../config/config.ts';
import { openFiles } from '../system/process.ts';
import type { Examined, Finding } from './finding.ts';

const MIB = 1_048_576;
/** The journal is small; what fills a disk to here will fill the rest before morning. */
const ROOM_MIN_MIB = 100;

export async function examineData({ data }: Pick<Config, 'data'>): Promise<Examined> {
  const at = ['data'];
  const trouble = await writeThere(data);
  if (trouble !== null) {
    const what = `the data directory ${data} cannot be written: ${trouble}`;
    const why = 'a restart forgets who was paged, and what is open pages anew';
    return only({ level: 'fault', topic: 'data', what, at, why, remedy: 'give it to its user' });
  }
  const { bavail, bsize } = await statfs(await nearestOf(data));
  const free = Math.floor((bavail * bsize) / MIB);
  if (free < ROOM_MIN_MIB) {
    const what = `the data directory ${data} has room for ${String(free)} MiB only`;
    const why = 'on a full disk Tocsin runs without memory';
    return only({ level: 'fault', topic: 'data', what, at, why, remedy: 'make room' });
  }
  return { seen: [`${data} can be written, ${String(free)} MiB free`], findings: [] };
}

/** null: it can; of one that is not there yet: it can be made. */
async function writeThere(data: string): Promise<string | null> {
  try {
    const there = await nearestOf(data);
    if (there !== data) {
      await access(there, constants.W_OK);
      return null;
    }
    const path = join(data, `.doctor-${String(process.pid)}`);
    await using file = await open(path, 'wx', 0o600);
    await file.sync();
    await unlink(path);
    return null;
  } catch (error) {
    return codeOf(error);
  }
}

/** Itself, or what is there of the way to it. Throws where that leads nowhere. */
async function nearestOf(path: string): Promise<string> {
  try {
    await access(path);
    return path;
  } catch (error) {
    if (codeOf(error) !== 'ENOENT' || dirname(path) === path) throw error;
    return nearestOf(dirname(path));
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
}

/** `limits`: of which process, as /proc has it. */
export function examineFiles(looked: number, limits: string): Examined {
  const most = openFiles(limits);
  const wanted = 2 * looked;
  if (most >= wanted) {
    const seen = `${String(most)} files may be open, for ${String(looked)} checks and witnesses`;
    return { seen: [seen], findings: [] };
  }
  return only({
    level: 'risk',
    topic: 'files',
    what: `${String(most)} files may be open, half of them for looks, and ${String(looked)} checks may want one each`,
    at: null,
    why: 'when much is down at once, looks wait for those that hang',
    remedy: `let it open ${String(wanted)} (LimitNOFILE=, ulimit -n)`,
  });
}

/** The limits of the daemon that has this directory; of none: our own. */
export async function limitsOf({ data }: Pick<Config, 'data'>): Promise<string> {
  const pid = await readFile(join(data, 'tocsin.pid'), 'utf8').catch(() => '');
  const limits = `/proc/${pid.trim()}/limits`;
  const isThere =
    /^\d+$/.test(pid.trim()) &&
    (await access(limits).then(
      () => true,
      () => false,
    ));
  return isThere ? limits : '/proc/self/limits';
}

function only(finding: Finding): Examined {
  return { seen: [], findings: [finding] };
}
