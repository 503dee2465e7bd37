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

/** An example of what a counter counted: which incident it was. */
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
 * counters in place while it does, under whoever asks for the other format meanwhile.
 * `exemplars`: by the line's beginning, as far as its first label.
 */
export function openMetrics(
  text: string,
  exemplars: ReadonlyMap<string, Exemplar> = new Map(),
): string {
  return text
    .replaceAll(/^\n/gm, '')
    .replaceAll(
      /^# HELP (\S+?)_total (.*)\n# TYPE \1_total counter$/gm,
      '# HELP $1 $2\n# TYPE $1 counter',
    )
    .replaceAll(/^(# TYPE (\S+_(seconds|bytes)) \w+)$/gm, '$1\n# UNIT $2 $3')
    .replaceAll(/^[a-z_]+_total\{\w+="[^"]*"(?=[,}]).*$/gm, (line) => {
      const exemplar = exemplars.get(line.slice(0, /[,}]/.exec(line)?.index));
      if (exemplar === undefined) return line;
      return `${line} # {${labels(exemplar.labels)}} ${number(exemplar.value)} ${number(exemplar.at / 1000)}`;
    });
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
