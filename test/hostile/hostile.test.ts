/**
 * Every hostile target is looked at by a process of its own (`run.ts`), which also says what looking
 * has cost it; here its report is held against the tables.
 */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import { corpus, http, tls } from './corpus.ts';
import type { Report } from './run.ts';

const MIB = 1_048_576;

let report: Report;

beforeAll(async () => {
  const run = fileURLToPath(new URL('run.ts', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', run], {
    maxBuffer: MIB,
  });
  report = JSON.parse(stdout) as Report;
  const worst = report.outcomes.reduce((a, b) => (a.lateMs > b.lateMs ? a : b));
  const grown = (report.grownRssBytes / MIB).toFixed(1);
  console.info(
    `${report.outcomes.length} hostile targets; latest, by ${worst.lateMs.toFixed(1)} ms: ${worst.name}; grown by ${grown} MiB`,
  );
}, 60_000);

describe('a hostile target', () => {
  test.each(corpus.map((target, at) => ({ ...target, at })))(
    '$name: $expected',
    ({ name, expected, at }) => {
      const outcome = report.outcomes[at]!;
      expect(outcome).toMatchObject({ name, seen: expected });
      expect(outcome.isLate, `${outcome.lateMs} ms after the deadline`).toBe(false);
      expect(outcome.brief).toMatch(/^\P{C}{0,60}$/u);
    },
  );
});

describe('all of them together', () => {
  test('are at least 60 over HTTP and 15 over TLS, each called by a name of its own', () => {
    expect(http.length).toBeGreaterThanOrEqual(60);
    expect(tls.length).toBeGreaterThanOrEqual(15);
    expect(new Set(corpus.map(({ name }) => name)).size).toBe(corpus.length);
  });

  test('leave the process no more than 32 MiB bigger', () => {
    expect(report.grownRssBytes).toBeLessThan(32 * MIB);
    expect(report.grownHeapBytes).toBeLessThan(16 * MIB);
  });

  test('leave no socket open and no deadline ticking', () => {
    expect(report.left).toEqual([]);
  });
});
