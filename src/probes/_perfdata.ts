/**
 * What Nagios plugins print: a line for people, and after a bar their measurements,
 * `'label'=value[unit];warn;crit;min;max` (the Plugin API of the Monitoring Plugins). Foreign text:
 * what is not of that form is passed over.
 */

export interface Measurement {
  readonly label: string;
  /** Seconds for times, bytes for sizes, else as it was printed. */
  readonly value: number;
}

export interface PluginOutput {
  /** The first line, at most 200 characters. */
  readonly text: string;
  /** At most 20, of finite value. */
  readonly perfdata: readonly Measurement[];
}

const MAX_TEXT_LENGTH = 200;
const MAX_READ_LENGTH = 8 * 1024;
const MAX_MEASUREMENTS = 20;
const MAX_LABEL_LENGTH = 40;

const MEASUREMENT =
  /(?:'((?:[^']|'')+)'|([^\s'=]+))=(-?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)([a-zµ%]*)\S*/giy;

const SCALES: Readonly<Record<string, number>> = {
  us: 1e-6,
  µs: 1e-6,
  ms: 1e-3,
  s: 1,
  b: 1,
  kb: 1024,
  mb: 1024 ** 2,
  gb: 1024 ** 3,
  tb: 1024 ** 4,
};

/** The first line's measurements come after its bar, more of them after the first bar of the rest. */
export function readPlugin(printed: string): PluginOutput {
  const [first = '', ...rest] = printed.slice(0, MAX_READ_LENGTH).trimStart().split('\n');
  const [text = '', ...firstData] = first.split('|');
  const [, ...moreData] = rest.join('\n').split('|');
  const data = `${firstData.join('|')}\n${moreData.join('|')}`;
  return { text: text.trim().slice(0, MAX_TEXT_LENGTH), perfdata: measurements(data) };
}

function measurements(data: string): Measurement[] {
  const found: Measurement[] = [];
  for (let at = 0; at < data.length && found.length < MAX_MEASUREMENTS; at++) {
    MEASUREMENT.lastIndex = at;
    const parts = MEASUREMENT.exec(data);
    if (parts === null) {
      at += /^\S*/.exec(data.slice(at))?.[0].length ?? 0;
      continue;
    }
    const [all, quoted, bare = '', value, unit = ''] = parts;
    at += all.length;
    const label = (quoted?.replaceAll("''", "'") ?? bare).slice(0, MAX_LABEL_LENGTH);
    const scaled = Number(value) * (SCALES[unit.toLowerCase()] ?? 1);
    if (Number.isFinite(scaled)) found.push({ label, value: scaled });
  }
  return found;
}
