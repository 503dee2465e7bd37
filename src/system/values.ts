/**
 * The kinds of value that a person writes into checks.yml, as zod schemas: probes, channels and the
 * loader build their options from them, so that a duration reads and fails alike everywhere. They
 * give plain data (text, numbers), never class instances, so that a configuration can be compared
 * and sent to a worker. No message repeats a URL or a phone number: either may be a secret.
 */
import { isIP } from 'node:net';
import { RE2JS } from 're2js';
import { z } from 'zod';

const SECOND_MS = 1_000;
const UNITS_MS = { d: 86_400 * SECOND_MS, h: 3_600 * SECOND_MS, m: 60 * SECOND_MS, s: SECOND_MS };
const DURATION = /^(?=\d)(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?(?:(\d+)ms)?$/;
/** Longer is a slip of the pen, and sums of it stay exact integers. */
const MAX_DURATION_MS = 3_650 * UNITS_MS.d;

/** Milliseconds of `1h30m`, or why it is not a duration. */
export function parseDuration(text: string): { ms: number } | { why: string } {
  const ms = durationMs(text);
  if (ms !== null) {
    return ms <= MAX_DURATION_MS ? { ms } : { why: `${quote(text)} is longer than ten years` };
  }
  if (text.startsWith('-')) return { why: 'a duration cannot be negative' };
  if (/^\d+(?:\.\d+)?$/.test(text)) return { why: unitless(Number(text)) };
  const plain = text
    .toLowerCase()
    .replace(/\s+/g, '')
    .replace(/(\d)(?:milliseconds?|millis|msecs?)/g, '$1ms')
    .replace(/(\d)(?:seconds?|secs?)/g, '$1s')
    .replace(/(\d)(?:minutes?|mins?)/g, '$1m')
    .replace(/(\d)(?:hours?|hrs?)/g, '$1h')
    .replace(/(\d)days?/g, '$1d')
    .replace(/(\d{1,4})w(?:eeks?)?/g, (_, weeks) => `${7 * Number(weeks)}d`);
  const hint = durationMs(plain) === null ? '' : `: did you mean ${plain}?`;
  return { why: `expected a duration such as 30s, 5m or 1h30m, got ${quote(text)}${hint}` };
}

/** How people write it: `1h30m`, `500ms`, `0s`. */
export function printDuration(ms: number): string {
  let rest = Math.round(ms);
  let text = '';
  for (const [unit, unitMs] of Object.entries(UNITS_MS)) {
    const count = Math.floor(rest / unitMs);
    if (count > 0) text += `${String(count)}${unit}`;
    rest -= count * unitMs;
  }
  if (rest > 0) text += `${String(rest)}ms`;
  return text === '' ? '0s' : text;
}

function durationMs(text: string): number | null {
  const parts = DURATION.exec(text);
  if (parts === null) return null;
  const [, d = 0, h = 0, m = 0, s = 0, ms = 0] = parts;
  return (
    Number(d) * UNITS_MS.d +
    Number(h) * UNITS_MS.h +
    Number(m) * UNITS_MS.m +
    Number(s) * UNITS_MS.s +
    Number(ms)
  );
}

/** Whole quarters of an hour are seconds by habit (3600); other large numbers are milliseconds. */
function unitless(count: number): string {
  const seconds = count < 1_000 || (count % 900 === 0 && count % 1_000 !== 0);
  const meant = Number.isInteger(count)
    ? `${String(count)}${seconds ? 's' : 'ms'}`
    : printDuration(count * SECOND_MS);
  return `${String(count)} has no unit: did you mean ${meant}?`;
}

/** A duration such as `30s`, as milliseconds. `min` and `max` are milliseconds, both included. */
export function duration({ min = 0, max = MAX_DURATION_MS } = {}) {
  const text = z
    .string({
      error: ({ input }) =>
        typeof input === 'number'
          ? input < 0
            ? 'a duration cannot be negative'
            : unitless(input)
          : 'expected a duration such as 30s, 5m or 1h30m',
    })
    .meta({ pattern: '^([0-9]+(d|h|m|s|ms))+$|\\$\\{', examples: ['30s', '5m', '1h30m'] });
  return text.transform((written, { issues }) => {
    const parsed = parseDuration(written);
    let why: string | null = null;
    if ('why' in parsed) why = parsed.why;
    else if (parsed.ms < min) why = `${written} is too short: at least ${printDuration(min)}`;
    else if (parsed.ms > max) why = `${written} is too long: at most ${printDuration(max)}`;
    if (why === null && 'ms' in parsed) return parsed.ms;
    issues.push({ code: 'custom', input: written, message: why ?? '' });
    return z.NEVER;
  });
}

/** Text that must never be shown: the loader collects it, so that logs can blot it out. */
export function secretText() {
  return z
    .string({
      error: ({ input }) => (isScalar(input) ? 'expected text: put it in quotes' : undefined),
    })
    .min(1, 'must not be empty')
    .meta({ secret: true });
}

/** An http or https URL, as written. Credentials belong elsewhere, where they are not printed. */
export function httpUrl({ credentials = 'send them in a header (authorization)' } = {}) {
  return z
    .string({ error: () => 'expected a URL such as https://example.com/' })
    .meta({ pattern: '^[Hh][Tt][Tt][Pp][Ss]?://|\\$\\{', examples: ['https://example.com/'] })
    .superRefine((text, { issues }) => {
      const why = urlFault(text, credentials);
      if (why !== null) issues.push({ code: 'custom', input: undefined, message: why });
    });
}

function urlFault(text: string, credentials: string): string | null {
  const url = URL.parse(text);
  if (!/^https?:\/\//i.test(text)) {
    return /^[a-z][a-z0-9+.-]*:\/\//i.test(text)
      ? 'expected a URL that starts with http:// or https://'
      : 'expected a URL such as https://example.com/: it must start with http:// or https://';
  }
  if (url === null || /\s/.test(text)) return 'is not a valid URL';
  if (url.username !== '' || url.password !== '') {
    return `a URL must not hold a user or password: ${credentials}`;
  }
  return null;
}

const PORT = '([0-9]{1,4}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])';

/** `host:port` or `[v6]:port`. `anyPort` lets 0 pass: the system chooses. */
export function hostPort({ anyPort = false } = {}) {
  return z
    .string({ error: () => 'expected host:port, such as db.internal:5432' })
    .meta({ pattern: `:${PORT}$|\\$\\{`, examples: ['db.internal:5432', '[::1]:8080'] })
    .transform((text, { issues }) => {
      const parsed = parseHostPort(text, anyPort ? 0 : 1);
      if ('host' in parsed) return parsed;
      issues.push({ code: 'custom', input: text, message: parsed.why });
      return z.NEVER;
    });
}

function parseHostPort(
  text: string,
  minPort: number,
): { host: string; port: number } | { why: string } {
  if (text.includes('://')) {
    return { why: 'expected host:port without a scheme, such as db.internal:5432' };
  }
  if (isIP(text) === 6) {
    const [, address = '', port = ''] = /^(.*):(\d{1,5})$/.exec(text) ?? [];
    const meant = isIP(address) === 6 ? `[${address}]:${port}` : `[${text}]:443`;
    return { why: `expected a port: write ${meant}` };
  }
  const parts = /^(?:\[([^\]]*)\]|([^:[\]\s/@]+)):(\d{1,6})$/.exec(text);
  if (parts === null) {
    return /^[^:\s/@]+$/.test(text)
      ? { why: `expected host:port: ${quote(text)} has no port` }
      : { why: 'expected host:port, such as db.internal:5432 or [::1]:8080' };
  }
  const [, v6, name] = parts;
  const port = Number(parts[3]);
  if (port < minPort || port > 65_535) {
    return { why: `the port must be from ${String(minPort)} to 65535, not ${String(port)}` };
  }
  if (v6 !== undefined && isIP(v6) !== 6)
    return { why: 'expected an IPv6 address in the brackets' };
  const host = v6 ?? name ?? '';
  if (/^[\d.]+$/.test(host) && isIP(host) === 0) return { why: `${quote(host)} is not an address` };
  return { host, port };
}

/** Of whose addresses one is taken; undefined: of either family. */
export function ipChoice() {
  return z
    .literal([4, 6, 'any'], { error: () => 'expected 4, 6 or any, without quotes' })
    .default('any')
    .transform((ip) => (ip === 'any' ? undefined : ip))
    .describe('Only addresses of IPv4, or only of IPv6');
}

/** Who turns a check's name into addresses. */
export function resolverChoice() {
  return z
    .enum(['own', 'system'])
    .default('own')
    .describe('system asks as other programs do (getaddrinfo), for one look at a time');
}

/** A phone number as E.164 has it: +, country code, number; at most 15 digits. */
export function e164() {
  return z
    .string({
      error: ({ input }) =>
        typeof input === 'number'
          ? 'a phone number must be in quotes, such as "+351912345678"'
          : 'expected a phone number such as "+351912345678"',
    })
    .meta({ pattern: '^\\+[1-9][0-9]{6,14}$|\\$\\{', examples: ['+351912345678'] })
    .superRefine((text, { issues }) => {
      if (/^\+[1-9]\d{6,14}$/.test(text)) return;
      const example = 'expected a phone number such as "+351912345678"';
      const bare = text.replace(/[\s().\-/]/g, '');
      let why = `${example}: + and 7 to 15 digits`;
      if (/^(?:00)?\d{5,15}$/.test(bare))
        why = `${example}: did you forget the + and country code?`;
      else if (bare !== text && /^\+\d+$/.test(bare)) why = `${example}, without spaces or dashes`;
      issues.push({ code: 'custom', input: undefined, message: why });
    });
}

/** A bare mail address, without a name or brackets. */
export function mailbox() {
  return z
    .string()
    .refine(
      (text) => /^[^\s@<>",;]+@[^\s@<>",;]+\.[^\s@<>",;]+$/.test(text),
      'expected a mail address such as alerts@example.com',
    );
}

/** An RE2 pattern (no lookaround, no back-references: it cannot hang). It stays text. */
export function regex() {
  return z
    .string({ error: () => 'expected a pattern (RE2), in quotes' })
    .meta({ examples: ['^OK$'] })
    .superRefine((text, { issues }) => {
      try {
        RE2JS.compile(text);
      } catch (error) {
        const why = error instanceof Error ? error.message.replace(/\s+/g, ' ') : 'unknown';
        issues.push({ code: 'custom', input: text, message: `is not an RE2 pattern: ${why}` });
      }
    });
}

/**
 * For `when` of a rule about several keys: it is held also where one of them is wrong or missing, but
 * not where one is misspelt, which is told already.
 */
export function isLegible({ value, issues }: z.core.ParsePayload): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    issues.every(({ code }) => code !== 'unrecognized_keys')
  );
}

function isScalar(input: unknown): boolean {
  return typeof input === 'number' || typeof input === 'boolean';
}

const A_PROGRAM = 'expected a list: the path of a program, and its arguments in quotes';
const argument = z.string({ error: () => 'expected text: put it in quotes' }).regex(/^[^\0]*$/);

/** A program by its whole path, and its arguments: no shell reads them. */
export function argv() {
  return z
    .array(argument, { error: () => A_PROGRAM })
    .min(1, A_PROGRAM)
    .max(100)
    .refine(([path = '']) => path.startsWith('/'), 'the program must be named by its whole path');
}

/** What a program is given of variables; each value may be a secret. */
export function environment() {
  return z
    .record(
      z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'is not a name of a variable'),
      secretText(),
    )
    .default({})
    .describe('All of its environment, beside PATH and LC_ALL');
}

/** At most 40 characters, in quotes. */
function quote(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 39)}…` : text);
}
