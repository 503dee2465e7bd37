/**
 * The thread of everything that may be slow: looks are written here and every question about the
 * past is answered, on connections that cannot write the journal.
 */
import { DatabaseSync } from 'node:sqlite';
import { join } from 'node:path';
import { moveAside } from './_aside.ts';
import { BUSY_TIMEOUT_MS, fault, openDatabase, type DatabaseKind } from './_database.ts';
import { serve, trouble } from './_serve.ts';
import { Archive } from './archive.ts';
import { fileAt } from './_place.ts';
import { LookTables } from './history.ts';
import { HISTORY } from './migrations/index.ts';
import type { Day, Dossier, History, Look, Page } from './store.ts';
import type { Notification } from '../incident/notification.ts';

export interface HistoryCalls {
  start(directory: string): void;
  record(looks: readonly Look[]): number;
  looks(check: string, limit: number): Look[];
  days(check: string, limit: number): Day[];
  incidents(query: Parameters<History['incidents']>[0]): Page<Dossier>;
  notifications(query: Parameters<History['notifications']>[0]): Page<Notification>;
  prune(before: number, limit: number): number;
  optimise(): void;
  close(): void;
}

/** Not verified: it may hold gigabytes, and what is wrong inside shows when it is read. */
const KIND: DatabaseKind = { ...HISTORY, synchronous: 'NORMAL', verify: false };

let directory = '';
let journal: DatabaseSync | null = null;
let journalFile: string | null = null;

const looks = new LookTables(
  () => {
    const path = join(directory, 'history.db');
    const wrong = fault(path, KIND);
    if (wrong !== null) beginAnew(wrong);
    return openDatabase(path, KIND);
  },
  beginAnew,
  trouble,
);

function beginAnew(why: string): void {
  const path = join(directory, 'history.db');
  trouble(`${path} ${why}; it was moved to ${moveAside(path)} and a new one begun`);
}

function close(): void {
  journal?.close();
  journal = null;
}

/** A connection that has failed, or whose file is another by now, is not asked again. */
function ask<T>(question: (archive: Archive) => T): T {
  const path = join(directory, 'journal.db');
  if (journal !== null && fileAt(path) !== journalFile) close();
  journalFile = fileAt(path);
  journal ??= new DatabaseSync(path, {
    readOnly: true,
    timeout: BUSY_TIMEOUT_MS,
  });
  try {
    return question(new Archive(journal));
  } catch (error) {
    close();
    throw error;
  }
}

const calls: HistoryCalls = {
  start(where) {
    directory = where;
  },
  record: (batch) => looks.record(batch),
  looks: (check, limit) => looks.looks(check, limit),
  days: (check, limit) => looks.days(check, limit),
  incidents: (query) => ask((archive) => archive.incidents(query)),
  notifications: (query) => ask((archive) => archive.notifications(query)),
  prune: (before, limit) => looks.prune(before, limit),
  optimise: () => looks.optimise(),
  close() {
    looks.close();
    close();
  },
};

serve(calls);
