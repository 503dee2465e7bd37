/**
 * Spans as OTLP writes them in JSON. Each is written when it ends and kept as text: what waits for the
 * collector is a string a span. Ids are hexadecimal and 64-bit numbers are strings: JSON's own
 * numbers would lose the last digits of a time.
 * https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding
 */
import type { Trace } from '../system/trace.ts';

export type AttributeValue = string | number | readonly string[];

export interface Span {
  readonly trace: Trace;
  readonly name: string;
  /** Epoch ms, with a fraction. */
  readonly endedAt: number;
  readonly attributes: Readonly<Record<string, AttributeValue | null | undefined>>;
  /** What failed, in a few words; null: nothing did, or it cannot be said. */
  readonly error: string | null;
}

/** We ask others: a client. */
const KIND_CLIENT = 3;
const STATUS_ERROR = 2;

export function spanText({ trace, name, endedAt, attributes, error }: Span): string {
  return JSON.stringify({
    traceId: trace.traceId,
    spanId: trace.spanId,
    name,
    kind: KIND_CLIENT,
    startTimeUnixNano: nanoseconds(trace.startedAt),
    endTimeUnixNano: nanoseconds(endedAt),
    attributes: attributesOf(attributes),
    status: error === null ? {} : { code: STATUS_ERROR, message: error },
  });
}

export interface Process {
  readonly resource: Readonly<Record<string, AttributeValue>>;
  readonly scope: { readonly name: string; readonly version: string };
}

/** An ExportTraceServiceRequest. */
export function requestText({ resource, scope }: Process, spans: readonly string[]): string {
  const about = JSON.stringify({ attributes: attributesOf(resource) });
  const by = JSON.stringify(scope);
  return `{"resourceSpans":[{"resource":${about},"scopeSpans":[{"scope":${by},"spans":[${spans.join(',')}]}]}]}`;
}

/** How many spans an ExportTraceServiceResponse says were not taken. */
export function rejectedOf(body: string): number {
  if (body === '') return 0;
  try {
    const { partialSuccess } = JSON.parse(body) as { partialSuccess?: { rejectedSpans?: unknown } };
    return Number(partialSuccess?.rejectedSpans ?? 0) || 0;
  } catch {
    return 0;
  }
}

function attributesOf(
  attributes: Readonly<Record<string, AttributeValue | null | undefined>>,
): object[] {
  const written: object[] = [];
  for (const key in attributes) {
    const value = attributes[key];
    if (value !== null && value !== undefined) written.push({ key, value: valueOf(value) });
  }
  return written;
}

function valueOf(value: AttributeValue): object {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value !== 'number') {
    return { arrayValue: { values: value.map((each) => ({ stringValue: each })) } };
  }
  return Number.isSafeInteger(value) ? { intValue: String(value) } : { doubleValue: value };
}

function nanoseconds(ms: number): string {
  const whole = Math.floor(ms);
  const rest = Math.floor((ms - whole) * 1e6);
  return `${whole}${String(rest).padStart(6, '0')}`;
}
