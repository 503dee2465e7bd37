/**
 * What a step takes out of its answer, and where a later one puts it: `${take:NAME}`. What is taken
 * comes from a stranger and is a secret: it never becomes structure (a URL is encoded, JSON is filled
 * after it was parsed), it cannot end a header's line, and only its name is ever shown.
 */
import { z } from 'zod';
import type { Exchanged } from '../system/transport.ts';
import { isLegible, regex } from '../system/values.ts';
import type { CookieJar } from './_cookie-jar.ts';
import { hopOf } from './_http-look.ts';
import type { HttpAnswer } from './_http-answer.ts';
import { HEADER_VALUE, pathFault, TOKEN } from './_http-options.ts';
import type { HttpRequest } from './_http-options.ts';
import type { Part, Taken } from './_inspect.ts';
import { finding } from './_look.ts';
import type { LookFailure } from './_look.ts';
import type { Finding, Reason } from './probe.ts';
import type { Hop } from './_redirects.ts';

const MAX_CHARS = 8 * 1024;
const MAX_TAKEN = 10;
/** Shorter ones (`lang=en`) are no secrets, and words of every page. */
const MIN_SECRET_COOKIE_CHARS = 8;
export const REFERENCE = /\$\{take:([^}]*)\}/g;

const jsonPath = z.string().superRefine((path, { issues }) => {
  const why = pathFault(path);
  if (why !== null) issues.push({ code: 'custom', input: path, message: why });
});
const name = (what: string) => z.string().regex(TOKEN, `is not the name of a ${what}`);

const source = z
  .strictObject({
    json: jsonPath.optional().describe('RFC 9535: the first that it leads to'),
    header: name('header').toLowerCase().optional(),
    cookie: name('cookie').optional(),
    matches: regex().optional().describe('RE2, in the body: its first group, or all of it'),
  })
  .refine((written) => Object.values(written).filter((by) => by !== undefined).length === 1, {
    error: 'expected one of json, header, cookie, matches',
    when: isLegible,
  });
type Source = z.infer<typeof source>;
export type Sources = Readonly<Record<string, Source>>;

export const sources = z
  .record(
    z.string().regex(/^[A-Za-z_][A-Za-z0-9_-]{0,39}$/, 'a name has letters, digits, "_" and "-"'),
    source,
  )
  .refine((written) => Object.keys(written).length <= MAX_TAKEN, `at most ${MAX_TAKEN} values`)
  .default({});

/** Those that are parts of the body; absent where none is. */
export function bodyParts(of: Sources): Readonly<Record<string, Part>> | undefined {
  const parts = Object.entries(of).flatMap(([name, { json, matches }]): [string, Part][] => {
    if (json !== undefined) return [[name, { json }]];
    return matches === undefined ? [] : [[name, { matches }]];
  });
  return parts.length === 0 ? undefined : Object.fromEntries(parts);
}

/** By name: the value, or why there is none, in words that may be shown. */
export type Got = Readonly<Record<string, { readonly value: string } | { readonly why: string }>>;

export function gather(
  of: Sources,
  { headers }: Exchanged,
  ofBody: Taken,
  cookie: (name: string) => string | null,
): Got {
  return Object.fromEntries(
    Object.entries(of).map(([name, { header, cookie: cookieName }]) => {
      let value = ofBody[name] ?? null;
      if (header !== undefined) value = headers[header] ?? null;
      if (cookieName !== undefined) value = cookie(cookieName);
      if (value === null || value === '') return [name, { why: 'is missing' }];
      if (value.length > MAX_CHARS) return [name, { why: 'is longer than 8 KiB' }];
      return [name, /\p{Cc}/u.test(value) ? { why: 'has control characters' } : { value }];
    }),
  );
}

/** `faults`: by name, what was wrong; null: it was taken. */
export function takeFindings(
  of: Sources,
  faults: Readonly<Record<string, string | null>>,
  body: HttpAnswer['body'],
): Finding[] {
  return Object.entries(of).map(([name, { json, header, cookie, matches }]) => {
    let [where, what, reason]: [string, string, Reason] = ['body', 'the match', 'body'];
    if (json !== undefined) [where, what, reason] = [json, json, 'json'];
    if (header !== undefined) [where, what, reason] = [`header ${header}`, header, 'header'];
    if (cookie !== undefined) [where, what, reason] = [`cookie ${cookie}`, cookie, 'header'];
    if (matches !== undefined) where = `what matches ${matches}`;
    const about = { expectation: 'take', expected: `${name} from ${where}`, reason };
    const isOfBody = json !== undefined || matches !== undefined;
    if (isOfBody && body !== null && 'undecided' in body) {
      const seen = `not decided in ${body.undecided}`;
      const undecided = { met: false, seen, reason: 'internal', brief: `${name} ${seen}` } as const;
      return finding({ ...about, ...undecided, ...(body.isOurs && { isJudged: false }) });
    }
    const why = faults[name] ?? null;
    const brief = why === null ? '' : `${what} ${why}`;
    return finding({ ...about, met: why === null, seen: why ?? 'taken', brief });
  });
}

/** What must not be seen of an answer: all that has been taken, and what is about to be. */
export function secretsOf(
  taken: ReadonlyMap<string, string>,
  jar: CookieJar,
  of: Sources,
  { headers }: Exchanged,
): string[] {
  const cookies = jar.values().filter(({ length }) => length >= MIN_SECRET_COOKIE_CHARS);
  const next = Object.values(of).flatMap(({ header }) => headers[header ?? ''] ?? []);
  return [...taken.values(), ...cookies, ...next];
}

/** The step's request with every `${take:…}` filled in. */
export function requestWith(
  step: HttpRequest,
  taken: ReadonlyMap<string, string>,
): Hop | LookFailure {
  const encoded = (value: string): string => encodeURIComponent(value.toWellFormed());
  const plain = (value: string): string => value;
  const isForm = /^application\/x-www-form-urlencoded\b/i.test(step.headers['content-type'] ?? '');
  const { expect, tls, proxy, http, body, ...others } = step;
  const hop = hopOf({
    ...(filled(others, taken, plain) as typeof others),
    ...{ expect, tls, proxy },
    http: filled(http, taken, encoded) as string,
    body: filled(body, taken, isForm ? encoded : plain) as typeof body,
  });
  if (Object.values(hop.headers).every((value) => HEADER_VALUE.test(value))) return hop;
  const detail = 'a taken value cannot stand in a header';
  return { reason: 'header', detail, certificateEndsAt: null };
}

function filled(
  written: unknown,
  taken: ReadonlyMap<string, string>,
  as: (value: string) => string,
): unknown {
  if (typeof written === 'string') {
    return written.replace(REFERENCE, (_, name: string) => as(taken.get(name) ?? ''));
  }
  if (Array.isArray(written)) return written.map((item) => filled(item, taken, as));
  if (typeof written !== 'object' || written === null) return written;
  return Object.fromEntries(
    Object.entries(written).map(([key, value]) => [key, filled(value, taken, as)]),
  );
}
