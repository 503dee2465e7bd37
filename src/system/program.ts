/**
 * A program that is run for a look: argv without a shell, the environment that it is given and no
 * other, output and time bounded. It leads a process group of its own, and what is left of that is
 * killed at the end: whatever a plugin has started does not outlive the look.
 */
import { spawn } from 'node:child_process';
import type { ChildProcessByStdio } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { Limit } from './_limit.ts';
import type { Clock } from './clock.ts';
import type { Signal } from './signal.ts';

export interface Program {
  /** The first is looked for in the usual directories, if it is not a path. */
  readonly argv: readonly [string, ...string[]];
  /** Beside a PATH of the system's directories and the locale C, unless it has its own. */
  readonly env: Readonly<Record<string, string>>;
  /** What it can read; left out: nothing. */
  readonly input?: string;
  /** Of what it prints, on both streams together. */
  readonly maxBytes: number;
  readonly timeoutMs: number;
  readonly signal: Signal;
}

export interface Ran {
  /** null: a signal ended it. */
  readonly exitCode: number | null;
  readonly killedBy: string | null;
  readonly output: string;
  readonly errors: string;
}

export interface NotRun {
  /** `timeout`: it was killed, or had not ended in time; `too_large`: it was killed for printing too much. */
  readonly failure: 'missing' | 'forbidden' | 'timeout' | 'too_large' | 'internal';
  /** For people, without arguments. */
  readonly detail: string;
}

export type RunProgram = (program: Program) => Promise<Ran | NotRun>;

const PLAIN_ENV = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  LC_ALL: 'C',
};
const NOT_STARTED: Readonly<Record<string, NotRun>> = {
  ENOENT: { failure: 'missing', detail: 'no such program' },
  ENOTDIR: { failure: 'missing', detail: 'no such program' },
  EACCES: { failure: 'forbidden', detail: 'may not be run' },
  EPERM: { failure: 'forbidden', detail: 'may not be run' },
};

/** Never rejects. */
export function programRunner(clock: Clock): RunProgram {
  return async (program) => {
    const limit = new Limit(clock, program.timeoutMs, program.signal);
    try {
      return await run(program, limit.signal);
    } finally {
      limit.release();
    }
  };
}

function run({ argv, env, maxBytes, input }: Program, signal: AbortSignal): Promise<Ran | NotRun> {
  return new Promise((resolve) => {
    const late: NotRun = { failure: 'timeout', detail: 'not ended' };
    if (signal.aborted) {
      resolve(late);
      return;
    }
    const [file, ...args] = argv;
    let child: ChildProcessByStdio<Writable, Readable, Readable>;
    try {
      child = spawn(file, args, {
        cwd: '/',
        detached: true,
        env: { ...PLAIN_ENV, ...env },
        stdio: 'pipe',
      });
    } catch (error) {
      resolve(notStarted(error));
      return;
    }
    const printed = { output: [] as Buffer[], errors: [] as Buffer[] };
    let bytes = 0;
    let exit: Pick<Ran, 'exitCode' | 'killedBy'> | null = null;

    const end = (outcome: NotRun | null): void => {
      signal.removeEventListener('abort', stop);
      killGroup(child.pid);
      child.stdout.destroy();
      child.stderr.destroy();
      const output = Buffer.concat(printed.output).toString();
      const errors = Buffer.concat(printed.errors).toString();
      resolve(outcome ?? { exitCode: null, killedBy: null, ...exit, output, errors });
    };
    /** Has it ended, and only a stranger holds its pipes? Then it was in time. */
    const stop = (): void => {
      end(exit === null ? late : null);
    };
    const collect = (into: Buffer[]) => (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= maxBytes) into.push(chunk);
      else end({ failure: 'too_large', detail: `more than ${maxBytes >> 10} KiB of output` });
    };
    signal.addEventListener('abort', stop, { once: true });
    // One that does not read, or has ended, says so by how it ends.
    child.stdin.on('error', () => undefined).end(input);
    child.stdout.on('data', collect(printed.output));
    child.stderr.on('data', collect(printed.errors));
    child.on('error', (error) => {
      end(notStarted(error));
    });
    child.on('exit', (exitCode, killedBy) => {
      exit = { exitCode, killedBy };
      killGroup(child.pid);
    });
    child.on('close', () => {
      end(null);
    });
  });
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Nobody is left in it; or a program with more rights than ours, which is out of reach.
  }
}

function notStarted(error: unknown): NotRun {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return NOT_STARTED[code] ?? { failure: 'internal', detail: `cannot be run (${code})` };
}
