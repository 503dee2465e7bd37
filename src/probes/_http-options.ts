/** What a check of type http may say in checks.yml, and what is wrong with it at load. */
import { query } from 'jsonpath-rfc9535';
import { z } from 'zod';
import { duration, httpUrl, ipChoice, resolverChoice } from '../system/values.ts';
import { byteSize } from './_byte-size.ts';
import { lifeLeft } from './_certificate.ts';
import { domainFault, registrationLeft } from './_domain.ts';
import { authKeys } from './_http-auth.ts';
import { statusRanges, SUCCESSFUL } from './_status-range.ts';
import { textMatch } from './_text-match.ts';
import { tlsOptions, TLS_FILES } from './_tls-options.ts';

export const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
/** More would hold the loop when patterns and paths look at it, and a log when it is shown. */
const MAX_BODY_BYTES = 1_048_576;
const DEFAULT_BODY_BYTES = 65_536;
export const HEADER_VALUE = /^[\t\u0020-\u007E\u0080-\u00FF]*$/;
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

export function pathFault(path: string): string | null {
  // These two run native patterns, which a hostile answer could hang.
  if (/\b(match|search)\s*\(/.test(path)) return 'match() and search() are not supported';
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

/** The way there, where it is not the straight one. No message repeats it: it may hold a password. */
const proxyUrl = z
  .string({ error: () => A_PROXY })
  .meta({ pattern: '^[Hh][Tt][Tt][Pp][Ss]?://|\\$\\{', secret: true })
  .superRefine((text, { issues }) => {
    const message = proxyFault(text);
    if (message !== null) issues.push({ code: 'custom', input: undefined, message });
  })
  .describe('An HTTP proxy; one that the environment names is not used');
const A_PROXY = 'expected a proxy such as http://proxy.internal:3128';

function proxyFault(text: string): string | null {
  const url = URL.parse(text);
  if (url === null || /\s/.test(text)) return A_PROXY;
  if (url.protocol.startsWith('socks')) return `${A_PROXY}: SOCKS is not spoken`;
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return A_PROXY;
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '') {
    return `${A_PROXY}: it has no path`;
  }
  try {
    decodeURIComponent(url.username + url.password);
    return null;
  } catch {
    return 'a % in the user or the password must be written as %25';
  }
}

/** What is asked, and what a good answer is: of an http check, and of each step of several. */
export const requestKeys = {
  http: httpUrl({ credentials: 'give them as basic: { user: …, password: … }' }),
  method: z
    .enum(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE'])
    .optional()
    .describe('GET, or POST where there is a body'),
  headers: requestHeaders.default({}),
  ...authKeys,
  body: z.union([z.string(), z.strictObject({ json: z.unknown() })]).optional(),
  json: z.unknown().optional().describe('Sent as JSON, instead of a body'),
  follow_redirects: z.boolean().default(true),
  resolver: resolverChoice(),
  ip: ipChoice(),
  proxy: proxyUrl.optional(),
  http2: z.boolean().default(false).describe('HTTP/2, and nothing else'),
  reuse: z.boolean().default(false).describe('Keeps the connection for the next look'),
  body_limit: byteSize({ max: MAX_BODY_BYTES })
    .default(DEFAULT_BODY_BYTES)
    .describe('How much of a body is read'),
  tls: tlsOptions.prefault({}),
  expect: expected.prefault({}),
};
export type HttpRequest = z.infer<z.ZodObject<typeof requestKeys>>;

/** Without credentials, query or secret. */
export function targetOf({ http: address }: Pick<HttpRequest, 'http'>): string {
  const { origin, pathname } = new URL(address);
  return `${origin}${pathname}`;
}

/** Paths of the request's options that name files. */
export const requestFiles = TLS_FILES.map((key) => ['tls', key]);

export const warned = z
  .strictObject({ time: duration({ min: 1 }).optional(), certificate: lifeLeft.optional() })
  .default({});

export function refineRequest(
  options: HttpRequest,
  { addIssue }: Pick<z.RefinementCtx, 'addIssue'>,
): void {
  const { http, headers, basic, bearer, http2, body, json, method, expect } = options;
  const auth = basic === undefined ? 'bearer' : 'basic';
  if (options[auth] !== undefined && headers['authorization'] !== undefined) {
    const message = 'there is a header "authorization" as well: it can have one of them';
    addIssue({ code: 'custom', path: [auth], message });
  }
  if (basic !== undefined && bearer !== undefined) {
    addIssue({ code: 'custom', path: ['bearer'], message: 'give either basic or bearer' });
  }
  if (http2 && !/^https:/i.test(http)) {
    const message = 'needs https://: HTTP/2 is agreed upon in the TLS handshake';
    addIssue({ code: 'custom', path: ['http2'], message });
  }
  if (body !== undefined && json !== undefined) {
    addIssue({ code: 'custom', path: ['json'], message: 'give either body or json' });
  }
  const key = expect.body !== undefined ? 'body' : 'json';
  if (method === 'HEAD' && expect[key] !== undefined) {
    const message = 'the answer to HEAD has no body: use GET';
    addIssue({ code: 'custom', path: ['expect', key], message });
  }
}

export const httpOptions = z
  .strictObject({
    ...requestKeys,
    traceparent: z
      .boolean()
      .default(false)
      .describe('Tells the target the trace in which the look is recorded'),
    warn: warned.unwrap().extend({ domain: registrationLeft().optional() }).default({}),
  })
  .superRefine((options, context) => {
    refineRequest(options, context);
    const { http, warn } = options;
    const fault = warn.domain === undefined ? null : domainFault(new URL(http).hostname);
    if (fault === null) return;
    context.addIssue({ code: 'custom', path: ['warn', 'domain'], message: fault });
  });

export type HttpOptions = z.infer<typeof httpOptions>;
