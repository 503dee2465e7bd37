/** What a check of type http may say in checks.yml, and what is wrong with it at load. */
import { query } from 'jsonpath-rfc9535';
import { z } from 'zod';
import { duration, httpUrl, resolverChoice } from '../system/values.ts';
import { lifeLeft } from './_certificate.ts';
import { domainFault, registrationLeft } from './_domain.ts';
import { statusRanges, SUCCESSFUL } from './_status-range.ts';
import { textMatch } from './_text-match.ts';
import { tlsOptions } from './_tls-options.ts';

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const HEADER_VALUE = /^[\t\u0020-\u007E\u0080-\u00FF]*$/;
/** What the connection itself decides. */
const FORBIDDEN_HEADERS = new Set(
  ['connection', 'content-length', 'expect', 'keep-alive', 'te', 'trailer'].concat([
    'transfer-encoding',
    'upgrade',
  ]),
);

const text = () =>
  z.string({
    error: ({ input }) => (input === null ? 'has no value' : 'expected text: put it in quotes'),
  });

/** Names come out in lower case. */
const byHeader = <V extends z.ZodType>(
  value: V,
  faultOf: (name: string, value: z.output<V>) => string | null,
) =>
  z
    .record(z.string(), value)
    .superRefine((headers, { addIssue }) => {
      const known = new Map<string, string>();
      for (const [name, written] of Object.entries(headers)) {
        const twin = known.get(name.toLowerCase());
        const why = twin === undefined ? faultOf(name, written) : `is the same header as "${twin}"`;
        if (why !== null) addIssue({ code: 'custom', path: [name], message: why });
        known.set(name.toLowerCase(), name);
      }
    })
    .transform((headers) =>
      Object.fromEntries(Object.entries(headers).map(([name, it]) => [name.toLowerCase(), it])),
    );

function headerFault(name: string, value: string): string | null {
  if (!TOKEN.test(name)) return 'is not a header name';
  if (FORBIDDEN_HEADERS.has(name.toLowerCase())) return 'this header is set by the connection';
  return HEADER_VALUE.test(value) ? null : 'a header must not hold line breaks or other controls';
}

export const requestHeaders = byHeader(text(), headerFault);

/** RFC 9535 paths to the values that must be there. */
const jsonValues = z
  .record(z.string(), z.unknown())
  .superRefine((values, { addIssue }) => {
    for (const path of Object.keys(values)) {
      const why = pathFault(path);
      if (why !== null) addIssue({ code: 'custom', path: [path], message: why });
    }
  })
  .refine((values) => Object.keys(values).length > 0, 'expected a path such as $.status');

function pathFault(path: string): string | null {
  // These two run native patterns, which a hostile answer could hang.
  if (/\b(match|search)\s*\(/.test(path)) return 'match() and search() are not supported';
  // Each ".." walks all that is below all that the one before it found: on a nested answer, for seconds.
  if ((path.match(/\.\./g) ?? []).length > 1) return 'can have ".." only once';
  try {
    query({}, path);
    return null;
  } catch {
    return 'is not a JSONPath (RFC 9535) such as $.status';
  }
}

const expected = z.strictObject({
  status: statusRanges.default([...SUCCESSFUL]),
  body: textMatch.optional(),
  json: jsonValues.optional(),
  header: byHeader(z.union([z.string(), textMatch]), () => null)
    .optional()
    .describe('Name: the whole value, or what it contains or matches'),
  time: duration({ min: 1 }).optional(),
});

export const httpOptions = z
  .strictObject({
    http: httpUrl(),
    method: z
      .enum(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE'])
      .optional()
      .describe('GET, or POST where there is a body'),
    headers: requestHeaders.default({}),
    body: z.union([z.string(), z.strictObject({ json: z.unknown() })]).optional(),
    json: z.unknown().optional().describe('Sent as JSON, instead of a body'),
    follow_redirects: z.boolean().default(true),
    resolver: resolverChoice(),
    tls: tlsOptions.prefault({}),
    expect: expected.prefault({}),
    warn: z
      .strictObject({
        time: duration({ min: 1 }).optional(),
        certificate: lifeLeft.optional(),
        domain: registrationLeft().optional(),
      })
      .default({}),
  })
  .superRefine(({ http, warn, body, json, method, expect }, { addIssue }) => {
    const fault = warn.domain === undefined ? null : domainFault(new URL(http).hostname);
    if (fault !== null) addIssue({ code: 'custom', path: ['warn', 'domain'], message: fault });
    if (body !== undefined && json !== undefined) {
      addIssue({ code: 'custom', path: ['json'], message: 'give either body or json' });
    }
    const key = expect.body !== undefined ? 'body' : 'json';
    if (method === 'HEAD' && expect[key] !== undefined) {
      const message = 'the answer to HEAD has no body: use GET';
      addIssue({ code: 'custom', path: ['expect', key], message });
    }
  });

export type HttpOptions = z.infer<typeof httpOptions>;
