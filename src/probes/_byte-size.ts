/** Sizes as people write them: `64KiB`, `1MiB`. A bare number is an error that says what was meant. */
import { z } from 'zod';

const UNITS: Readonly<Record<string, number>> = { B: 1, KiB: 1_024, MiB: 1_048_576 };

/** Bytes; `max` is included. */
export function byteSize({ max }: { readonly max: number }) {
  const expected = `expected a size such as ${printSize(max)}`;
  return z
    .string({
      error: ({ input }) =>
        typeof input === 'number'
          ? `${String(input)} has no unit: did you mean ${printSize(input)}?`
          : expected,
    })
    .meta({ pattern: '^[0-9]+ ?(B|KiB|MiB)$|\\$\\{', examples: ['64KiB', '1MiB'] })
    .transform((written, { issues }) => {
      const [, count = '', unit = ''] = /^(\d{1,9}) ?(B|KiB|MiB)$/.exec(written) ?? [];
      const bytes = Number(count) * (UNITS[unit] ?? NaN);
      let message: string | null = null;
      if (Number.isNaN(bytes)) message = expected;
      else if (bytes < 1) message = `${written} is too small: at least 1 B`;
      else if (bytes > max) message = `${written} is too large: at most ${printSize(max)}`;
      if (message === null) return bytes;
      issues.push({ code: 'custom', input: written, message });
      return z.NEVER;
    });
}

/** `64 KiB`; in the largest unit that it is whole in. */
export function printSize(bytes: number): string {
  const [unit, size] = Object.entries(UNITS).findLast(([, each]) => bytes % each === 0) ?? ['B', 1];
  return `${bytes / size} ${unit}`;
}
