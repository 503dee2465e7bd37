/**
 * What a client wrote, held against what was expected: all that is wrong with it is said at once,
 * and a key that does not exist is an error, not ignored (`fro: 4h` must not acknowledge for ever).
 */
import { closest, distance } from 'fastest-levenshtein';
import type { Context } from 'hono';
import { z } from 'zod';
import { invalid, MAX_BODY_BYTES, tooLarge } from './problem.ts';

export const LIMIT_DEFAULT = 100;
export const LIMIT_MAX = 500;
/** How far a slip of the finger goes: further is another word. */
const SLIP = 2;

/** `?limit=&cursor=` of every list. */
export const PAGING = z.strictObject({
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(LIMIT_MAX, { error: `expected a whole number from 1 to ${LIMIT_MAX}` })
    .default(LIMIT_DEFAULT),
  cursor: z.string().min(1).optional(),
});

export type Parsed<T> = { readonly value: T } | { readonly refused: Response };

export function parseQuery<T>(c: Context, schema: z.ZodType<T>): Parsed<T> {
  return parse(c.req.query(), schema);
}

export async function parseBody<T>(
  c: Context,
  schema: z.ZodType<T>,
  maxBytes = MAX_BODY_BYTES,
): Promise<Parsed<T>> {
  const text = await boundedText(c.req.raw, maxBytes);
  if (text === null) return { refused: tooLarge(maxBytes) };
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    // The parser's own message may quote the body.
    return { refused: invalid(['expected a JSON object such as {"by":"ana"}']) };
  }
  return parse(body, schema);
}

/** null: too large, or there is no room for so many bytes of it. */
export async function boundedText(
  request: Request,
  maxBytes = MAX_BODY_BYTES,
  hasRoomFor: (bytes: number) => boolean = () => true,
): Promise<string | null> {
  const body: AsyncIterable<Uint8Array> | null = request.body;
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body ?? []) {
    bytes += chunk.length;
    if (bytes > maxBytes || !hasRoomFor(bytes)) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

function parse<T>(input: unknown, schema: z.ZodType<T>): Parsed<T> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return { value: parsed.data };
  return { refused: invalid(parsed.error.issues.flatMap((issue) => sentences(issue, schema))) };
}

function sentences(issue: z.core.$ZodIssue, schema: z.ZodType): string[] {
  if (issue.code !== 'unrecognized_keys') {
    return [issue.path.length === 0 ? issue.message : `${issue.path.join('.')}: ${issue.message}`];
  }
  const known = schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
  return issue.keys.map((key) => {
    const hint = didYouMean(key, known) ?? `expected ${known.join(', ')}`;
    return `unknown key ${JSON.stringify(key.slice(0, 40))}: ${hint}`;
  });
}

/** `did you mean "text"?`, or undefined where nothing is near. */
export function didYouMean(word: string, known: readonly string[]): string | undefined {
  if (known.length === 0 || word.length > 100) return undefined;
  const nearest = closest(word, known);
  return distance(word, nearest) <= SLIP ? `did you mean ${JSON.stringify(nearest)}?` : undefined;
}
