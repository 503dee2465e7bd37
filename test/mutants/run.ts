/**
 * Plants each bug of `mutants.ts` in a copy of the sources and waits for somebody to find it: the
 * simulation, or the test that is named. `node test/mutants/run.ts` tries all; with words, those whose
 * description has them all.
 */
import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MUTANTS, type Mutant } from './mutants.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PATIENCE_MS = 15_000;
const COPIED = ['src', 'test', 'alerts', 'package.json', 'vitest.config.ts', 'tsconfig.json'];

export interface Trial {
  readonly mutant: Mutant;
  /** null: nobody has found it. */
  readonly foundBy: string | null;
  readonly tookMs: number;
}

/** Throws if the text that is to be replaced does not occur exactly once. */
export async function plant(mutant: Mutant): Promise<Trial> {
  const copy = mkdtempSync(join(tmpdir(), 'tocsin-mutant-'));
  try {
    for (const name of COPIED) cpSync(join(ROOT, name), join(copy, name), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
    const file = join(copy, mutant.file);
    const source = readFileSync(file, 'utf8');
    if (source.split(mutant.from).length !== 2) {
      throw new Error(`${mutant.file} does not hold this once: ${mutant.from}`);
    }
    writeFileSync(
      file,
      source.replace(mutant.from, () => mutant.to),
    );
    const began = performance.now();
    const foundBy = await seek(copy, mutant);
    return { mutant, foundBy, tookMs: performance.now() - began };
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

/** What found it. */
async function seek(copy: string, { test }: Mutant): Promise<string | null> {
  const args =
    test === undefined
      ? ['test/mutants/seek.ts']
      : ['node_modules/vitest/vitest.mjs', 'run', '--project', 'unit', '--bail', '1', test];
  const child = spawn(process.execPath, args, { cwd: copy, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (text: Buffer) => (said += text.toString()));
  }
  const patience = setTimeout(() => child.kill('SIGKILL'), 2 * PATIENCE_MS);
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  clearTimeout(patience);
  if (code === 0) return null;
  if (code === null) throw new Error(`nothing was said in time:\n${said}`);
  if (test !== undefined) {
    if (!said.includes('FAIL')) throw new Error(`no test failed:\n${said}`);
    return test;
  }
  const promise = /\bI\d+: .*/.exec(said)?.[0];
  if (promise === undefined) throw new Error(`no promise was broken:\n${said}`);
  return promise;
}

if (import.meta.main) {
  const words = process.argv.slice(2);
  const chosen = MUTANTS.filter(({ bug }) => words.every((word) => bug.includes(word)));
  let lost = 0;
  for (const mutant of chosen) {
    const { foundBy, tookMs } = await plant(mutant);
    if (foundBy === null) lost += 1;
    const time = `${(tookMs / 1_000).toFixed(1)} s`;
    console.log(`${foundBy === null ? 'NOT FOUND' : 'found'} in ${time}: ${mutant.bug}`);
    if (foundBy !== null) console.log(`    ${foundBy.slice(0, 120)}`);
  }
  console.log(`${chosen.length - lost} of ${chosen.length} planted bugs found`);
  if (lost > 0) process.exitCode = 1;
}
