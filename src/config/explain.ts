/**
 * What zod found wrong, in words and at a place. Zod's own sentences never reach a reader: `words`
 * replaces them while parsing, and a union says either what its nearest form lacks or all its forms.
 */
import { z } from 'zod';
import type { Complaints, Spot } from './problem.ts';
import { keysAt } from './schema-walk.ts';
import { HIDDEN } from './secrets.ts';
import { didYouMean, nearest } from './suggest.ts';
import { keyAt, type Mapping, type Path, plain, valueAt, type Written } from './written.ts';

type Issue = z.core.$ZodIssue;

/** Whose value it is, for the sentence: `check "shop"`, or nothing for the file itself. */
export interface Owner {
  readonly name: string;
  readonly at: Spot;
}

/** Parses, or complains and returns null. */
export function read<S extends z.ZodType>(
  schema: S,
  node: Written,
  owner: Owner,
  complaints: Complaints,
): z.output<S> | null {
  const result = schema.safeParse(plain(node), { error: words });
  if (result.success) return result.data;
  for (const issue of result.error.issues) {
    explain(sharpen(issue), schema, node, owner, complaints);
  }
  return null;
}

/** What could be read of optional keys, and those that could not: the rest is still worth checking. */
export function readMost<S extends z.ZodObject>(
  schema: S,
  node: Mapping,
  owner: Owner,
  complaints: Complaints,
): { values: z.output<S> | null; bad: ReadonlySet<string> } {
  const values = read(schema, node, owner, complaints);
  if (values !== null) return { values, bad: new Set() };
  const isGood = (key: string, value: Written): boolean =>
    schema.shape[key] !== undefined && z.safeParse(schema.shape[key], plain(value)).success;
  const good = [...node.entries].filter(([key, { value }]) => isGood(key, value));
  const rest = schema.safeParse(plain({ ...node, entries: new Map(good) }));
  const bad = new Set(node.entries.keys()).difference(new Set(good.map(([key]) => key)));
  return { values: rest.success ? rest.data : null, bad };
}

const KEYS_AND_VALUES = 'expected keys and values';
/** For keys that people write in short. */
const SUCH_AS: Readonly<Record<string, string>> = {
  confirm: '{ fail: 3 }',
  expect: '{ status: 200 }',
  warn: '{ time: 800ms }',
  repeat: '{ every: 30m }',
  tls: '{ verify: false }',
};

function explain(
  issue: Issue,
  schema: z.ZodType,
  node: Written,
  owner: Owner,
  complaints: Complaints,
): void {
  const { path } = issue;
  if (issue.code === 'unrecognized_keys') {
    for (const key of issue.keys) {
      const at = keyAt(node, [...path, key]) ?? owner.at;
      complaints.add(at, () => {
        const known = keysAt(schema, path);
        return unknownKey(key, known, inWhat(path, owner)) + elsewhere(key, schema, path);
      });
    }
    return;
  }
  const value = valueAt(node, path);
  if (value === undefined && path.length > 0) {
    const parent = path.length > 1 ? valueAt(node, path.slice(0, -1))?.at : undefined;
    const where = inWhat(path.slice(0, -1), owner);
    complaints.add(parent ?? owner.at, `missing key "${String(path.at(-1))}"${where}`);
    return;
  }
  const isKey = issue.code === 'invalid_key';
  const text = isKey ? (issue.issues[0]?.message ?? issue.message) : issue.message;
  const at = (isKey ? keyAt(node, path) : value?.at) ?? owner.at;
  const example = SUCH_AS[String(path.at(-1))];
  if (text === KEYS_AND_VALUES && example !== undefined) {
    complaints.add(at, `${ofWhat(path, owner)}: ${text} such as ${example}`);
    return;
  }
  complaints.add(at, () => `${ofWhat(path, owner)}: ${veiled(text, value)}${nearestOf(issue)}`);
}

/** Of an issue about a name that is not known, which brings the word and those that are known. */
function nearestOf(issue: Issue): string {
  const { word, known } = issue.code === 'custom' ? (issue.params ?? {}) : {};
  const isTold = typeof word === 'string' && Array.isArray(known);
  return isTold ? didYouMean(word, known.map(String)) : '';
}

/** Where a sentence repeats what was written: in quotes, or as the argument of a library's message. */
const REPEATED = /"(?:[^"\\]|\\.)*"|`[^`]*`|\([^()]*\)|\[[^[\]]*\]/g;
/** No word of ours has so many characters and a digit. */
const LIKE_NONE_OF_OURS = /^(?=.*\d).{4}/s;

/** The sentence without what a reference put into the value; our own words and ids stay. */
export function veiled(text: string, node: Written | undefined): string {
  if (node?.kind !== 'scalar' || node.shown === undefined) return text;
  const value = String(node.value);
  const written = JSON.stringify(value);
  const quoted = text.replace(REPEATED, (piece) => {
    const inner = piece.slice(1, -1).replace(/…$/, '');
    return inner !== '' && (written.includes(inner) || value.includes(inner))
      ? piece.slice(0, 1) + HIDDEN + piece.slice(-1)
      : piece;
  });
  return LIKE_NONE_OF_OURS.test(value) ? quoted.replaceAll(value, HIDDEN) : quoted;
}

export const MERGE_KEY = '<<';

export function unknownKey(key: string, known: Iterable<string>, where: string): string {
  const merge = key === MERGE_KEY ? ' (YAML 1.2 has no merge keys)' : '';
  return `unknown key ${JSON.stringify(key)}${where}${merge}${didYouMean(key, known)}`;
}

/** `status: 200` beside `expect:` instead of in it. */
export function elsewhere(key: string, schema: z.ZodType, path: Path): string {
  const known = keysAt(schema, path);
  if (nearest(key, known) !== null) return '';
  const home = known.find((name) => keysAt(schema, [...path, name]).includes(key));
  return home === undefined ? '' : `: did you mean "${key}" in "${home}"?`;
}

function printPath(path: Path): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${step}]`;
    return text === '' ? String(step) : `${text}.${String(step)}`;
  }, '');
}

function inWhat(path: Path, { name }: Owner): string {
  if (path.length > 0) return ` in ${ofWhat(path, { name })}`;
  return name === '' ? '' : ` in ${name}`;
}

/** `expect.status of check "shop"` */
export function ofWhat(path: Path, { name }: Pick<Owner, 'name'>): string {
  const text = printPath(path);
  if (text === '') return name;
  return name === '' ? text : `${text} of ${name}`;
}

const UNION = 'expected something else';

function words(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return typeWords(issue.expected, issue.input);
    case 'invalid_value': {
      const values = issue.values.map(String);
      const near = typeof issue.input === 'string' ? meant(issue.input, values) : null;
      const list = values.length === 1 ? values.join('') : `one of ${values.join(', ')}`;
      return `expected ${list}${near === null ? '' : `; did you mean "${near}"?`}`;
    }
    case 'too_small':
      return issue.origin === 'array' || issue.origin === 'string'
        ? issue.minimum === 1
          ? 'must not be empty'
          : `is too short: at least ${String(issue.minimum)}`
        : `must be at least ${String(issue.minimum)}`;
    case 'too_big':
      return issue.origin === 'array' || issue.origin === 'string'
        ? `is too long: at most ${String(issue.maximum)}`
        : `must be at most ${String(issue.maximum)}`;
    case 'invalid_format':
      return issue.format === 'email'
        ? 'expected a mail address such as ana@example.com'
        : `is not written as expected (${issue.format})`;
    case 'invalid_union':
      return UNION;
    default:
      return undefined;
  }
}

/** The nearest, or the only one that begins so: `crit`. */
function meant(word: string, values: readonly string[]): string | null {
  const longer = values.filter((value) => word.length > 2 && value.startsWith(word.toLowerCase()));
  return nearest(word, values) ?? (longer.length === 1 ? (longer[0] ?? null) : null);
}

const TYPES: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list such as [a, b]',
  object: 'keys and values',
  record: 'keys and values',
};

function typeWords(expected: string, input: unknown): string {
  const wanted = `expected ${TYPES[expected] ?? expected}`;
  if (input === null) return `${wanted}, got nothing`;
  if (expected === 'string' && (typeof input === 'number' || typeof input === 'boolean')) {
    return `${wanted}: put ${String(input)} in quotes`;
  }
  if (/^(number|int)$/.test(expected) && typeof input === 'string' && /^\d+$/.test(input)) {
    return `${wanted}: write it without quotes`;
  }
  if (expected === 'boolean' && typeof input === 'string' && /^(yes|no|on|off)$/i.test(input)) {
    return `${wanted}: in YAML 1.2, ${input} is text`;
  }
  return wanted;
}

/** A union without a sentence of its own: the form that was meant, as far as it can be told. */
function sharpen(issue: Issue): Issue {
  if (issue.code !== 'invalid_union' || issue.message !== UNION) return issue;
  const forms = issue.errors.map((form) => form.map(sharpen));
  const meant = forms.find((form) => form.every(({ path, code }) => !isOtherType(path, code)));
  const first = meant?.[0];
  if (first !== undefined) return { ...first, path: [...issue.path, ...first.path] };
  const wanted = forms.flatMap((form) => form[0]?.message.replace(/^expected /, '') ?? []);
  return { ...issue, message: `expected ${[...new Set(wanted)].join(' or ')}` };
}

function isOtherType(path: Path, code: string): boolean {
  return path.length === 0 && (code === 'invalid_type' || code === 'invalid_value');
}
