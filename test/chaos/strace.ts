/**
 * Faults that a system call brings back, by strace: at a start, or into a daemon that runs. A count
 * (`when=`) is of each thread by itself; the journal's thread is the one that syncs.
 * https://man7.org/linux/man-pages/man1/strace.1.html
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** The daemon stays the child that was started: strace is a grandchild. */
export function straced(calls: string, injected: string): readonly string[] {
  const what = ['-e', `trace=${calls}`, '-e', `inject=${calls}:${injected}`];
  return ['strace', '-D', '-f', '-qqq', '-o', '/dev/null', ...what];
}

/** Resolves when it is in force; call what it resolves with to end it. */
export async function inject(
  pid: number,
  calls: string,
  injected: string,
): Promise<() => Promise<void>> {
  const what = ['-e', `trace=${calls}`, '-e', `inject=${calls}:${injected}`];
  const args = ['-f', '-o', '/dev/null', ...what, '-p', `${pid}`];
  const strace = spawn('strace', args, { stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = once(strace, 'close');
  for await (const line of createInterface({ input: strace.stderr })) {
    if (line.includes('attached')) break;
  }
  return async () => {
    strace.kill('SIGINT');
    await ended;
  };
}
