/**
 * That work is to end before its time. What one would get wrong: every look has one, so that it is
 * not an AbortSignal, which costs as much as the rest of what we do for a look together and, where it
 * lives long, keeps from being collected what has long stopped listening.
 */

/** What we need of an AbortSignal, which is one of these too. */
export interface Signal {
  readonly aborted: boolean;
  /** When it aborts at the latest, epoch ms; unless that is known, those who listen set an alarm too. */
  readonly endsAt?: number;
  addEventListener(type: 'abort', stop: () => void, options?: { readonly once: boolean }): void;
  removeEventListener(type: 'abort', stop: () => void): void;
}

export class Stop implements Signal {
  readonly endsAt: number;
  #aborted = false;
  #listening: (() => void)[] = [];

  /** Whoever makes it sees to it that it aborts by then. */
  constructor(endsAt = Infinity) {
    this.endsAt = endsAt;
  }

  get aborted(): boolean {
    return this.#aborted;
  }

  /** Tells all who listen, once. */
  abort(): void {
    this.#aborted = true;
    const told = this.#listening;
    this.#listening = [];
    for (const stop of told) stop();
  }

  addEventListener(_type: 'abort', stop: () => void): void {
    this.#listening.push(stop);
  }

  removeEventListener(_type: 'abort', stop: () => void): void {
    const at = this.#listening.indexOf(stop);
    if (at >= 0) this.#listening.splice(at, 1);
  }
}
