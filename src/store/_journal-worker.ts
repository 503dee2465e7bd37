/**
 * The thread that writes the journal: the lock, the one connection that may write, group commit.
 * Nothing else may run here: whatever takes time delays a page.
 */
import { join } from 'node:path';
import type { Change } from '../incident/change.ts';
import type { CheckState } from '../judge/check-state.ts';
import type { Snapshot } from '../incident/board.ts';
import { copyAside } from './_aside.ts';
import { fault, isOfTheDisk, messageOf, openDatabase, type DatabaseKind } from './_database.ts';
import { takeLock, type Lock } from './_lock.ts';
import { makeFolder } from './_place.ts';
import type { Rows } from './_rows.ts';
import { serve, trouble } from './_serve.ts';
import { Journal } from './journal.ts';
import { JOURNAL } from './migrations/index.ts';
import type { Stored } from './store.ts';

/** `mayPass`: it is the disk, and not what is on it. */
export type Started =
  { readonly epoch: number } | { readonly refused: string; readonly mayPass?: boolean };

export interface JournalCalls {
  /** `epoch`: what an earlier thread of this process had; whoever wrote before is fenced already. */
  start(directory: string, epoch?: number): Started;
  append(change: Change): Stored;
  saveChecks(states: readonly CheckState[], at: number): Stored;
  snapshotPart(rows: Partial<Rows>): Stored;
  snapshot(seq: number, epoch: number, at: number, partsSent: number): Stored;
  load(now: number, keepResolvedMs: number): Snapshot;
  optimise(): void;
  close(): void;
}

const KIND: DatabaseKind = { ...JOURNAL, synchronous: 'FULL', verify: true };

let lock: Lock | null = null;
let started: Journal | null = null;

function journal(): Journal {
  if (started === null) throw new Error('the journal has not been opened');
  return started;
}

function start(directory: string, epoch?: number): Started {
  started = null;
  try {
    makeFolder(directory);
    const taken = takeLock(directory);
    if ('refused' in taken) return taken;
    lock = taken;
    const path = join(directory, 'journal.db');
    const wrong = fault(path, KIND);
    if (wrong !== null) {
      const copy = copyAside(path);
      lock.release();
      return {
        refused: `${path} ${wrong}; it was left as it is, with a copy at ${copy}: restore a backup or the version that wrote it, or move it away to start without memory`,
      };
    }
    const journal = new Journal(path, () => openDatabase(path, KIND), trouble);
    if (epoch !== undefined) journal.resume(epoch);
    started = journal;
    return { epoch: epoch ?? journal.raiseEpoch() };
  } catch (error) {
    started?.close();
    lock?.release();
    const refused = `${directory} cannot hold the journal: ${messageOf(error)}`;
    return { refused, mayPass: isOfTheDisk(error) };
  }
}

/** Throws where it begins anew: then the thread is of no use, and another one is tried. */
function startOrThrow(directory: string, epoch?: number): Started {
  const outcome = start(directory, epoch);
  if (epoch !== undefined && 'refused' in outcome) throw new Error(outcome.refused);
  return outcome;
}

const calls: JournalCalls = {
  start: startOrThrow,
  append: (change) => journal().append([change])[0] ?? 'failed',
  saveChecks: (states, at) => journal().saveChecks(states, at),
  snapshotPart: (rows) => journal().snapshotPart(rows),
  snapshot: (...args) => journal().snapshot(...args),
  load: (now, keepResolvedMs) => journal().load(now, keepResolvedMs),
  optimise: () => journal().optimise(),
  close() {
    started?.close();
    lock?.release();
  },
};

serve(calls, {
  call: 'append',
  answer: (changes) => journal().append(changes as readonly Change[]),
});
