/**
 * Spans on their way to a collector: a bounded queue, one request at a time. A collector that is slow,
 * silent or gone costs the spans that do not fit, and nothing else: nobody waits for it, and it is
 * asked more and more seldom.
 */
import type { Emit } from '../events.ts';
import type { Alarm, Clock } from '../system/clock.ts';
import type { Answer, NetworkFailure, Transport } from '../system/transport.ts';
import { rejectedOf, requestText, type Process } from './otlp.ts';
import type { TraceSettings } from './trace-settings.ts';

/** https://opentelemetry.io/docs/specs/otlp/#retryable-response-codes */
const PASSING = new Set([429, 502, 503, 504]);
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;
/** Of a collector that stays away, so often is enough. */
const TOLD_EVERY_MS = 60_000;
/** At the end, for all that is left. */
const LAST_WORDS_MS = 2_000;

export interface SpanExporterParts {
  readonly settings: Omit<TraceSettings, 'resource' | 'share'>;
  readonly process: Process;
  readonly transport: Pick<Transport, 'call'>;
  readonly clock: Clock;
  readonly emit: Emit;
}

export interface SpanExporter {
  /** A span as `spanText` writes it. One for which there is no room is lost. */
  add(span: string): void;
  /** Sends what there is, for two seconds at most. */
  stop(): Promise<void>;
}

export function createSpanExporter(parts: SpanExporterParts): SpanExporter {
  const { settings, clock, emit } = parts;
  const queue: string[] = [];
  let sending: Promise<void> | null = null;
  let alarm: Alarm | null = null;
  let pauseMs = 0;
  let lost = 0;
  let toldAt = -Infinity;

  function plan(inMs: number): void {
    alarm ??= clock.alarm(clock.now() + inMs, () => {
      alarm = null;
      sendNow();
    });
  }

  function sendNow(): void {
    if (sending !== null || queue.length === 0) return;
    alarm?.cancel();
    alarm = null;
    sending = send(settings.timeoutMs).then((why) => {
      sending = null;
      tell(why);
      if (pauseMs > 0) plan(pauseMs);
      else if (queue.length >= settings.batch) sendNow();
      else if (queue.length > 0) plan(settings.delayMs);
    });
  }

  /** One batch; null: it was taken. What may be taken later stays. */
  async function send(timeoutMs: number): Promise<string | null> {
    const batch = queue.slice(0, settings.batch);
    const answer = await post(requestText(parts.process, batch), timeoutMs);
    const isPassing = 'failure' in answer || PASSING.has(answer.status);
    pauseMs = isPassing ? Math.min(pauseMs * 2 || FIRST_PAUSE_MS, LONGEST_PAUSE_MS) : 0;
    if (!isPassing) queue.splice(0, batch.length);
    if ('failure' in answer) return answer.detail;
    if (answer.status >= 300) {
      if (!isPassing) lost += batch.length;
      return `HTTP ${answer.status}`;
    }
    const rejected = rejectedOf(answer.body);
    lost += rejected;
    return rejected > 0 ? 'rejected' : null;
  }

  async function post(body: string, timeoutMs: number): Promise<Answer | NetworkFailure> {
    const abort = new AbortController();
    const limit = clock.alarm(clock.now() + timeoutMs, () => abort.abort());
    const headers = { 'content-type': 'application/json', ...settings.headers };
    const request = { url: settings.url, method: 'POST' as const, headers, body };
    const answer = await parts.transport.call({ ...request, signal: abort.signal });
    limit.cancel();
    return answer;
  }

  function tell(why: string | null): void {
    if (why === null && lost === 0) return;
    if (clock.now() < toldAt + TOLD_EVERY_MS) return;
    toldAt = clock.now();
    emit({ type: 'spans_not_taken', lost, why: why ?? 'there was no room' });
    lost = 0;
  }

  return {
    add(span) {
      if (queue.length >= settings.queue) {
        lost += 1;
        return;
      }
      queue.push(span);
      if (queue.length >= settings.batch && pauseMs === 0) sendNow();
      else if (sending === null) plan(settings.delayMs);
    },
    async stop() {
      const until = clock.now() + LAST_WORDS_MS;
      alarm?.cancel();
      await sending;
      alarm?.cancel();
      while (queue.length > 0 && clock.now() < until) {
        const why = await send(until - clock.now());
        if (why !== null) break;
      }
    },
  };
}
