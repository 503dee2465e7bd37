/** What a person sends along with what they want: who they are, and what they say about it. */
import { z } from 'zod';

const TEXT_MAX = 2_000;

export const BY = z
  .string({ error: 'expected who says so, such as "ana"' })
  .trim()
  .regex(/^[^\p{C}]{1,100}$/u, { error: 'expected a name of 1 to 100 characters on one line' });

export const TEXT = z
  .string({ error: 'expected text' })
  .trim()
  .min(1, { error: 'must not be empty' })
  .max(TEXT_MAX, { error: `at most ${TEXT_MAX} characters` });

/** What is read on a phone and at the head of a mail. */
export const LINE = z
  .string({ error: 'expected text' })
  .trim()
  .regex(/^[^\p{C}]{1,200}$/u, { error: 'expected 1 to 200 characters on one line' });

export const SEVERITY = z.enum(['critical', 'major', 'minor'], {
  error: 'expected critical, major or minor',
});
