/**
 * The thread of everything that may be slow: looks are written here and every question about the
 * past is answered, on connections that cannot write the journal.
 */
import { existsSync, linkSync, rmSync, statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { dirname, join } from 'node:path';
import { moveAside } from './_aside.ts';
import { BUSY_TIMEOUT_MS, fault, messageOf, openDatabase, type DatabaseKind } from './_database.ts';
import { serve, trouble } from './_serve.ts';
import { Archive } from './archive.ts';
import { copyTo, fileAt, sync } from './_place.ts';
import { LookTables } from './history.ts';
import { HISTORY } from './migrations/index.ts';
import type { Day, Dossier, History, Look, Page, Tally } from './store.ts';
import type { Notification } from '../incident/notification.ts';

export interface HistoryCalls {
  start(directory: string): void;
  record(looks: readonly Look[]): number;
  looks(check: string, limit: number): Look[];
  tally(check: string, since: number): Tally;
  days(check: string, limit: number): Day[];
  incidents(query: Parameters<History['incidents']>[0]): Page<Dossier>;
  notifications(query: Parameters<History['notifications']>[0]): Page<Notification>;
  prune(before: number, limit: number): number;
  optimise(): void;
  backup(file: string): { readonly bytes: number } | { readonly refused: string };
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
function ask<T>(question: (archive: Archive, db: DatabaseSync) => T): T {
  const path = join(directory, 'journal.db');
  if (journal !== null && fileAt(path) !== journalFile) close();
  journalFile = fileAt(path);
  journal ??= new DatabaseSync(path, {
    readOnly: true,
    timeout: BUSY_TIMEOUT_MS,
  });
  try {
    return question(new Archive(journal), journal);
  } catch (error) {
    close();
    throw error;
  }
}

function backup(file: string): ReturnType<HistoryCalls['backup']> {
  const draft = `${file}.new`;
  try {
    if (existsSync(file)) return { refused: `${file} is there already` };
    ask((_, db) => {
      copyTo(db, draft);
    });
    // Unlike a rename, it takes nobody's place.
    linkSync(draft, file);
    sync(dirname(file));
    return { bytes: statSync(file).size };
  } catch (error) {
    return { refused: `${file} was not written: ${messageOf(error)}` };
  } finally {
    rmSync(draft, { force: true });
  }
}

const calls: HistoryCalls = {
  start(where) {
    directory = where;
  },
  record: (batch) => looks.record(batch),
  looks: (check, limit) => looks.looks(check, limit),
  tally: (check, since) => looks.tally(check, since),
  days: (check, limit) => looks.days(check, limit),
  incidents: (query) => ask((archive) => archive.incidents(query)),
  notifications: (query) => ask((archive) => archive.notifications(query)),
  prune: (before, limit) => looks.prune(before, limit),
  optimise: () => looks.optimise(),
  backup,
  close() {
    looks.close();
    close();
  },
};

serve(calls);
