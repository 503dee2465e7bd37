/** What a daemon asks of the process that it is: its signals, and whether its loop is held up. */
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

const SAMPLE_MS = 10;
const REPORT_MS = 1_000;

/**
 * Reports every second the longest time, in seconds, for which the event loop was held up in it.
 * The sampling is native: an idle process pays no JavaScript for it but the report.
 */
export function watchLoop(clock: Clock, onBlock: (seconds: number) => void): Alarm {
  const delay = monitorEventLoopDelay({ resolution: SAMPLE_MS });
  delay.enable();
  let alarm = clock.alarm(clock.now() + REPORT_MS, report);
  return {
    cancel() {
      delay.disable();
      alarm.cancel();
    },
  };

  function report(): void {
    // What is measured is the time between two samples, of which SAMPLE_MS were wanted.
    onBlock(Math.max(0, delay.max / 1e6 - SAMPLE_MS) / 1_000);
    delay.reset();
    alarm = clock.alarm(clock.now() + REPORT_MS, report);
  }
}
