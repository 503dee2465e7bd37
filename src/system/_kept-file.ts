/**
 * A small file of the system's that others may rewrite at any time, and what it said when it last
 * made sense: a file that is gone, half written or unreadable changes nothing.
 */
import { readFile, stat } from 'node:fs/promises';

/** A larger one is not ours to read. */
const MAX_BYTES = 8 * 1024 * 1024;

export class KeptFile<T> {
  readonly #path: string;
  readonly #read: (text: string) => T | null;
  #version = '';
  #value: T;

  /** `read` gives null for what makes no sense; `value` holds until the file has been read. */
  constructor(path: string, read: (text: string) => T | null, value: T) {
    this.#path = path;
    this.#read = read;
    this.#value = value;
  }

  get value(): T {
    return this.#value;
  }

  /** Is the value another one now? Never rejects. */
  async refresh(): Promise<boolean> {
    try {
      const { ino, size, mtimeMs } = await stat(this.#path);
      const version = `${ino} ${size} ${mtimeMs}`;
      if (version === this.#version || size > MAX_BYTES) return false;
      const value = this.#read(await readFile(this.#path, 'utf8'));
      if (value === null) return false;
      this.#version = version;
      this.#value = value;
      return true;
    } catch {
      // Some machines have no such file, and one that comes back is read then.
      return false;
    }
  }
}
