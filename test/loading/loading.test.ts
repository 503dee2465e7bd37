/** Wherever a file is read, the same comes of it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { loadAside, loadFile } from '../../src/loading/loading.ts';
import { ENV, FIXTURES, load } from '../config/fixture.ts';

const folder = mkdtempSync(join(tmpdir(), 'tocsin-loading-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** More than is read on the spot. */
function large(last: string): string {
  const file = join(folder, 'large.yml');
  const checks = Array.from({ length: 2_000 }, (_, i) => `  c${i}: { tcp: "10.0.0.1:${i + 1}" }\n`);
  writeFileSync(file, `version: 1\nchecks:\n${checks.join('')}${last}`);
  return file;
}

describe('a thread of its own', () => {
  it('comes to the same configuration, every probe and channel of it', async () => {
    const file = join(FIXTURES, 'supported.yml');
    const here = await load(file);
    expect(here).toHaveProperty('config');
    expect(await loadAside({ file, env: ENV })).toEqual(here);
  });

  it('finds the same problems, at the same places', async () => {
    const file = join(FIXTURES, 'invalid-several.yml');
    expect(await loadAside({ file, env: ENV })).toEqual(await load(file));
  });

  it('is given up when nobody wants the answer any more', async () => {
    const stop = new AbortController();
    const loading = loadAside({ file: large(''), env: {} }, stop.signal);
    stop.abort();
    await expect(loading).rejects.toThrow('given up');
  });
});

describe('a large file', () => {
  it('is read, and a key given twice in it has both its places', async () => {
    expect(await loadFile({ file: large(''), env: {} })).toHaveProperty('config');
    const twice = await loadFile({ file: large('  c7: { tcp: "10.0.0.2:1" }\n'), env: {} });
    expect(twice).toMatchObject({
      problems: [
        { line: 2_003, column: 3, text: expect.stringMatching(/"c7" is already at .*:10:3$/) },
      ],
    });
  });
});
