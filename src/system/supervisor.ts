/**
 * What we tell whoever has started us, by systemd's protocol (sd_notify(3)); without one, nobody is
 * told. Node cannot send to a unix datagram socket, so systemd's own program does: whoever supervises
 * must take the word of our children (NotifyAccess=all).
 */
import type { RunProgram } from './program.ts';

/** Told in the order of the calls; what cannot be told is lost. */
export interface Supervisor {
  /** How often it wants to hear that we live, in ms; null: it does not. */
  readonly watchdogMs: number | null;
  /** Also after a reload. `status`: one line for people. */
  ready(status: string): void;
  reloading(): void;
  stopping(): void;
  alive(): void;
  status(status: string): void;
}

export interface SupervisorParts {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly run: RunProgram;
  /** Why it could not be told; once, until it can be again. */
  readonly trouble: (what: string) => void;
}

const PROGRAM = 'systemd-notify';
/** It waits until it has been heard, for five seconds at most. */
const TIMEOUT_MS = 6_000;
const OUTPUT_MAX_BYTES = 4_096;
const NEVER = new AbortController().signal;

export function supervisorOf({ env, run, trouble }: SupervisorParts): Supervisor {
  const { NOTIFY_SOCKET = '' } = env;
  let last: Promise<void> = Promise.resolve();
  let isLost = false;

  function tell(...words: readonly string[]): void {
    if (NOTIFY_SOCKET !== '') last = last.then(() => say(words));
  }

  async function say(words: readonly string[]): Promise<void> {
    const ran = await run({
      argv: [PROGRAM, ...words],
      env: { NOTIFY_SOCKET },
      ...{ maxBytes: OUTPUT_MAX_BYTES, timeoutMs: TIMEOUT_MS, signal: NEVER },
    });
    const isHeard = 'exitCode' in ran && ran.exitCode === 0;
    const why = 'failure' in ran ? ran.detail : 'it was not heard';
    if (!isHeard && !isLost) trouble(`${PROGRAM}: ${why}`);
    isLost = !isHeard;
  }

  return {
    watchdogMs: NOTIFY_SOCKET === '' ? null : watchdogMs(env),
    ready: (status) => tell('READY=1', statusOf(status)),
    // The time is how systemd tells this reload from an earlier one: the same clock, in µs.
    reloading: () => tell('RELOADING=1', `MONOTONIC_USEC=${process.hrtime.bigint() / 1_000n}`),
    stopping: () => tell('STOPPING=1'),
    alive: () => tell('WATCHDOG=1'),
    status: (status) => tell(statusOf(status)),
  };
}

function statusOf(status: string): string {
  return `STATUS=${status.replaceAll(/\p{C}/gu, ' ')}`;
}

/** sd_watchdog_enabled(3): in µs, and for one process only if it says which. */
function watchdogMs(env: SupervisorParts['env']): number | null {
  const { WATCHDOG_USEC = '', WATCHDOG_PID = '' } = env;
  const isOurs = WATCHDOG_PID === '' || WATCHDOG_PID === String(process.pid);
  return isOurs && /^[1-9]\d{0,14}$/.test(WATCHDOG_USEC) ? Number(WATCHDOG_USEC) / 1_000 : null;
}
