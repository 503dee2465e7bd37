/** What is kept of an HTTP answer: what is measured, and what came of inspecting the rest. */
import type { Exchanged } from '../system/transport.ts';
import type { Inquiry, Inspect, Inspected, Taken, Undecided } from './_inspect.ts';
import type { HttpRequest } from './_http-options.ts';

const MEASURED: readonly string[] = ['content-length', 'last-modified'];
/** A number or a date is shorter. */
const MEASURED_CHARS = 64;

export interface HttpAnswer {
  readonly status: number;
  readonly version: string;
  /** Those that are measured, whatever is expected. */
  readonly headers: Readonly<Record<string, string>>;
  /** Those that something is expected of, as far as they are there. */
  readonly inspectedHeaders: Readonly<Record<string, Inspected | Undecided>>;
  /** null where nothing is expected of it. */
  readonly body: Inspected | Undecided | null;
  /** Of the body as far as it was read, inflated. */
  readonly bodyBytes: number;
  readonly isCut: boolean;
  /** How the body still is encoded; null: it is plain. */
  readonly encoding: string | null;
}

/** What else than the check's own expectations is asked of the body. */
type More = Pick<Inquiry, 'take' | 'hide'>;

export async function readAnswer(
  answered: Exchanged,
  { header = {}, body: match, json }: Pick<HttpRequest['expect'], 'header' | 'body' | 'json'>,
  inspect: Inspect,
  leftMs: () => number,
  { take, hide }: More = {},
): Promise<{ readonly answer: HttpAnswer; readonly taken: Taken }> {
  const headers: Record<string, string> = {};
  for (const name of MEASURED) {
    const value = answered.headers[name];
    if (value !== undefined && value.length <= MEASURED_CHARS) headers[name] = value;
  }
  const isBodyNeeded = match !== undefined || json !== undefined || take !== undefined;
  const read = isBodyNeeded
    ? await inspect(answered.body, { match, json, take, hide }, leftMs())
    : null;
  const isRead = read !== null && 'taken' in read;
  const taken = isRead ? read.taken : {};
  const secrets = [...(hide ?? []), ...Object.values(taken).filter((value) => value !== null)];
  const inspectedHeaders: Record<string, Inspected | Undecided> = {};
  for (const [name, expected] of Object.entries(header)) {
    const value = answered.headers[name];
    if (value === undefined) continue;
    const asked = typeof expected === 'string' ? { is: expected } : { match: expected };
    const found = await inspect(value, { ...asked, hide: secrets }, leftMs());
    inspectedHeaders[name] = 'taken' in found ? found.inspected : found;
  }
  return {
    answer: {
      status: answered.status,
      version: answered.httpVersion,
      headers,
      inspectedHeaders,
      body: isRead ? read.inspected : read,
      bodyBytes: Buffer.byteLength(answered.body),
      isCut: answered.truncated,
      encoding: answered.encoding,
    },
    taken,
  };
}
