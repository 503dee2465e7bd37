/** Programs on a core of their own: started, waited for until they answer, and ended by their pid. */
import { execFile, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';

const execute = promisify(execFile);

export interface Program {
  readonly pid: number;
  readonly child: ChildProcess;
  stop(): Promise<void>;
}

const STOP_PATIENCE_MS = 12_000;
const START_PATIENCE_MS = 15_000;

/** What it says on stderr is said on ours. `ipc`: it is a Node that talks with us. */
export function start(
  core: number,
  argv: readonly string[],
  { cwd = process.cwd(), ipc = false } = {},
): Program {
  const child = spawn('taskset', ['-c', String(core), ...argv], {
    stdio: ['ignore', 'ignore', 'inherit', ...(ipc ? (['ipc'] as const) : [])],
    cwd,
  });
  const closed = once(child, 'close');
  let isStopping = false;
  child.once('exit', (code, signal) => {
    if (!isStopping) console.error(`ended by itself, ${signal ?? code}: ${argv.join(' ')}`);
  });
  return {
    pid: child.pid!,
    child,
    async stop() {
      isStopping = true;
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGTERM');
      const alarm = setTimeout(() => child.kill('SIGKILL'), STOP_PATIENCE_MS);
      await closed;
      clearTimeout(alarm);
    },
  };
}

/** Runs it to its end and gives what it wrote to stdout. */
export async function outputOf(core: number, argv: readonly string[]): Promise<string> {
  const { stdout } = await execute('taskset', ['-c', String(core), ...argv]);
  return stdout;
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

export async function untilListening(port: number): Promise<void> {
  for (const deadline = performance.now() + START_PATIENCE_MS; performance.now() < deadline;) {
    const socket = connect({ host: '127.0.0.1', port });
    const isThere = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (isThere) return;
    await pause(50);
  }
  throw new Error(`nothing listens on port ${port}`);
}

/** What is in it is gone when the work is done. */
export async function inScratch<T>(work: (directory: string) => Promise<T>): Promise<T> {
  const directory = mkdtempSync(join(tmpdir(), 'tocsin-bench-'));
  try {
    return await work(directory);
  } finally {
    rmSync(directory, { recursive: true });
  }
}
