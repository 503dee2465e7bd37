/** A JSON line of the log as one line for a person at a terminal. */

const COLORS: Readonly<Record<string, string>> = {
  debug: '\u001B[90m',
  info: '\u001B[32m',
  warn: '\u001B[33m',
  error: '\u001B[31m',
};
const DIM = '\u001B[90m';
const PLAIN = '\u001B[0m';

/** `04:12:33 WARN  check failed check=shop reason=status`; times in UTC. */
export function prettyLine(line: string, color: boolean): string {
  const { level, time, event, ...fields } = JSON.parse(line) as Record<string, unknown>;
  const paint = (code: string, text: string): string => (color ? code + text + PLAIN : text);
  const name = String(level);
  const rest = Object.entries(fields).map(
    ([key, value]) =>
      `${paint(DIM, `${key}=`)}${typeof value === 'string' && !/\s/.test(value) ? bare(value) : quoted(value)}`,
  );
  return `${[
    paint(DIM, String(time).slice(11, 19)),
    paint(COLORS[name] ?? PLAIN, name.toUpperCase().padEnd(5)),
    bare(String(event)),
    ...rest,
  ].join(' ')}\n`;
}

/** Whatever could move the cursor, end the line or be taken for the next field is escaped. */
function bare(text: string): string {
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  return /[\u0000-\u001F\u007F-\u009F"]/.test(text) ? quoted(text) : text;
}

function quoted(value: unknown): string {
  return JSON.stringify(value).replace(
    /[\u007F-\u009F]/g,
    (control) => `\\u00${control.charCodeAt(0).toString(16)}`,
  );
}
