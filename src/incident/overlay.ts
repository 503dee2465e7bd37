/** Rows of the board with those that a decision in the making has changed laid over them. */

export class Overlay<T> {
  readonly #known: ReadonlyMap<string, T>;
  readonly #keyOf: (row: T) => string;
  readonly #changed = new Map<string, T>();

  constructor(known: ReadonlyMap<string, T>, keyOf: (row: T) => string) {
    this.#known = known;
    this.#keyOf = keyOf;
  }

  get(key: string): T | undefined {
    return this.#changed.get(key) ?? this.#known.get(key);
  }

  put(row: T): T {
    this.#changed.set(this.#keyOf(row), row);
    return row;
  }

  /** In the order of the board, then those that are new. */
  *values(): Iterable<T> {
    for (const [key, row] of this.#known) yield this.#changed.get(key) ?? row;
    for (const [key, row] of this.#changed) if (!this.#known.has(key)) yield row;
  }

  /** Those that were put here, each as it is by now. */
  changed(): Iterable<T> {
    return this.#changed.values();
  }

  has(key: string): boolean {
    return this.#changed.has(key) || this.#known.has(key);
  }

  get isEmpty(): boolean {
    return this.#changed.size === 0 && this.#known.size === 0;
  }
}
