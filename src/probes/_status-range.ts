/** HTTP status codes as people write them: `200`, `2xx`, `200-299`, or a list of those. */
import { z } from 'zod';

export interface StatusRange {
  readonly from: number;
  readonly to: number;
}

const EXPECTED = 'expected a status such as 200, 2xx or 200-299, or a list of them';

const one = z
  .union([z.number(), z.string()], { error: () => EXPECTED })
  .meta({
    ...{ minimum: 100, maximum: 599 },
    pattern: '^\\s*[1-5](xx|XX|[0-9]{2}(\\s*-\\s*[1-5][0-9]{2})?)\\s*$|\\$\\{',
  })
  .transform((written, { issues }): StatusRange => {
    const range = parse(String(written));
    if (range !== null) return range;
    issues.push({ code: 'custom', input: written, message: faultOf(written) });
    return z.NEVER;
  });

export const statusRanges = z
  .union([z.array(one).min(1), one], { error: ({ input }) => faultOf(input) })
  .transform((written): StatusRange[] => (Array.isArray(written) ? written : [written]));

function faultOf(written: unknown): string {
  const listed = typeof written === 'string' ? written.split(',') : [];
  const isList = listed.length > 1 && listed.every((each) => parse(each) !== null);
  return isList ? `write a list: [${listed.map((each) => each.trim()).join(', ')}]` : EXPECTED;
}

export const SUCCESSFUL: readonly StatusRange[] = [{ from: 200, to: 299 }];

export function isWithin(status: number, ranges: readonly StatusRange[]): boolean {
  return ranges.some(({ from, to }) => from <= status && status <= to);
}

/** `200, 300-399, 5xx` */
export function printRanges(ranges: readonly StatusRange[]): string {
  return ranges
    .map(({ from, to }) => {
      if (from === to) return String(from);
      return from % 100 === 0 && to === from + 99 ? `${from / 100}xx` : `${from}-${to}`;
    })
    .join(', ');
}

function parse(text: string): StatusRange | null {
  const parts = /^\s*(?:([1-5])xx|([1-5]\d\d)(?:\s*-\s*([1-5]\d\d))?)\s*$/i.exec(text);
  if (parts === null) return null;
  const [, hundred, first, last] = parts;
  const from = hundred === undefined ? Number(first) : Number(hundred) * 100;
  const to = hundred === undefined ? Number(last ?? first) : from + 99;
  return from <= to ? { from, to } : null;
}
