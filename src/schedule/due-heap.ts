/**
 * A binary heap of what is due, earliest first. Its items know their place in it, so that one whose
 * time changes is moved instead of left behind as a stale copy.
 */

export interface Due {
  /** Epoch ms. Change it through `place` only. */
  dueAt: number;
  /** Its index in the heap; -1: not in it. */
  index: number;
}

export class DueHeap<T extends Due> {
  readonly #items: T[] = [];

  get earliest(): T | undefined {
    return this.#items[0];
  }

  /** Puts the item in, or moves it to its new time. */
  place(item: T, dueAt: number): void {
    item.dueAt = dueAt;
    if (item.index < 0) item.index = this.#items.push(item) - 1;
    this.#rise(item);
    this.#sink(item);
  }

  remove(item: T): void {
    if (item.index < 0) return;
    const last = this.#items.pop();
    const { index } = item;
    item.index = -1;
    if (!last || last === item) return;
    this.#put(last, index);
    this.#rise(last);
    this.#sink(last);
  }

  #rise(item: T): void {
    for (;;) {
      const above = this.#items[(item.index - 1) >> 1];
      if (!above || above.dueAt <= item.dueAt) return;
      this.#swap(above, item);
    }
  }

  #sink(item: T): void {
    for (;;) {
      const left = this.#items[2 * item.index + 1];
      const right = this.#items[2 * item.index + 2];
      const least = left && right && right.dueAt < left.dueAt ? right : left;
      if (!least || least.dueAt >= item.dueAt) return;
      this.#swap(item, least);
    }
  }

  #swap(above: T, below: T): void {
    const { index } = above;
    this.#put(above, below.index);
    this.#put(below, index);
  }

  #put(item: T, index: number): void {
    this.#items[index] = item;
    item.index = index;
  }
}
