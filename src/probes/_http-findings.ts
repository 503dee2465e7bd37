/** An HTTP answer held against what was expected of it: one finding for each expectation. */
import type { TlsFacts } from '../system/transport.ts';
import { printSize } from './_byte-size.ts';
import { certificateFinding } from './_certificate.ts';
import type { HttpAnswer } from './_http-answer.ts';
import type { HttpOptions } from './_http-options.ts';
import type { Inspected, Undecided } from './_inspect.ts';
import { connected, finding, printTook, timeFinding, undecided } from './_look.ts';
import { isWithin, printRanges } from './_status-range.ts';
import { quote } from './_mismatch.ts';
import type { TextMatch } from './_mismatch.ts';
import { printMatch } from './_text-match.ts';
import type { Finding } from './probe.ts';

export interface Answered {
  readonly at: number;
  readonly elapsedMs: number;
  readonly ip: string | null;
  readonly tls: TlsFacts | null;
  readonly answer: HttpAnswer;
}

export function findingsOf(
  { at, elapsedMs, ip, tls, answer }: Answered,
  { expect, warn, body_limit: limit }: Pick<HttpOptions, 'expect' | 'warn' | 'body_limit'>,
): Finding[] {
  const { status, version, inspectedHeaders } = answer;
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
    findings.push(headerFinding(name, inspectedHeaders[name], match));
  }
  const size = printSize(limit);
  if (expect.body !== undefined) findings.push(bodyFinding(answer, size, expect.body));
  if (expect.json !== undefined) findings.push(...jsonFindings(answer, size, expect.json));
  if (expect.time !== undefined) findings.push(timeFinding('expect', elapsedMs, expect.time));
  if (warn.time !== undefined) findings.push(timeFinding('warn', elapsedMs, warn.time));
  if (warn.certificate !== undefined) {
    findings.push(certificateFinding(tls, warn.certificate, at));
  }
  return findings;
}

function headerFinding(
  name: string,
  read: Inspected | Undecided | undefined,
  match: string | TextMatch,
) {
  const expected = typeof match === 'string' ? quote(match) : printMatch(match);
  const about = {
    expectation: 'header',
    expected: `${name} ${expected}`,
    reason: 'header',
  } as const;
  if (read === undefined) {
    return finding({ ...about, met: false, seen: `no ${name}`, brief: `no header ${name}` });
  }
  if ('undecided' in read) return undecided(about, name, read);
  const { excerpt, wrong } = read;
  const [seen, brief] = [`${name}: ${excerpt}`, `${name} is ${quote(excerpt)}`];
  return finding({ ...about, met: wrong === null, seen, brief });
}

function bodyFinding({ body: read, encoding, isCut }: HttpAnswer, size: string, match: TextMatch) {
  const about = { expectation: 'body', expected: printMatch(match), reason: 'body' } as const;
  if (read !== null && 'undecided' in read) return undecided(about, 'body', read);
  const { excerpt = '', wrong = null } = read ?? {};
  let seen = excerpt === '' ? 'an empty body' : excerpt;
  if (encoding !== null)
    seen = `a body encoded as ${encoding}, which was not asked for and cannot be undone`;
  else if (isCut && wrong !== null) seen = `in the first ${size}: ${excerpt}`;
  return finding({ ...about, met: wrong === null, seen, brief: `body ${wrong ?? ''}` });
}

function jsonFindings(
  { body: read, isCut }: HttpAnswer,
  size: string,
  expected: Readonly<Record<string, unknown>>,
): Finding[] {
  return Object.entries(expected).map(([path, value]) => {
    const about = {
      expectation: 'json',
      expected: `${path} is ${JSON.stringify(value)}`,
      reason: 'json',
    } as const;
    if (read !== null && 'undecided' in read) return undecided(about, path, read);
    const { json = null, excerpt = '' } = read ?? {};
    if (json === null) {
      const brief = isCut ? `body is longer than ${size}` : 'body is not JSON';
      return finding({ ...about, met: false, seen: isCut ? brief : excerpt, brief });
    }
    const { met = false, seen = null } = json[path] ?? {};
    const brief = `${path} is ${seen ?? 'missing'}`;
    return finding({ ...about, met, seen: seen ?? 'nothing there', brief });
  });
}
