/**
 * What a daemon asks of the process that it is: its signals, how many files it may have open, and
 * whether its loop is held up.
 */
import { readFileSync } from 'node:fs';
import { hostname, networkInterfaces, userInfo } from 'node:os';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Alarm, Clock } from './clock.ts';

export type Signal = 'SIGHUP' | 'SIGTERM' | 'SIGINT';

/** Signals that came before anybody could act on them. */
const early: Signal[] = [];
const keep = (signal: Signal): void => {
  early.push(signal);
};

/**
 * From here on these wait for `onSignals` instead of ending the process: loading the modules of a
 * daemon takes a while, and a reload that comes meanwhile must not end it.
 */
export function holdSignals(signals: readonly Signal[]): void {
  for (const signal of signals) process.on(signal, keep);
}

/** Calls back on each of these signals instead of ending. Returns how to stop listening. */
export function onSignals(signals: readonly Signal[], heard: (signal: Signal) => void): () => void {
  for (const signal of signals) {
    process.on(signal, heard);
    process.off(signal, keep);
  }
  for (const signal of early.splice(0)) heard(signal);
  return () => {
    for (const signal of signals) process.off(signal, heard);
  };
}

/** More would cost memory before they are of use: at 10 KB each it is 100 MB. */
const MOST_SOCKETS = 10_000;
/** Where the limit cannot be read, as outside Linux. */
const USUAL_LIMIT = 4_096;

/**
 * How many sockets looks may hold: half of the files that this process may have open, so that pages,
 * listeners and the store always get theirs. Reads a file: for the start.
 */
export function mostSockets(file = '/proc/self/limits'): number {
  return Math.min(MOST_SOCKETS, Math.floor(openFiles(file) / 2));
}

/** How many files a process may have open; of this one unless another's limits are named. Reads a file. */
export function openFiles(file = '/proc/self/limits'): number {
  try {
    const [, soft = ''] = /^Max open files +(\w+)/m.exec(readFileSync(file, 'utf8')) ?? [];
    return soft === 'unlimited' ? Infinity : Number(soft) || USUAL_LIMIT;
  } catch {
    return USUAL_LIMIT;
  }
}

/** By what others may call this machine: its name, and its addresses but those of the loopback. */
export function ownNames(): readonly string[] {
  const addresses = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  const outer = addresses.filter(({ internal }) => !internal);
  return [hostname(), ...outer.map(({ address }) => address)];
}

/** Since the process began, modules and configuration included. */
export function uptimeMs(): number {
  return process.uptime() * 1_000;
}

const REPORT_MS = 1_000;

/**
 * Reports every second the longest time, in seconds, for which one turn of the event loop held up
 * all others in it. Each turn is timed natively: what samples by a timer wakes an idle process for it.
 */
export function watchLoop(clock: Clock, onBlock: (seconds: number) => void): Alarm {
  const turns = monitorEventLoopDelay({ samplePerIteration: true });
  turns.enable();
  let alarm = clock.alarm(clock.now() + REPORT_MS, report);
  return {
    cancel() {
      turns.disable();
      alarm.cancel();
    },
  };

  function report(): void {
    onBlock(turns.max / 1e9);
    turns.reset();
    alarm = clock.alarm(clock.now() + REPORT_MS, report);
  }
}

/** Whose account this process runs under; null: one that the system has no name for. */
export function accountName(): string | null {
  try {
    return userInfo().username;
  } catch {
    return null;
  }
}
