/**
 * The main thread's end of a thread of the store: calls go in, answers come back by number, in no
 * time that anybody promises. A thread that hangs leaves its callers waiting and nobody else; one
 * that dies fails every call, those that wait and those to come, until it has been begun anew.
 */
import { Worker } from 'node:worker_threads';
import type { Clock } from '../system/clock.ts';

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- the arguments are C's own affair
export type Calls<C> = { readonly [K in keyof C]: (...args: any[]) => unknown };

export interface Request {
  readonly n: number;
  readonly call: string;
  readonly args: readonly unknown[];
}

export type Reply =
  | { readonly n: number; readonly value: unknown }
  | { readonly n: number; readonly error: string }
  /** Survived, and worth telling. */
  | { readonly trouble: string };

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** How soon after it died a thread is begun anew: doubled for each time that it dies soon again. */
const ANEW_AFTER_MS = 1_000;
const ANEW_AFTER_MOST_MS = 30_000;

export class Thread<C extends Calls<C>> {
  readonly #name: string;
  readonly #trouble: (what: string) => void;
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker;
  #n = 0;
  #gone: Error | null = null;
  #begunAt = 0;
  #goneAt = 0;
  #patienceMs = ANEW_AFTER_MS;
  /** The first call of one that is begun anew; null: it is not, such as before it has started well. */
  #first: Omit<Request, 'n'> | null = null;

  /** `name`: of the file in this folder, without its extension. */
  constructor(name: string, trouble: (what: string) => void, clock: Pick<Clock, 'monotonic'>) {
    this.#name = name;
    this.#trouble = trouble;
    this.#clock = clock;
    this.#worker = this.#begin();
  }

  /** Calls that have no answer yet. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** From now on one that dies is begun anew, by the first call after a moment of rest, with this one. */
  beginAnewWith<K extends keyof C & string>(call: K, ...args: Parameters<C[K]>): void {
    this.#first = { call, args };
  }

  /** Sent before this returns. Rejects with what the call threw, or if the thread is gone. */
  call<K extends keyof C & string>(call: K, ...args: Parameters<C[K]>): Promise<ReturnType<C[K]>> {
    const first = this.#first;
    if (first !== null && this.#isRested()) {
      this.#gone = null;
      const worker = (this.#worker = this.#begin());
      this.#send(first).catch((error: unknown) => {
        this.#trouble(messageOf(error));
        void worker.terminate();
      });
    }
    return this.#send({ call, args }) as Promise<ReturnType<C[K]>>;
  }

  async end(): Promise<void> {
    this.#first = null;
    this.#gone ??= new Error('closed');
    await this.#worker.terminate();
  }

  #isRested(): boolean {
    return this.#gone !== null && this.#clock.monotonic() >= this.#goneAt + this.#patienceMs;
  }

  #begin(): Worker {
    const extension = import.meta.url.endsWith('.ts') ? '.ts' : '.js';
    const file = new URL(`./${this.#name}${extension}`, import.meta.url);
    const worker = new Worker(file, { name: this.#name });
    this.#begunAt = this.#clock.monotonic();
    worker.on('message', (reply: Reply) => {
      if ('trouble' in reply) this.#trouble(reply.trouble);
      else this.#settle(reply);
    });
    worker.on('error', (error) => {
      this.#ended(worker, error instanceof Error ? error.message : 'unknown');
    });
    worker.on('exit', (code) => {
      this.#ended(worker, `exit ${code}`);
    });
    return worker;
  }

  #ended(worker: Worker, why: string): void {
    if (this.#gone !== null || worker !== this.#worker) return;
    const lived = this.#clock.monotonic() - this.#begunAt;
    const isSoon = lived < ANEW_AFTER_MOST_MS;
    this.#patienceMs = isSoon ? Math.min(2 * this.#patienceMs, ANEW_AFTER_MOST_MS) : ANEW_AFTER_MS;
    this.#goneAt = this.#clock.monotonic();
    this.#gone = new Error(`the thread ${this.#name} has ended: ${why}`);
    this.#trouble(this.#gone.message);
    for (const { reject } of this.#waiting.values()) reject(this.#gone);
    this.#waiting.clear();
  }

  #send({ call, args }: Omit<Request, 'n'>): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.#gone !== null) {
        reject(this.#gone);
        return;
      }
      const n = this.#n++;
      this.#worker.postMessage({ n, call, args } satisfies Request);
      this.#waiting.set(n, { resolve, reject });
    });
  }

  #settle(reply: Exclude<Reply, { trouble: string }>): void {
    const waiting = this.#waiting.get(reply.n);
    this.#waiting.delete(reply.n);
    if ('error' in reply) waiting?.reject(new Error(reply.error));
    else waiting?.resolve(reply.value);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
