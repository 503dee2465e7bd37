/** The journal on a disk that fails: nothing is thrown, nothing is half there, and it recovers. */
import { mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openDatabase } from '../../src/store/_database.ts';
import { Journal } from '../../src/store/journal.ts';
import { JOURNAL } from '../../src/store/migrations/index.ts';
import type { Change } from '../../src/incident/change.ts';
import { change, checkState, HOUR, incident, NOON } from './rows.ts';

const KIND = { ...JOURNAL, synchronous: 'FULL', verify: true } as const;

let directory: string;
let path: string;
let troubles: string[];
/** What happens to each connection when it is opened. */
let prepare: (db: DatabaseSync) => void;
let journal: Journal;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'tocsin-store-'));
  path = join(directory, 'journal.db');
  troubles = [];
  prepare = () => {};
  journal = new Journal(
    join(directory, 'journal.db'),
    () => {
      const db = openDatabase(path, KIND);
      prepare(db);
      return db;
    },
    (what) => troubles.push(what),
  );
});
afterEach(() => {
  journal.close();
  rmSync(directory, { recursive: true });
});

const opening = (n: number, epoch = 1): Change =>
  change({ seq: n, epoch, incidents: [incident(`i${n}`, { title: 'x'.repeat(2_000) })] });

const ids = (): string[] => journal.load(NOON, HOUR).incidents.map((row) => row.id);

it('answers failed while the disk is full, keeps what was stored, and stores again after', () => {
  prepare = (db) => {
    const pages = Number(db.prepare('PRAGMA page_count').get()?.['page_count']);
    db.exec(`PRAGMA max_page_count = ${pages + 8}`);
  };
  journal.raiseEpoch();
  const stored: string[] = [];
  let n = 1;
  while (journal.append([opening(n)])[0] === 'stored') stored.push(`i${n++}`);
  expect(stored.length).toBeGreaterThan(2);
  expect(troubles.join()).toContain('full');
  expect(ids().sort()).toEqual(stored.sort());
  prepare = () => {};
  journal.close();
  expect(journal.append([opening(n)])).toEqual(['stored']);
  expect(ids()).toContain(`i${n}`);
});

it('keeps a snapshot on a disk that has no room for more, and says that it cannot be relied on', () => {
  const epoch = journal.raiseEpoch();
  const snapshot = (n: number): string => {
    journal.snapshotPart({ incidents: [incident(`i${n}`)] });
    return journal.snapshot(n, epoch, NOON, 1);
  };
  symlinkSync('/dev/full', `${path}.room`);
  expect(snapshot(1)).toBe('failed');
  expect(ids()).toEqual(['i1']);
  expect(troubles).toEqual([expect.stringContaining('no space left on device')]);
  expect(snapshot(2)).toBe('stored');
  expect(readdirSync(directory)).not.toContain('journal.db.room');
});

it('opens a new connection after a failure, and tells of it', () => {
  let opened = 0;
  prepare = (db) => {
    opened++;
    if (opened === 1) db.exec('PRAGMA query_only = ON');
  };
  expect(journal.append([opening(1)])).toEqual(['failed']);
  expect(journal.append([opening(1)])).toEqual(['stored']);
  expect(opened).toBe(2);
  expect(troubles).toHaveLength(1);
});

it('answers failed when the file cannot even be opened', () => {
  prepare = () => {
    throw new Error('no such disk');
  };
  expect(journal.append([opening(1)])).toEqual(['failed']);
  expect(journal.saveChecks([checkState('shop')], NOON)).toBe('failed');
  expect(journal.snapshot(1, 1, NOON, 0)).toBe('failed');
  journal.optimise();
  expect(() => journal.load(NOON, HOUR)).toThrow('no such disk');
});

it('stores none of a group when one cannot be written', () => {
  journal.raiseEpoch();
  const unwritable = { ...opening(2), cursors: [{ channel: 'sms', value: {} as string }] };
  expect(journal.append([opening(1), unwritable, opening(3)])).toEqual([
    'failed',
    'failed',
    'failed',
  ]);
  expect(ids()).toEqual([]);
  expect(journal.append([opening(4), opening(5)])).toEqual(['stored', 'stored']);
  expect(journal.load(NOON, HOUR).seq).toBe(5);
});

it('fences only what is of an earlier epoch in a group', () => {
  journal.raiseEpoch();
  journal.raiseEpoch();
  expect(journal.append([opening(1, 2), opening(2, 1), opening(3, 2)])).toEqual([
    'stored',
    'fenced',
    'stored',
  ]);
  expect(ids()).toEqual(['i1', 'i3']);
});

it('does not take a snapshot of which a part was lost for the whole board', () => {
  journal.raiseEpoch();
  journal.append([opening(1)]);
  journal.snapshotPart({ checks: [checkState('shop')] });
  expect(journal.snapshot(9, 1, NOON, 2)).toBe('failed');
  expect(journal.load(NOON, HOUR)).toMatchObject({ seq: 1, checks: [] });
  expect(ids()).toEqual(['i1']);
});

it('waits for another program that holds the file, then answers failed and goes on', () => {
  prepare = (db) => db.exec('PRAGMA busy_timeout = 20');
  journal.raiseEpoch();
  const other = new DatabaseSync(path);
  other.exec('BEGIN IMMEDIATE');
  expect(journal.append([opening(1)])).toEqual(['failed']);
  other.exec('ROLLBACK');
  expect(journal.append([opening(2)])).toEqual(['stored']);
  expect(ids()).toEqual(['i2']);
  other.close();
});
