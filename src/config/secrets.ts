/**
 * `${env:NAME}`, `${env:NAME:-default}` and `${file:path}` in the values of checks.yml. They are
 * resolved after YAML has been parsed, so that no value can become structure; what is put in is
 * never looked at again. Every other `$` is a dollar.
 */
import type { Complaints, Spot } from './problem.ts';
import { mapScalars, type Written } from './written.ts';

const REFERENCE = /\$\{(env|file):([^}]*)\}/g;
const NAME = /^([A-Za-z_][A-Za-z0-9_]*)(?::-(.*))?$/s;

/** Files are read by whoever may: this gives the text, or why there is none. */
export type ReadText = (path: string, from: Spot) => { text: string } | { why: string };

/** The paths that `${file:…}` names, with the place of each. */
export function filesNamed(tree: Written): { path: string; from: Spot }[] {
  const named: { path: string; from: Spot }[] = [];
  mapScalars(tree, (scalar) => {
    if (typeof scalar.value !== 'string') return scalar;
    for (const [, kind, path = ''] of scalar.value.matchAll(REFERENCE)) {
      if (kind === 'file') named.push({ path, from: scalar.at });
    }
    return scalar;
  });
  return named;
}

export const HIDDEN = '***';

/**
 * The tree with every reference resolved. Values go into `secrets`, written defaults do not. Where
 * one cannot be resolved, nothing else is told of the value.
 */
export function resolveSecrets(
  tree: Written,
  env: Readonly<Record<string, string | undefined>>,
  readText: ReadText,
  secrets: Set<string>,
  complaints: Complaints,
): Written {
  return mapScalars(tree, (scalar) => {
    if (typeof scalar.value !== 'string' || !scalar.value.includes('${')) return scalar;
    const faults: string[] = [];
    let shown = '';
    let value = '';
    let end = 0;
    for (const { 0: whole, 1: kind, 2: what = '', index } of scalar.value.matchAll(REFERENCE)) {
      const found = kind === 'env' ? variable(what, env) : fileText(what, scalar.at, readText);
      const before = scalar.value.slice(end, index);
      end = index + whole.length;
      if ('why' in found) {
        faults.push(`${whole} ${found.why}`);
        continue;
      }
      if (found.secret && found.text !== '') secrets.add(found.text);
      shown += before + (found.secret ? HIDDEN : found.text);
      value += before + found.text;
    }
    if (end === 0) return scalar;
    if (faults.length > 0) complaints.addOnly(scalar.at, faults);
    const rest = scalar.value.slice(end);
    return { ...scalar, value: value + rest, shown: shown + rest };
  });
}

type Found = { text: string; secret: boolean } | { why: string };

function variable(what: string, env: Readonly<Record<string, string | undefined>>): Found {
  const parts = NAME.exec(what);
  if (parts === null)
    return { why: 'is not a reference: expected ${env:NAME} or ${env:NAME:-default}' };
  const [, name = '', fallback] = parts;
  const value = env[name];
  // As in a shell: `:-` also stands in for a variable that is there and empty.
  if (fallback !== undefined && (value === undefined || value === '')) {
    return { text: fallback, secret: false };
  }
  return value === undefined
    ? { why: `is not set: the environment has no ${name}` }
    : { text: value, secret: true };
}

function fileText(path: string, from: Spot, readText: ReadText): Found {
  const read = readText(path, from);
  if ('why' in read) return { why: `cannot be read: ${read.why}` };
  return { text: read.text.replace(/(?:\r?\n)+$/, ''), secret: true };
}
