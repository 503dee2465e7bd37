/**
 * Inspects what targets have sent without holding the loop. What is over at once is done here; all
 * else goes to one thread, shared by all looks and started when it is first needed. One text is in
 * it at a time, so that a pattern that takes too long is known by name, and ends with the thread:
 * the next text gets a new one. What took too long once waits for all that did not.
 */
import { Worker } from 'node:worker_threads';
import type { Alarm, Clock } from '../system/clock.ts';
import { inspect, isQuick } from './_inspect.ts';
import type { Found, Inquiry, Inspect } from './_inspect.ts';

export interface Inspector {
  readonly inspect: Inspect;
  close(): Promise<void>;
}

export function createInspector(clock: Clock): Inspector {
  const thread = new Thread(clock);
  return {
    inspect: (text, inquiry, timeoutMs) =>
      isQuick(text, inquiry)
        ? Promise.resolve(inspect(text, inquiry))
        : thread.inspect(text, inquiry, timeoutMs),
    close: () => thread.close(),
  };
}

/** One text may keep the others waiting for so long. */
const LONGEST_MS = 1_000;
/** What took too long; more are as good as none, for then nobody waits for anybody. */
const MAX_SLOW = 1_000;
/** Of what waits: with one at work, never more than twice this in memory. */
const MAX_WAITING_CHARS = 16 * 1024 * 1024;
/** What the least of them weighs. */
const LEAST_CHARS = 4 * 1024;
const MAX_HEAP_MB = 96;

interface Job {
  readonly text: string;
  readonly inquiry: Inquiry;
  /** What is asked, whatever the text is. */
  readonly key: string;
  readonly endsAt: number;
  readonly resolve: (found: Found) => void;
  readonly reject: (error: Error) => void;
  alarm: Alarm;
}

class Thread {
  readonly #clock: Clock;
  #worker: Worker | null = null;
  #isReady = false;
  /** In the thread. */
  #job: Job | null = null;
  readonly #waiting = new Set<Job>();
  /** Those that have taken too long before. */
  readonly #waitingLast = new Set<Job>();
  readonly #slow = new Set<string>();
  #waitingChars = 0;
  #isClosed = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  inspect(text: string, inquiry: Inquiry, timeoutMs: number): ReturnType<Inspect> {
    return new Promise((resolve, reject) => {
      if (this.#isClosed) {
        reject(new InspectorClosed());
        return;
      }
      const busy = (): void => {
        resolve({ undecided: `${seconds(timeoutMs)} beside others`, isOurs: true });
      };
      if (this.#waitingChars + weight(text) > MAX_WAITING_CHARS) {
        busy();
        return;
      }
      const endsAt = this.#clock.now() + timeoutMs;
      const alarm = this.#clock.alarm(endsAt, () => {
        this.#drop(job);
        busy();
      });
      const job: Job = { text, inquiry, key: keyOf(inquiry), endsAt, resolve, reject, alarm };
      (this.#slow.has(job.key) ? this.#waitingLast : this.#waiting).add(job);
      this.#waitingChars += weight(text);
      this.#next();
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const job of [...this.#waiting, ...this.#waitingLast]) {
      this.#drop(job);
      job.alarm.cancel();
      job.reject(new InspectorClosed());
    }
    this.#end()?.reject(new InspectorClosed());
    const worker = this.#worker;
    this.#worker = null;
    await worker?.terminate();
  }

  #next(): void {
    const job = this.#first();
    if (job === null || this.#job !== null) return;
    this.#worker ??= this.#start();
    if (!this.#isReady) return;
    this.#drop(job);
    this.#job = job;
    job.alarm.cancel();
    const now = this.#clock.now();
    const mayTakeMs = Math.min(LONGEST_MS, job.endsAt - now);
    job.alarm = this.#clock.alarm(now + mayTakeMs, () => {
      this.#replace();
      this.#tookTooMuch(this.#end(), seconds(mayTakeMs));
      this.#next();
    });
    this.#worker.postMessage({ text: job.text, inquiry: job.inquiry });
  }

  #start(): Worker {
    const extension = import.meta.url.endsWith('.ts') ? '.ts' : '.js';
    const worker = new Worker(new URL(`./_inspect-worker${extension}`, import.meta.url), {
      name: 'inspector',
      resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MB },
    });
    const gone = (error: Error | null): void => {
      if (worker !== this.#worker) return;
      this.#replace();
      const isTooMuch = error !== null && 'code' in error && error.code === OUT_OF_MEMORY;
      const job = this.#end() ?? this.#firstWaiting();
      if (isTooMuch) this.#tookTooMuch(job, `${MAX_HEAP_MB} MB of memory`);
      else job?.reject(new InspectorGone());
      this.#next();
    };
    worker.on('message', (message: 'ready' | Found) => {
      if (worker !== this.#worker) return;
      if (message === 'ready') this.#isReady = true;
      else this.#decided(message);
      this.#next();
    });
    worker.on('error', (error) => gone(error instanceof Error ? error : null));
    worker.on('exit', () => gone(null));
    return worker;
  }

  /** The thread is of no more use; the next text starts another. */
  #replace(): void {
    const worker = this.#worker;
    this.#worker = null;
    this.#isReady = false;
    void worker?.terminate();
  }

  /** What was in the thread is so no more. */
  #end(): Job | null {
    const job = this.#job;
    this.#job = null;
    job?.alarm.cancel();
    return job;
  }

  #decided(found: Found): void {
    const job = this.#end();
    if (job === null) return;
    this.#slow.delete(job.key);
    job.resolve(found);
  }

  #tookTooMuch(job: Job | null, undecided: string): void {
    if (job === null) return;
    if (this.#slow.size >= MAX_SLOW) this.#slow.clear();
    this.#slow.add(job.key);
    job.resolve({ undecided });
  }

  #first(): Job | null {
    const [job = null] = this.#waiting.size > 0 ? this.#waiting : this.#waitingLast;
    return job;
  }

  /** For whom a thread was started that did not live: else it would be started for ever. */
  #firstWaiting(): Job | null {
    const job = this.#first();
    if (job !== null) this.#drop(job);
    job?.alarm.cancel();
    return job;
  }

  #drop(job: Job): void {
    const wasWaiting = this.#waiting.delete(job) || this.#waitingLast.delete(job);
    if (wasWaiting) this.#waitingChars -= weight(job.text);
  }
}

const OUT_OF_MEMORY = 'ERR_WORKER_OUT_OF_MEMORY';

function keyOf({ is, match, json, take }: Inquiry): string {
  return JSON.stringify([is, match, json, take]);
}

function seconds(ms: number): string {
  return `${Math.max(0, ms) / 1_000}s`;
}

function weight(text: string): number {
  return Math.max(LEAST_CHARS, text.length);
}

class InspectorGone extends Error {}
class InspectorClosed extends Error {}
