/**
 * The Prometheus text format, version 0.0.4, and OpenMetrics 1.0, line by line. Labels are rendered
 * once and kept: what costs at a scrape is only the numbers. Samples are the same in both; OpenMetrics
 * names a counter without its `_total` in the headings, says units, and has an end.
 * https://prometheus.io/docs/instrumenting/exposition_formats/
 * https://prometheus.io/docs/specs/om/open_metrics_spec/
 */

export type Format = 'text' | 'openmetrics';

/** Of a text in OpenMetrics. */
export const END = '# EOF\n';

/** An example of what was counted in a bucket: which incident it was. */
export interface Exemplar {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  /** Epoch ms. */
  readonly at: number;
}

/** `# HELP` and `# TYPE`. */
export function heading(
  name: string,
  type: 'counter' | 'gauge',
  help: string,
  format: Format = 'text',
): string {
  const text = `# HELP ${name} ${help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}\n# TYPE ${name} ${type}\n`;
  return format === 'text' ? text : openMetrics(text);
}

/**
 * A text of whole families as OpenMetrics, without its end. prom-client can write it, but renames the
 * counters in place while it does, under whoever asks for the other format meanwhile. A counter whose
 * name without `_total` is a gauge's keeps its name, as of unknown type: families are told apart by
 * their names. `exemplars`: by the name of their line and its
 * labels, apart by a blank.
 */
export function openMetrics(
  text: string,
  exemplars: ReadonlyMap<string, Exemplar> = new Map(),
): string {
  const gauges = new Set([...text.matchAll(/^# TYPE (\S+) gauge$/gm)].map(([, name]) => name));
  let open = text
    .replaceAll(/^\n/gm, '')
    .replaceAll(
      /^# HELP (\S+)_total (.*)\n# TYPE \1_total counter$/gm,
      (_, name: string, help: string) =>
        gauges.has(name)
          ? `# HELP ${name}_total ${help}\n# TYPE ${name}_total unknown`
          : `# HELP ${name} ${help}\n# TYPE ${name} counter`,
    )
    .replaceAll(/^(# TYPE (\S+_(seconds|bytes)) \w+)$/gm, '$1\n# UNIT $2 $3');
  for (const [bucket, exemplar] of exemplars) {
    // Labels come in an order of prom-client's own.
    const [name = '', ...pairs] = bucket.split(' ');
    const line = new RegExp(
      `^${name}\\{${pairs.map((pair) => `(?=.*${RegExp.escape(pair)}[,}])`).join('')}.*$`,
      'm',
    );
    const value = `${number(exemplar.value)} ${number(exemplar.at / 1000)}`;
    open = open.replace(line, (found) => `${found} # {${labels(exemplar.labels)}} ${value}`);
  }
  return open;
}

/** `a="b",c="d"`, without braces, so that more can be put behind it. */
export function labels(pairs: Readonly<Record<string, string>>): string {
  let text = '';
  for (const name in pairs) {
    text += `${text === '' ? '' : ','}${name}="${escaped(pairs[name] ?? '')}"`;
  }
  return text;
}

/** One sample. `rendered` comes from `labels`; '' for none. */
export function sample(name: string, rendered: string, value: number): string {
  return rendered === '' ? `${name} ${number(value)}\n` : `${name}{${rendered}} ${number(value)}\n`;
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
