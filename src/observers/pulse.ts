/**
 * Who watches the watcher: a dead-man switch outside, which is asked to stay quiet once a period, and
 * only when a whole self-test has just passed. Saying nothing is the alarm, so that whatever stops us
 * rings it, and nothing here has to work for that. It rides a transport that no look and no page uses.
 */
import type { Config, HeartbeatTo } from '../config/config.ts';
import type { Emit, SelfTestPart } from '../events.ts';
import type { Alarm, Clock } from '../system/clock.ts';
import type { Transport } from '../system/transport.ts';

export interface Pulse {
  start(): void;
  /** Another switch or another period may be in force. */
  configured(): void;
  stop(): void;
}

export interface PulseParts {
  readonly clock: Clock;
  readonly transport: Pick<Transport, 'call'>;
  readonly config: () => Config;
  /** What of us is not well; in seconds. */
  readonly test: () => Promise<readonly SelfTestPart[]>;
  /** Since when, and why, the switch has not taken our word, though all was well; null: it does. */
  readonly unheard: (refused: { readonly since: number; readonly why: string } | null) => void;
  readonly emit: Emit;
}

const TIMEOUT_MS = 10_000;
/** What did not pass, or did not arrive, is tried again within the period of most switches. */
const AGAIN_MS = 15_000;

export function createPulse(parts: PulseParts): Pulse {
  const { clock, emit } = parts;
  let next: Alarm | undefined;
  let isStarted = false;
  let isBeating = false;
  let to: HeartbeatTo | null = null;
  let refusedSince: number | null = null;
  const stopped = new AbortController();

  /** The switch that is in force; begins anew where that is another. */
  function follow(): void {
    const now = parts.config().heartbeatTo;
    if (now?.url === to?.url && now?.everyMs === to?.everyMs) return;
    to = now;
    refusedSince = null;
    next?.cancel();
    if (to === null) parts.unheard(null);
    else if (!isBeating) void beat(to);
  }

  async function beat(asked: HeartbeatTo): Promise<void> {
    isBeating = true;
    const begunAt = clock.now();
    const failed = await parts.test();
    const refusal = failed.length > 0 || stopped.signal.aborted ? null : await ping(asked.url);
    isBeating = false;
    if (stopped.signal.aborted) return;
    if (to !== asked) {
      if (to !== null) void beat(to);
      return;
    }
    const now = clock.now();
    emit({ type: 'pulse', failed, refusal, at: now });
    if (failed.length === 0) told(refusal, now);
    const isWell = failed.length === 0 && refusal === null;
    const inMs = isWell ? asked.everyMs : Math.min(asked.everyMs, AGAIN_MS);
    next = clock.alarm(Math.max(now, begunAt + inMs), () => void beat(asked));
  }

  function told(refusal: string | null, now: number): void {
    if (refusal === null) {
      refusedSince = null;
      parts.unheard(null);
      return;
    }
    refusedSince ??= now;
    parts.unheard({ since: refusedSince, why: refusal });
  }

  /** Why it was not taken, without the URL, which is a secret; null: it was. */
  async function ping(url: string): Promise<string | null> {
    const deadline = new AbortController();
    const alarm = clock.alarm(clock.now() + TIMEOUT_MS, () => deadline.abort());
    const stop = () => deadline.abort();
    stopped.signal.addEventListener('abort', stop);
    const headers = { 'user-agent': 'tocsin' };
    const request = { url, method: 'GET', headers, body: null, signal: deadline.signal } as const;
    const answer = await parts.transport.call(request);
    alarm.cancel();
    stopped.signal.removeEventListener('abort', stop);
    if ('failure' in answer) return answer.failure;
    return answer.status >= 200 && answer.status < 300 ? null : `HTTP ${String(answer.status)}`;
  }

  return {
    start() {
      isStarted = true;
      if (parts.config().heartbeatTo === null) parts.unheard(null);
      follow();
    },
    configured() {
      if (isStarted) follow();
    },
    stop() {
      isStarted = false;
      next?.cancel();
      stopped.abort();
    },
  };
}
