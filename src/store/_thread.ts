/**
 * The main thread's end of a thread of the store: calls go in, answers come back by number, in no
 * time that anybody promises. A thread that hangs leaves its callers waiting and nobody else; one
 * that dies fails every call, those that wait and those to come.
 */
import { Worker } from 'node:worker_threads';

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

export class Thread<C extends Calls<C>> {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  #n = 0;
  #gone: Error | null = null;

  /** `name`: of the file in this folder, without its extension. */
  constructor(name: string, trouble: (what: string) => void) {
    const extension = import.meta.url.endsWith('.ts') ? '.ts' : '.js';
    this.#worker = new Worker(new URL(`./${name}${extension}`, import.meta.url), { name });
    this.#worker.on('message', (reply: Reply) => {
      if ('trouble' in reply) trouble(reply.trouble);
      else this.#settle(reply);
    });
    const gone = (why: string): void => {
      if (this.#gone !== null) return;
      this.#gone = new Error(`the thread ${name} has ended: ${why}`);
      trouble(this.#gone.message);
      for (const { reject } of this.#waiting.values()) reject(this.#gone);
      this.#waiting.clear();
    };
    this.#worker.on('error', (error) => gone(error instanceof Error ? error.message : 'unknown'));
    this.#worker.on('exit', (code) => gone(`exit ${code}`));
  }

  /** Calls that have no answer yet. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** Sent before this returns. Rejects with what the call threw, or if the thread is gone. */
  call<K extends keyof C & string>(call: K, ...args: Parameters<C[K]>): Promise<ReturnType<C[K]>> {
    return new Promise((resolve, reject) => {
      if (this.#gone !== null) {
        reject(this.#gone);
        return;
      }
      const n = this.#n++;
      this.#worker.postMessage({ n, call, args } satisfies Request);
      this.#waiting.set(n, { resolve: resolve as Waiting['resolve'], reject });
    });
  }

  async end(): Promise<void> {
    this.#gone ??= new Error('closed');
    await this.#worker.terminate();
  }

  #settle(reply: Exclude<Reply, { trouble: string }>): void {
    const waiting = this.#waiting.get(reply.n);
    this.#waiting.delete(reply.n);
    if ('error' in reply) waiting?.reject(new Error(reply.error));
    else waiting?.resolve(reply.value);
  }
}
