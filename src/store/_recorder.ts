/**
 * Looks on their way to the history: gathered for a second, handed over in one piece, one piece at
 * a time. When the history cannot keep up the oldest are dropped and counted: the newest say more.
 */
import type { Alarm, Clock } from '../system/clock.ts';
import type { Look } from './store.ts';

const FLUSH_MS = 1_000;
/** To copy so many to another thread takes a few milliseconds of the main thread. */
const BATCH_ROWS = 1_000;
const MOST_ROWS = 20_000;

export class Recorder {
  readonly #clock: Clock;
  /** Writes a batch and says how many rows of it were kept; may reject. */
  readonly #write: (looks: readonly Look[]) => Promise<number>;
  readonly #lost: (count: number, why: string) => void;
  #buffer: Look[] = [];
  #alarm: Alarm | null = null;
  #flushing: Promise<void> | null = null;

  constructor(
    clock: Clock,
    write: (looks: readonly Look[]) => Promise<number>,
    lost: (count: number, why: string) => void,
  ) {
    this.#clock = clock;
    this.#write = write;
    this.#lost = lost;
  }

  /** Keeps what belongs to a Look, whatever else the caller's object carries. */
  record({ check, from, at, tookMs, status, reason, brief }: Look): void {
    this.#buffer.push({ check, from, at, tookMs, status, reason, brief });
    if (this.#buffer.length > MOST_ROWS) {
      this.#buffer = this.#buffer.slice(BATCH_ROWS);
      this.#lost(BATCH_ROWS, 'the history is too slow');
    }
    if (this.#buffer.length >= BATCH_ROWS) void this.flush();
    else this.#alarm ??= this.#clock.alarm(this.#clock.now() + FLUSH_MS, () => void this.flush());
  }

  /** Resolves when nothing is left; never rejects. */
  flush(): Promise<void> {
    this.#alarm?.cancel();
    this.#alarm = null;
    this.#flushing ??= this.#writeAll().finally(() => (this.#flushing = null));
    return this.#flushing;
  }

  async #writeAll(): Promise<void> {
    while (this.#buffer.length > 0) {
      const batch = this.#buffer.splice(0, BATCH_ROWS);
      try {
        const kept = await this.#write(batch);
        if (kept < batch.length) this.#lost(batch.length - kept, 'the history cannot be written');
      } catch (error) {
        this.#lost(batch.length, error instanceof Error ? error.message : 'unknown');
      }
    }
  }
}
