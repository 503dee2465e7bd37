/**
 * Blots out what a log must not hold. It copies what it is given, deep but bounded, so that it also
 * reaches the texts inside of errors; of an error only name, message, code, stack and cause are
 * kept, because SDKs hang whole requests with their credentials on theirs.
 */
const BLOT = '[secret]';
/** Shorter ones are words: blotting them out would make the log unreadable and hide nothing. */
const MIN_SECRET_LENGTH = 4;
const MAX_DEPTH = 8;
const MAX_ITEMS = 100;
const MAX_TEXT_LENGTH = 4_000;
/** E.164, as written or percent-encoded in a URL or a form. */
const PHONE = /(\+|%2B)(\d{3})\d{2,9}(\d{3})(?!\d)/gi;

export class Scrubber {
  readonly #secrets = new Set<string>();
  #pattern: RegExp | null = null;

  add(secrets: readonly string[]): void {
    const known = this.#secrets.size;
    for (const secret of secrets) {
      if (secret.length < MIN_SECRET_LENGTH) continue;
      const written = JSON.stringify(secret).slice(1, -1);
      for (const form of [secret, encodeURIComponent(secret), written]) this.#secrets.add(form);
    }
    if (this.#secrets.size === known) return;
    const longestFirst = [...this.#secrets].sort((a, b) => b.length - a.length);
    this.#pattern =
      longestFirst.length === 0 ? null : new RegExp(longestFirst.map(RegExp.escape).join('|'), 'g');
  }

  text(text: string): string {
    const blotted = this.#pattern === null ? text : text.replace(this.#pattern, BLOT);
    const masked = blotted.replace(PHONE, '$1$2***$3');
    return masked.length > MAX_TEXT_LENGTH ? `${masked.slice(0, MAX_TEXT_LENGTH)}...` : masked;
  }

  fields(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
    return this.#record(fields, 0);
  }

  #value(value: unknown, depth: number): unknown {
    if (typeof value === 'string') return this.text(value);
    if (typeof value === 'bigint' || typeof value === 'symbol') return this.text(String(value));
    if (typeof value !== 'object' || value === null) return value;
    if (depth >= MAX_DEPTH) return '...';
    if (value instanceof URL) return this.text(value.href);
    if (value instanceof Date) return value.toJSON();
    if (value instanceof Error) return this.#record(essence(value), depth + 1);
    if (ArrayBuffer.isView(value)) return `${value.byteLength} bytes`;
    if (value instanceof Map) return this.#value([...value], depth);
    if (Array.isArray(value) || value instanceof Set) {
      return [...value].slice(0, MAX_ITEMS).map((item) => this.#value(item, depth + 1));
    }
    return this.#record(value as Readonly<Record<string, unknown>>, depth + 1);
  }

  #record(record: Readonly<Record<string, unknown>>, depth: number): Record<string, unknown> {
    const copy: Record<string, unknown> = {};
    for (const [key, value] of Object.entries(record).slice(0, MAX_ITEMS)) {
      copy[this.text(key)] = this.#value(value, depth);
    }
    return copy;
  }
}

function essence(error: Error): Record<string, unknown> {
  const { name, message, stack, cause } = error;
  return {
    name,
    message,
    ...('code' in error && { code: error.code }),
    ...(cause !== undefined && { cause }),
    stack,
  };
}
