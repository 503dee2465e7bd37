/** An HTTP answer held against what was expected of it: one finding for each expectation. */
import { isDeepStrictEqual } from 'node:util';
import { query } from 'jsonpath-rfc9535';
import type { Registration } from '../registration/rdap.ts';
import type { TlsFacts } from '../system/transport.ts';
import { certificateFinding } from './_certificate.ts';
import { domainFinding } from './_domain.ts';
import type { HttpOptions } from './_http-options.ts';
import { connected, finding, printTook, timeFinding } from './_look.ts';
import { isWithin, printRanges } from './_status-range.ts';
import { mismatch, printMatch, quote } from './_text-match.ts';
import type { TextMatch } from './_text-match.ts';
import type { Finding } from './probe.ts';

export interface HttpAnswer {
  readonly status: number;
  readonly version: string;
  readonly headers: Readonly<Record<string, string>>;
  /** '' where nothing is expected of it. */
  readonly body: string;
  readonly isCut: boolean;
}

export interface Answered {
  readonly at: number;
  readonly elapsedMs: number;
  readonly ip: string | null;
  readonly tls: TlsFacts | null;
  readonly registration: Registration | null;
  readonly answer: HttpAnswer;
}

export function findingsOf(
  { at, elapsedMs, ip, tls, registration, answer }: Answered,
  { expect, warn }: HttpOptions,
): Finding[] {
  const { status, version, headers, body, isCut } = answer;
  const findings = [
    connected(`HTTP ${version} from ${ip ?? '?'} in ${printTook(elapsedMs)}`, 'refused'),
    finding({
      expectation: 'status',
      met: isWithin(status, expect.status),
      expected: printRanges(expect.status),
      seen: String(status),
      reason: 'status',
      brief: `HTTP ${status}`,
    }),
  ];
  for (const [name, match] of Object.entries(expect.header ?? {})) {
    findings.push(headerFinding(name, headers[name], match));
  }
  const encoding = headers['content-encoding'];
  if (expect.body !== undefined) {
    findings.push(bodyFinding(body, isEncoded(encoding) ? encoding : null, isCut, expect.body));
  }
  if (expect.json !== undefined) findings.push(...jsonFindings(body, isCut, expect.json));
  if (expect.time !== undefined) findings.push(timeFinding('expect', elapsedMs, expect.time));
  if (warn.time !== undefined) findings.push(timeFinding('warn', elapsedMs, warn.time));
  if (warn.certificate !== undefined) {
    findings.push(certificateFinding(tls, warn.certificate, at));
  }
  if (warn.domain !== undefined && registration !== null) {
    findings.push(domainFinding(registration, warn.domain, at));
  }
  return findings;
}

function isEncoded(encoding: string | undefined): encoding is string {
  return encoding !== undefined && !/^(identity)?$/i.test(encoding);
}

function headerFinding(name: string, value: string | undefined, match: string | TextMatch) {
  const expected = typeof match === 'string' ? quote(match) : printMatch(match);
  const about = {
    expectation: 'header',
    expected: `${name} ${expected}`,
    reason: 'header',
  } as const;
  if (value === undefined) {
    return finding({ ...about, met: false, seen: `no ${name}`, brief: `no header ${name}` });
  }
  const met = typeof match === 'string' ? value === match : mismatch(value, match) === null;
  return finding({ ...about, met, seen: `${name}: ${value}`, brief: `${name} is ${quote(value)}` });
}

function bodyFinding(body: string, encoding: string | null, isCut: boolean, match: TextMatch) {
  const wrong = mismatch(body, match);
  let seen = body === '' ? 'an empty body' : body;
  if (encoding !== null) seen = `a body encoded as ${encoding}, which was not asked for`;
  else if (isCut && wrong !== null) seen = `in the first 64 KiB: ${body}`;
  return finding({
    expectation: 'body',
    met: wrong === null,
    expected: printMatch(match),
    seen,
    reason: 'body',
    brief: `body ${wrong ?? ''}`,
  });
}

function jsonFindings(
  body: string,
  isCut: boolean,
  expected: Readonly<Record<string, unknown>>,
): Finding[] {
  const document = parse(body);
  return Object.entries(expected).map(([path, value]) => {
    const about = {
      expectation: 'json',
      expected: `${path} is ${JSON.stringify(value)}`,
      reason: 'json',
    } as const;
    if (document === null) {
      const brief = isCut ? 'body is longer than 64 KiB' : 'body is not JSON';
      return finding({ ...about, met: false, seen: isCut ? brief : body, brief });
    }
    const found = select(document.value, path);
    const met = found.length > 0 && found.every((each) => isDeepStrictEqual(each, value));
    const seen = found.length === 0 ? 'nothing there' : found.map((each) => JSON.stringify(each));
    const brief =
      found.length === 0 ? `${path} is missing` : `${path} is ${JSON.stringify(found[0])}`;
    return finding({ ...about, met, seen: String(seen), brief });
  });
}

type Json = Parameters<typeof query>[0];

function parse(body: string): { readonly value: Json } | null {
  try {
    return { value: JSON.parse(body) as Json };
  } catch {
    return null;
  }
}

/** Nothing, also where the document is nested too deep to be searched. */
function select(document: Json, path: string): Json[] {
  try {
    return query(document, path);
  } catch {
    return [];
  }
}
