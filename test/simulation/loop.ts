/**
 * The virtual clock of a simulation: a heap of events, each at its instant, of equals the one set
 * first. Time moves only when nothing else can happen: one event a turn of Node's loop, so that every
 * promise that can settle has done so before the next one.
 */

import { Violation } from './violation.ts';

/** Milliseconds of true time: what no clock of a machine shows exactly. */
export type TrueTime = number;

/** Of the turns that one instant may take: what goes on and on is not coming to an end. */
const MOST_AT_ONCE = 20_000;

export interface Event {
  readonly at: TrueTime;
  readonly n: number;
  /** null: cancelled. */
  work: (() => void) | null;
}

export class Loop {
  now: TrueTime;
  /** Events that have happened. */
  steps = 0;
  /** Mixed from every event: the same seed gives the same. */
  trace = 0;
  /** Thrown by an event, or found by a checker: the end of the run. */
  failure: unknown = null;
  readonly #heap: Event[] = [];
  readonly #soon: (() => void)[] = [];
  #set = 0;
  /** Turns since time last moved. */
  #atOnce = 0;

  constructor(start: TrueTime) {
    this.now = start;
  }

  at(at: TrueTime, work: () => void): Event {
    const event = { at: Math.max(at, this.now), n: this.#set++, work };
    this.#push(event);
    return event;
  }

  after(ms: number, work: () => void): Event {
    return this.at(this.now + ms, work);
  }

  /** In the next turn, before time moves. */
  soon(work: () => void): void {
    this.#soon.push(work);
  }

  /** Lets everything happen that is due by `until`; `each` is called after every step. */
  run(until: TrueTime, each: (steps: number) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      const turn = (): void => {
        try {
          if (this.failure === null && this.#turn(until, each)) {
            setImmediate(turn);
            return;
          }
        } catch (error) {
          this.failure ??= error;
        }
        if (this.failure === null) resolve();
        // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- whatever was thrown is the finding
        else reject(this.failure);
      };
      setImmediate(turn);
    });
  }

  #turn(until: TrueTime, each: (steps: number) => void): boolean {
    this.#atOnce += 1;
    if (this.#atOnce > MOST_AT_ONCE) throw new Violation('I9', 'time stands still');
    const soon = this.#soon.shift();
    if (soon) {
      soon();
      return true;
    }
    let next = this.#heap[0];
    while (next?.work === null) {
      this.#pop();
      next = this.#heap[0];
    }
    if (!next || next.at > until) {
      this.now = until;
      return false;
    }
    this.#pop();
    if (next.at > this.now) this.#atOnce = 0;
    this.now = next.at;
    this.steps += 1;
    this.trace = mixed(mixed(this.trace, next.at), next.n);
    next.work();
    each(this.steps);
    return true;
  }

  #push(event: Event): void {
    const heap = this.#heap;
    let index = heap.push(event) - 1;
    while (index > 0) {
      const above = (index - 1) >> 1;
      const other = heap[above]!;
      if (isBefore(other, event)) break;
      heap[index] = other;
      index = above;
    }
    heap[index] = event;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop()!;
    const size = heap.length;
    if (size === 0) return;
    let index = 0;
    for (;;) {
      let below = 2 * index + 1;
      if (below >= size) break;
      if (below + 1 < size && isBefore(heap[below + 1]!, heap[below]!)) below += 1;
      if (isBefore(last, heap[below]!)) break;
      heap[index] = heap[below]!;
      index = below;
    }
    heap[index] = last;
  }
}

function isBefore(a: Event, b: Event): boolean {
  return a.at < b.at || (a.at === b.at && a.n < b.n);
}

/** One round of murmur3. */
export function mixed(hash: number, value: number): number {
  let k = Math.imul((value ^ (value / 2 ** 32)) | 0, 0xcc9e2d51);
  k = Math.imul((k << 15) | (k >>> 17), 0x1b873593);
  const h = hash ^ k;
  return (Math.imul((h << 13) | (h >>> 19), 5) + 0xe6546b64) | 0;
}
