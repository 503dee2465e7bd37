/** What other processes may do to the data directory, and what kill -9 may not. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openStore } from '../../src/store/open-store.ts';
import type { Store } from '../../src/store/store.ts';
import { VirtualClock } from '../virtual-clock.ts';
import { change, incident, NOON } from './rows.ts';

const APPENDER = join(import.meta.dirname, 'appender.ts');

let parent: string;
let directory: string;
const children: ChildProcess[] = [];

beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'tocsin-store-'));
  directory = join(parent, 'data');
});
afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode === null && child.signalCode === null) await kill(child);
  }
  await rm(parent, { recursive: true });
});

function start(mode: 'append' | 'hold'): { child: ChildProcess; lines: Interface } {
  const child = spawn(process.execPath, [APPENDER, directory, mode], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  return { child, lines: createInterface({ input: child.stdout }) };
}

async function kill(child: ChildProcess): Promise<void> {
  const exit = once(child, 'exit');
  child.kill('SIGKILL');
  await exit;
}

async function open(): Promise<Store> {
  const opened = await openStore({ directory, clock: new VirtualClock(NOON) });
  if ('refused' in opened) throw new Error(opened.refused);
  return opened.store;
}

it('has every Change that was reported stored, whole, after kill -9 in the middle', async () => {
  for (let round = 0; round < 3; round++) {
    const { child, lines } = start('append');
    const reported: number[] = [];
    for await (const line of lines) {
      if (line !== 'ready') reported.push(Number(line));
      if (reported.length === 100 + round * 37) await kill(child);
    }
    expect(reported.length).toBeGreaterThanOrEqual(100);
    const store = await open();
    const { incidents, members, seq } = await store.load();
    const there = new Set(incidents.map((row) => row.id));
    expect(reported.filter((n) => !there.has(`i${n}`))).toEqual([]);
    expect(members.map((row) => row.incident).sort()).toEqual([...there].sort());
    expect(seq).toBeGreaterThanOrEqual(Math.max(...reported));
    await store.close();
  }
});

it('refuses a second daemon, names the first, and lets go by itself after kill -9', async () => {
  const { child, lines } = start('hold');
  await once(lines, 'line');
  const second = await openStore({ directory, clock: new VirtualClock(NOON) });
  expect(second).toHaveProperty('refused', expect.stringContaining(`process ${child.pid}:`));
  await kill(child);
  // The pid is still written there, and belongs to somebody: nobody is fooled.
  await writeFile(join(directory, 'tocsin.pid'), `${process.ppid}\n`);
  const store = await open();
  expect(await readFile(join(directory, 'tocsin.pid'), 'utf8')).toBe(`${process.pid}\n`);
  expect((await store.load()).epoch).toBe(2);
  await store.close();
});

it('refuses a second store in the same process too, and neither disturbs the first', async () => {
  const store = await open();
  expect(await openStore({ directory, clock: new VirtualClock(NOON) })).toHaveProperty('refused');
  const { child, lines } = start('hold');
  const said: unknown[] = await once(lines, 'line');
  expect(said[0]).toContain(`process ${process.pid}:`);
  await once(child, 'exit');
  expect(await store.append(change({ seq: 1, epoch: 1 }))).toBe('stored');
  await store.close();
  expect(existsSync(join(directory, 'tocsin.pid'))).toBe(false);
});

it('keeps the files to its owner and readable by other processes while it runs', async () => {
  const store = await open();
  await store.append(change({ seq: 1, epoch: 1, incidents: [incident('i1')] }));
  await store.history.looks('shop', 1);
  expect((await stat(directory)).mode & 0o777).toBe(0o700);
  for (const name of ['journal.db', 'journal.db-wal', 'history.db', 'lock.db', 'tocsin.pid']) {
    expect([name, (await stat(join(directory, name))).mode & 0o777]).toEqual([name, 0o600]);
  }
  const script = `
    const { DatabaseSync } = require('node:sqlite');
    const db = new DatabaseSync(process.argv[1], { readOnly: true });
    console.log(db.prepare("SELECT body ->> 'title' AS title FROM incident").get().title);`;
  const reader = spawn(process.execPath, ['-e', script, join(directory, 'journal.db')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(reader);
  const said: unknown[] = await once(createInterface({ input: reader.stdout }), 'line');
  expect(said).toEqual(['Shop home page']);
  await once(reader, 'exit');
  await store.close();
});

it('is fenced when another daemon has taken the data over behind its back', async () => {
  const store = await open();
  const other = new DatabaseSync(join(directory, 'journal.db'));
  other.exec('UPDATE meta SET epoch = 2');
  other.close();
  expect(await store.append(change({ seq: 1, epoch: 1 }))).toBe('fenced');
  expect(await store.saveChecks([])).toBe('fenced');
  await store.close();
});
