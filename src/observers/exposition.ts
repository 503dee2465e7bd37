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
 * One family of the text format as OpenMetrics. prom-client can write it, but renames the
 * counters in place while it does, under whoever asks for the other format meanwhile. A counter whose
 * name without `_total` is a gauge's keeps its name, as of unknown type: families are told apart by
 * their names. `exemplars`: by the name of their line and its labels, apart by a blank.
 */
export function openMetrics(
  text: string,
  isGauge: (name: string) => boolean = () => false,
  exemplars: ReadonlyMap<string, Exemplar> = new Map(),
): string {
  let open = text
    .replace(
      /^# HELP (\S+)_total (.*)\n# TYPE \1_total counter$/m,
      (_, name: string, help: string) =>
        isGauge(name)
          ? `# HELP ${name}_total ${help}\n# TYPE ${name}_total unknown`
          : `# HELP ${name} ${help}\n# TYPE ${name} counter`,
    )
    .replace(/^(# TYPE (\S+_(seconds|bytes)) \w+)$/m, '$1\n# UNIT $2 $3');
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
  const parts: string[] = [];
  for (const name in pairs) {
    if (parts.length > 0) parts.push(',');
    parts.push(name, '="', escaped(pairs[name] ?? ''), '"');
  }
  // Text that is added up keeps what it was added up of; this is kept for each of thousands of checks.
  return parts.join('');
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

/** As `String` would, but for its cache of numbers: what is in it outlives the young generation. */
function number(value: number): string {
  if (Number.isFinite(value)) return JSON.stringify(value);
  if (Number.isNaN(value)) return 'NaN';
  return value > 0 ? '+Inf' : '-Inf';
}
