/**
 * Monika, from npm, in a folder of its own under the temporary ones, where it stays for the next
 * run: never a dependency of ours. It wants an older Node, the system's. It is late by design: it
 * waits one to three seconds before each look, and counts its interval from the end of the last.
 */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { PROBER_CORE, TARGET_CORE } from './cost.ts';
import type { Contender } from './contender.ts';
import { outputOf, start } from './program.ts';

const VERSION = '1.22.0';
const HOME = join(tmpdir(), `tocsin-bench-monika-${VERSION}`);
const PROGRAM = join(HOME, 'node_modules/@hyperjumptech/monika/bin/run');
const INSTALLED = join(HOME, 'installed');
/** npm puts ours first. */
const OF_THE_SYSTEM = ['env', 'PATH=/usr/bin:/bin'];
/** It reads its configuration and says nothing that tells when it is ready. */
const START_MS = 5_000;

/** False, with the reason said, where it cannot be had: the others are measured without it. */
export async function installMonika(): Promise<boolean> {
  if (existsSync(INSTALLED)) return true;
  mkdirSync(HOME, { recursive: true });
  const npm = (...argv: readonly string[]) =>
    outputOf(TARGET_CORE, [...OF_THE_SYSTEM, 'npm', '--prefix', HOME, ...argv]);
  try {
    // Of all that would run at the install, only its database's library is built, from source.
    await npm('install', '--ignore-scripts', `@hyperjumptech/monika@${VERSION}`);
    await npm('rebuild', 'sqlite3', '--build-from-source', '--nodedir=/usr');
    writeFileSync(INSTALLED, '');
    return true;
  } catch (error) {
    console.error(`without Monika: ${String(error).slice(0, 500)}`);
    return false;
  }
}

export const MONIKA: Contender = {
  name: 'Monika',
  async start(size, world, directory, everyMs) {
    const probes = Array.from({ length: size }, (_, i) => ({
      id: `c${i}`,
      name: `c${i}`,
      interval: everyMs / 1000,
      ...{ incidentThreshold: 1, recoveryThreshold: 1 },
      requests: [{ url: world.url(i), method: 'GET', timeout: 5_000 }],
      alerts: [{ assertion: 'response.status != 200', message: 'down' }],
    }));
    const notifications = [{ id: 'sink', type: 'webhook', data: { url: world.sink } }];
    const file = join(directory, 'monika.json');
    writeFileSync(file, JSON.stringify({ probes, notifications }));
    const monika = start(
      PROBER_CORE,
      // Without STUN, which would ask the internet who we are.
      [...OF_THE_SYSTEM, 'node', PROGRAM, '-c', file, '--stun=-1', '--skip-start-message'],
      { cwd: directory },
    );
    await pause(START_MS);
    return { pids: [monika.pid], stop: () => monika.stop() };
  },
};
