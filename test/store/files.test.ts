/** Files that are not as they were left: refused or set aside, never silently begun anew. */
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { emptyBoard } from '../../src/incident/board.ts';
import { openDatabase } from '../../src/store/_database.ts';
import { JournalTables } from '../../src/store/_journal-tables.ts';
import { JOURNAL } from '../../src/store/migrations/index.ts';
import { openStore } from '../../src/store/open-store.ts';
import type { Store } from '../../src/store/store.ts';
import { VirtualClock } from '../virtual-clock.ts';
import { change, DAY, incident, look, NOON, silence } from './rows.ts';

let directory: string;
let journal: string;
let troubles: string[];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tocsin-store-'));
  journal = join(directory, 'journal.db');
  troubles = [];
});
afterEach(() => rm(directory, { recursive: true }));

const attempt = (): ReturnType<typeof openStore> =>
  openStore({
    directory,
    clock: new VirtualClock(NOON),
    emit: (event) => event.type === 'trouble' && troubles.push(event.what),
  });

async function open(): Promise<Store> {
  const opened = await attempt();
  if ('refused' in opened) throw new Error(opened.refused);
  return opened.store;
}

async function leaveAJournal(): Promise<void> {
  const store = await open();
  await store.append(change({ seq: 1, epoch: 1, incidents: [incident('i1')] }));
  await store.close();
}

async function alter(path: string, sql: string): Promise<void> {
  const db = new DatabaseSync(path);
  db.exec(sql);
  db.close();
}

it('a journal that was being changed when its daemon was killed, at its first start, is undone and used', async () => {
  await leaveAJournal();
  // Not in WAL mode yet: what a change takes back is in a file of its own.
  await alter(journal, 'PRAGMA journal_mode = DELETE');
  const db = new DatabaseSync(journal);
  db.exec('PRAGMA cache_size = 1; BEGIN IMMEDIATE; CREATE TABLE half (made)');
  const insert = db.prepare('INSERT INTO half VALUES (zeroblob(4000))');
  for (let n = 0; n < 50; n++) insert.run();
  const killed = await Promise.all([readFile(journal), readFile(`${journal}-journal`)]);
  db.exec('ROLLBACK');
  db.close();
  await writeFile(journal, killed[0]);
  await writeFile(`${journal}-journal`, killed[1]);

  const store = await open();
  expect((await store.load()).incidents.map(({ id }) => id)).toEqual(['i1']);
  expect(await store.append(change({ seq: 2, epoch: 2 }))).toBe('stored');
  expect(troubles).toEqual([]);
  await store.close();
  expect(existsSync(`${journal}-journal`)).toBe(false);
});

describe('a journal', () => {
  const spoilt: { how: string; says: string; spoil: () => Promise<void> }[] = [
    {
      how: 'is garbage',
      says: 'is not a database',
      spoil: () => writeFile(journal, 'these are not the incidents that you are looking for'),
    },
    { how: 'is empty', says: 'is empty', spoil: () => writeFile(journal, '') },
    { how: 'is cut short', says: 'is cut short', spoil: () => truncate(journal, 50) },
    {
      how: 'belongs to another program',
      says: 'is a database of another program',
      spoil: () => alter(journal, 'PRAGMA application_id = 7'),
    },
    {
      how: 'is newer',
      says: `newer Tocsin (schema 99, this one knows ${JOURNAL.migrations.length})`,
      spoil: () => alter(journal, 'PRAGMA user_version = 99'),
    },
    {
      how: 'has a damaged page',
      says: 'is damaged',
      async spoil() {
        const bytes = await readFile(journal);
        bytes.fill(0xff, 4096 * 2, 4096 * 6);
        await writeFile(journal, bytes);
      },
    },
    {
      how: 'has lost its second half',
      says: 'is damaged',
      async spoil() {
        const bytes = await readFile(journal);
        await truncate(journal, Math.floor(bytes.length / 8192) * 4096);
      },
    },
  ];

  it.each(spoilt)('that $how is refused, and a copy kept once', async ({ says, spoil }) => {
    await leaveAJournal();
    await spoil();
    const before = await readFile(journal);
    for (let start = 0; start < 2; start++) {
      const opened = await attempt();
      expect(opened).toHaveProperty('refused', expect.stringContaining(says));
    }
    expect(await readFile(journal)).toEqual(before);
    const copies = (await readdir(directory)).filter((name) => name.includes('.refused-'));
    expect(copies).toHaveLength(1);
    expect(await readFile(join(directory, copies[0]!))).toEqual(before);
  });

  it('that is missing beside its -wal is refused', async () => {
    await leaveAJournal();
    await writeFile(`${journal}-wal`, 'what was not checkpointed yet');
    await rm(journal);
    expect(await attempt()).toHaveProperty('refused', expect.stringContaining('is missing'));
    expect(existsSync(journal)).toBe(false);
  });

  it('can be opened again after a refusal, once it is mended', async () => {
    await leaveAJournal();
    await alter(journal, 'PRAGMA user_version = 99');
    await attempt();
    await alter(journal, `PRAGMA user_version = ${JOURNAL.migrations.length}`);
    const store = await open();
    expect((await store.load()).incidents).toHaveLength(1);
    await store.close();
  });

  it('is copied before it is migrated, and keeps its rows', () => {
    const first = { ...JOURNAL, synchronous: 'FULL', verify: true } as const;
    const old = openDatabase(journal, first);
    old.exec(`INSERT INTO cursor VALUES ('sms', 'SM1')`);
    old.close();
    const column = 'ALTER TABLE cursor ADD COLUMN at REAL';
    const second = { ...first, migrations: [...first.migrations, column] };
    const db = openDatabase(journal, second);
    expect(db.prepare('SELECT * FROM cursor').get()).toEqual({
      channel: 'sms',
      value: 'SM1',
      at: null,
    });
    expect(db.prepare('PRAGMA user_version').get()).toEqual({
      user_version: second.migrations.length,
    });
    db.close();
    const copy = new DatabaseSync(`${journal}.before-v${second.migrations.length}`, {
      readOnly: true,
    });
    expect(copy.prepare('SELECT * FROM cursor').get()).toEqual({ channel: 'sms', value: 'SM1' });
    copy.close();
  });

  it('keeps what was silenced until it recovers, and rows written before have every key', () => {
    const how = { ...JOURNAL, synchronous: 'FULL', verify: true } as const;
    const old = openDatabase(journal, { ...how, migrations: how.migrations.slice(0, 1) });
    old.exec(`
      INSERT INTO silence VALUES ('s1', 'edge', NULL, '{"id":"s1","check":"edge",
        "until":"recovered","by":"ana","why":"known","at":5,"endedAt":null}');
      INSERT INTO incident VALUES ('i1', '7K', 'open', 5, NULL, '{"id":"i1"}');
      INSERT INTO member VALUES (1, 'i1', 'edge', '{"incident":"i1","check":"edge"}');`);
    old.close();
    const db = openDatabase(journal, how);
    const { silences, incidents, members } = new JournalTables(db).load(NOON, 0);
    db.close();
    const { tellAt: _tellAt, ...kept } = silence('s1', { covers: ['edge'], why: 'known' });
    expect(silences).toEqual([{ ...kept, tellAt: 5 + DAY, at: 5, startsAt: 5, begunAt: 5 }]);
    expect(incidents[0]).toMatchObject({ openedBy: null, silencedAt: null, orphansDueAt: null });
    expect(members[0]).toMatchObject({ below: null });
  });

  it('is left as it was by a migration that fails', () => {
    const first = { ...JOURNAL, synchronous: 'FULL', verify: true } as const;
    openDatabase(journal, first).close();
    const migrations = [...first.migrations, 'CREATE TABLE extra (a); CREATE TABLE extra (a)'];
    expect(() => openDatabase(journal, { ...first, migrations })).toThrow('already exists');
    const db = openDatabase(journal, first);
    expect(db.prepare(`SELECT name FROM sqlite_schema WHERE name = 'extra'`).all()).toEqual([]);
    db.close();
  });
});

it('refuses a data directory that is a file, and says so', async () => {
  const path = join(directory, 'file');
  await writeFile(path, '');
  const opened = await openStore({ directory: path, clock: new VirtualClock(NOON) });
  expect(opened).toHaveProperty('refused', expect.stringContaining(path));
});

describe('a history', () => {
  it.each([
    { how: 'is garbage', spoil: (path: string) => writeFile(path, 'x'.repeat(5_000)) },
    { how: 'is empty', spoil: (path: string) => writeFile(path, '') },
    { how: 'is newer', spoil: (path: string) => alter(path, 'PRAGMA user_version = 99') },
    {
      how: 'is damaged inside',
      async spoil(path: string) {
        const bytes = await readFile(path);
        await writeFile(path, bytes.fill(0xff, 4096));
      },
    },
  ])('that $how is moved aside, told of, and begun anew', async ({ spoil }) => {
    await leaveAJournal();
    const path = join(directory, 'history.db');
    let store = await open();
    store.history.record(look('shop', NOON));
    await store.close();
    await spoil(path);
    const before = await readFile(path);
    store = await open();
    // What is wrong inside shows at the first use, which it costs.
    expect(await store.history.looks('shop', 9)).toEqual([]);
    store.history.record(look('shop', NOON + 1));
    await store.close();
    expect(troubles.join('\n')).toContain('a new one begun');
    const moved = (await readdir(directory)).filter((name) => /db\.corrupt-\w+$/.test(name));
    expect(moved).toHaveLength(1);
    expect(await readFile(join(directory, moved[0]!))).toEqual(before);
    store = await open();
    expect(await store.history.looks('shop', 9)).toEqual([look('shop', NOON + 1)]);
    expect((await store.load()).incidents).toHaveLength(1);
    await store.close();
  });
});

describe('a journal that is taken away while it is open', () => {
  const rows = { incidents: [incident('i1')] };
  const files = () => readdir(directory);

  it('is put back as it was at the next write, and nothing is lost', async () => {
    const store = await open();
    await store.append(change({ seq: 1, epoch: 1, ...rows }));
    await rm(journal);
    expect(await store.append(change({ seq: 2, epoch: 1, incidents: [incident('i2')] }))).toBe(
      'stored',
    );
    expect(troubles).toEqual([expect.stringMatching(/journal.db was deleted or replaced/)]);
    const listed = await store.history.incidents({ limit: 10 });
    expect(listed.items.map((item) => item.incident.id).toSorted()).toEqual(['i1', 'i2']);
    await store.close();
    const again = await open();
    expect((await again.load()).incidents).toHaveLength(2);
    await again.close();
  });

  it('with all that belongs to it, is put back too', async () => {
    const store = await open();
    await store.append(change({ seq: 1, epoch: 1, ...rows }));
    for (const name of await files()) await rm(join(directory, name));
    expect(await store.append(change({ seq: 2, epoch: 1 }))).toBe('stored');
    await store.close();
    const again = await open();
    expect((await again.load()).incidents).toHaveLength(1);
    await again.close();
  });

  it('and replaced is put back, with the other one kept beside it', async () => {
    const store = await open();
    await store.append(change({ seq: 1, epoch: 1, ...rows }));
    await rm(journal);
    await writeFile(journal, 'of somebody else');
    expect(await store.append(change({ seq: 2, epoch: 1 }))).toBe('stored');
    const kept = (await files()).filter((name) => name.startsWith('journal.db.replaced-'));
    expect(kept.length).toBeGreaterThan(0);
    const texts = await Promise.all(kept.map((name) => readFile(join(directory, name), 'latin1')));
    expect(texts).toContain('of somebody else');
    await store.close();
  });

  it('with its directory, is without memory until there is one, then written anew', async () => {
    const store = await open();
    await store.append(change({ seq: 1, epoch: 1, ...rows }));
    await rm(directory, { recursive: true });
    expect(await store.append(change({ seq: 2, epoch: 1 }))).toBe('failed');
    await mkdir(directory);
    expect(await store.snapshot({ ...emptyBoard(1), seq: 2 })).toBe('stored');
    expect(await store.load()).toMatchObject({ seq: 2, epoch: 1 });
    await store.close();
  });
});

describe('a backup', () => {
  it('is a journal of its own, for its owner only, and takes the place of nothing', async () => {
    const store = await open();
    await store.append(change({ seq: 1, epoch: 1, incidents: [incident('i1')] }));
    const copy = join(directory, 'copy', 'journal.db');
    await mkdir(join(directory, 'copy'));
    expect(await store.history.backup(copy)).toEqual({ bytes: (await stat(copy)).size });
    expect((await stat(copy)).mode & 0o777).toBe(0o600);
    expect(await store.history.backup(copy)).toEqual({ refused: `${copy} is there already` });
    await store.close();
    directory = join(directory, 'copy');
    const restored = await open();
    expect((await restored.load()).incidents).toMatchObject([{ id: 'i1' }]);
    await restored.close();
    directory = join(directory, '..');
  });

  it('that cannot be written says why, and leaves nothing behind', async () => {
    const store = await open();
    const place = join(directory, 'nowhere', 'copy.db');
    const { refused } = (await store.history.backup(place)) as { refused: string };
    expect(refused).toMatch(/copy\.db was not written: unable to open database/);
    await store.close();
  });
});

it.each(['/proc/nope', '/proc/nope/data', '/dev/null/data'])(
  '%s is refused with words',
  async (place) => {
    const opened = await openStore({ directory: place, clock: new VirtualClock(NOON) });
    expect(opened).toEqual({
      refused: expect.stringMatching(/^\/(?:proc|dev)\/.* cannot hold the journal: /),
    });
  },
);
