/**
 * What `npm pack` makes is what a user installs: it runs without the sources, without
 * devDependencies and without install scripts. The one thing that breaks unseen is a file that is
 * named at run time, such as the store's worker.
 */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const run = promisify(execFile);
const home = mkdtempSync(join(tmpdir(), 'tocsin-package-'));
const bin = join(home, 'node_modules', '.bin', 'tocsin');
/** The bin's first line says `env node`: it must find the Node that this test runs on. */
const env = { ...process.env, PATH: `${dirname(process.execPath)}:${process.env['PATH'] ?? ''}` };

const CHECKS = `
version: 1
listen: { operator: 127.0.0.1:0, public: 127.0.0.1:0 }
checks: { itself: { tcp: 127.0.0.1:9, every: 1h } }
`;

describe('the package', () => {
  beforeAll(async () => {
    await run('npm', ['pack', '--pack-destination', home], { env });
    writeFileSync(join(home, 'package.json'), '{ "private": true }');
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
    const flags = ['--omit=dev', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund'];
    await run('npm', ['install', ...flags, `./tocsin-${version}.tgz`], { cwd: home, env });
    writeFileSync(join(home, 'checks.yml'), CHECKS);
  }, 180_000);
  afterAll(() => {
    rmSync(home, { recursive: true });
  });

  it('says what it can do', async () => {
    const { stdout } = await run(bin, ['--help'], { cwd: home, env });
    expect(stdout).toContain('validate');
  });

  it('knows the shipped checks.yml for valid', async () => {
    const shipped = join(home, 'node_modules', 'tocsin', 'checks.yml');
    await run(bin, ['validate', '--config', shipped], { cwd: home, env });
  });

  it('refuses a wrong one with exit code 2', async () => {
    const wrong = join(home, 'wrong.yml');
    writeFileSync(wrong, 'version: 1\nchecks: { a: { htp: x } }\n');
    const failed = run(bin, ['validate', '--config', wrong], { cwd: home, env });
    await expect(failed).rejects.toMatchObject({ code: 2 });
  });

  it('runs, keeps its journal, and stops when told to', async () => {
    const daemon = spawn(bin, ['run'], { cwd: home, env, stdio: ['ignore', 'pipe', 'pipe'] });
    try {
      let said = '';
      daemon.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
      await new Promise<void>((resolve, reject) => {
        daemon.once('exit', (code) => {
          reject(new Error(`ended with ${String(code)}: ${said}`));
        });
        daemon.stdout.on('data', (chunk: Buffer) => {
          said += chunk.toString();
          if (said.includes('"started"')) resolve();
        });
      });
      daemon.kill('SIGTERM');
      const [code] = (await once(daemon, 'exit')) as [number | null];
      expect(code).toBe(0);
      const journal = readFileSync(join(home, 'data', 'journal.db'));
      expect(journal.subarray(0, 15).toString()).toBe('SQLite format 3');
    } finally {
      daemon.kill('SIGKILL');
    }
  });
});
