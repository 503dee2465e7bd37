/**
 * The Prometheus text format, version 0.0.4, line by line. Labels are rendered once and kept: what
 * costs at a scrape is only the numbers.
 * https://prometheus.io/docs/instrumenting/exposition_formats/
 */

export const CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** `# HELP` and `# TYPE`. */
export function heading(name: string, type: 'counter' | 'gauge', help: string): string {
  return `# HELP ${name} ${help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}\n# TYPE ${name} ${type}\n`;
}

/** `a="b",c="d"`, without braces, so that more can be put behind it. */
export function labels(pairs: Readonly<Record<string, string>>): string {
  let text = '';
  for (const name in pairs) {
    text += `${text === '' ? '' : ','}${name}="${escaped(pairs[name] ?? '')}"`;
  }
  return text;
}

/** One sample. `rendered` comes from `labels`. */
export function sample(name: string, rendered: string, value: number): string {
  return `${name}{${rendered}} ${number(value)}\n`;
}

/** A tag's key as part of a label's name: other characters become `_`. */
export function labelName(key: string): string {
  return key.replaceAll(/[^a-zA-Z0-9_]/g, '_');
}

function escaped(value: string): string {
  if (!/["\\\n]/.test(value)) return value;
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}

function number(value: number): string {
  if (value === Infinity) return '+Inf';
  return value === -Infinity ? '-Inf' : String(value);
}
