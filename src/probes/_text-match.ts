/** `contains`, `not_contains`, `matches` as people write them: all that are given must be so. */
import { z } from 'zod';
import { isLegible, regex } from '../system/values.ts';
import { quote } from './_mismatch.ts';
import type { TextMatch } from './_mismatch.ts';

const needle = () => z.string({ error: () => 'expected text: put it in quotes' }).min(1);

export const textMatch = z
  .strictObject({
    contains: needle().optional(),
    not_contains: needle().optional(),
    matches: regex().optional(),
  })
  .refine((match) => Object.keys(match).length > 0, {
    error: 'expected contains, not_contains or matches',
    when: isLegible,
  });

/** `contains "x", does not contain "y"` */
export function printMatch({ contains, not_contains: unwanted, matches }: TextMatch): string {
  const parts = [];
  if (contains !== undefined) parts.push(`contains ${quote(contains)}`);
  if (unwanted !== undefined) parts.push(`does not contain ${quote(unwanted)}`);
  if (matches !== undefined) parts.push(`matches ${matches}`);
  return parts.join(', ');
}
