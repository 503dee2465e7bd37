/**
 * A collector of OpenTelemetry over OTLP/HTTP in JSON, which takes nothing that the protocol's own
 * mapping to JSON does not allow: names in lowerCamelCase, ids in hexadecimal, 64-bit numbers as text,
 * enumerations as numbers, no key that it does not know.
 * https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding
 */
import { z } from 'zod';
import { isType, JSON_TYPE, parseObject, startStandin, type Standin } from './_standin.ts';

const uint64 = z.string().regex(/^\d{1,20}$/);
const value = z.union([
  z.strictObject({ stringValue: z.string() }),
  z.strictObject({ intValue: z.string().regex(/^-?\d{1,19}$/) }),
  z.strictObject({ doubleValue: z.number() }),
  z.strictObject({
    arrayValue: z.strictObject({ values: z.array(z.strictObject({ stringValue: z.string() })) }),
  }),
]);
const attributes = z.array(z.strictObject({ key: z.string().min(1), value }));
const span = z
  .strictObject({
    traceId: z.string().regex(/^(?!0{32})[0-9a-f]{32}$/),
    spanId: z.string().regex(/^(?!0{16})[0-9a-f]{16}$/),
    name: z.string().min(1),
    kind: z.int().min(1).max(5),
    startTimeUnixNano: uint64,
    endTimeUnixNano: uint64,
    attributes,
    status: z.strictObject({
      code: z.int().min(0).max(2).optional(),
      message: z.string().optional(),
    }),
  })
  .refine(
    (it) => BigInt(it.endTimeUnixNano) >= BigInt(it.startTimeUnixNano),
    'ends before it began',
  );
const request = z.strictObject({
  resourceSpans: z.array(
    z.strictObject({
      resource: z.strictObject({ attributes }),
      scopeSpans: z.array(
        z.strictObject({
          scope: z.strictObject({ name: z.string(), version: z.string() }),
          spans: z.array(span).min(1),
        }),
      ),
    }),
  ),
});

export interface TakenSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly name: string;
  readonly tookMs: number;
  /** Numbers as numbers, whichever kind they were. */
  readonly attributes: Readonly<Record<string, string | number | readonly string[]>>;
  readonly status: { readonly code?: number | undefined; readonly message?: string | undefined };
}

export interface Export {
  readonly path: string;
  readonly resource: TakenSpan['attributes'];
  readonly spans: readonly TakenSpan[];
}

export type Collector = Standin<Export>;

export function startCollector(port = 0): Promise<Collector> {
  return startStandin<Export>(port, {
    tooMany: () => ({ status: 429, body: '{}', headers: JSON_TYPE }),
    answer({ method, path, headers, body }) {
      if (method !== 'POST') return { status: 405, body: '' };
      if (!isType(headers, 'application/json')) return { status: 415, body: '' };
      const asked = request.safeParse(parseObject(body));
      if (!asked.success) return { status: 400, body: asked.error.message, headers: JSON_TYPE };
      const [about] = asked.data.resourceSpans;
      const spans = asked.data.resourceSpans.flatMap(({ scopeSpans }) =>
        scopeSpans.flatMap((each) => each.spans.map(taken)),
      );
      const resource = flat(about?.resource.attributes ?? []);
      return { status: 200, body: '{}', headers: JSON_TYPE, taken: { path, resource, spans } };
    },
  });
}

function taken(it: z.infer<typeof span>): TakenSpan {
  const { traceId, spanId, name, status } = it;
  const tookMs = Number(BigInt(it.endTimeUnixNano) - BigInt(it.startTimeUnixNano)) / 1e6;
  return { traceId, spanId, name, status, tookMs, attributes: flat(it.attributes) };
}

function flat(pairs: z.infer<typeof attributes>): TakenSpan['attributes'] {
  return Object.fromEntries(pairs.map(({ key, value: it }) => [key, plain(it)]));
}

function plain(it: z.infer<typeof value>): string | number | readonly string[] {
  if ('stringValue' in it) return it.stringValue;
  if ('intValue' in it) return Number(it.intValue);
  if ('doubleValue' in it) return it.doubleValue;
  return it.arrayValue.values.map(({ stringValue }) => stringValue);
}
