/**
 * Where an answer sends us next. Whatever the check's headers hold, only those that tell nothing go
 * on to another origin; and nothing goes from https to http, or to an address of the link alone,
 * where a cloud keeps the secrets of its machines.
 */

export interface Hop {
  /** Of the origin that the check names, and never left on the way. */
  readonly isOwn: boolean;
  readonly url: URL;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
}

export const MAX_REDIRECTS = 5;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);
/** Safe to show to a stranger: credentials also hide in headers of other names. */
const HARMLESS = new Set(['accept', 'accept-language', 'user-agent', 'content-type']);
/** As a URL's host is spelt once it is parsed, whatever it was written as. */
const OF_THE_LINK = /^(169\.254\.|\[fe[89ab]|\[::ffff:a9fe:|\[fd00:ec2::254\])/;
const TO_THE_LINK = 'redirect to a link-local address';
const OF_A_BODY = new Set(['content-type', 'content-language', 'content-encoding']);

/** Why a redirect does not lead to this address, or null. Written in any way that a resolver may have. */
export function refusalOf(address: string): string | null {
  return isOfTheLink(address) ? TO_THE_LINK : null;
}

export function isOfTheLink(address: string): boolean {
  const host = address.includes(':') ? `[${address.replace(/%.*/, '')}]` : address;
  return OF_THE_LINK.test(URL.parse(`http://${host}`)?.hostname ?? '');
}

/** null: not a redirect; a string: why it is not followed. */
export function nextHop(
  { status, location }: { readonly status: number; readonly location: string | undefined },
  from: Hop,
): Hop | string | null {
  if (!REDIRECTS.has(status)) return null;
  if (location === undefined || location === '') return 'redirect without a location';
  // Given more than once it has come joined.
  const [to, ...others] = location.split(/, (?=https?:\/\/|\/)/i);
  if (others.some((other) => other !== to)) return 'redirect to several places';
  const url = URL.parse(to ?? '', from.url);
  if (url === null) return 'redirect to an invalid location';
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    return `redirect to ${url.protocol.slice(0, 20)}`;
  }
  if (from.url.protocol === 'https:' && url.protocol === 'http:') {
    return 'redirect from https to http';
  }
  if (OF_THE_LINK.test(url.hostname) && url.hostname !== from.url.hostname) {
    return TO_THE_LINK;
  }
  const isSame = url.origin === from.url.origin;
  url.username = '';
  url.password = '';
  // RFC 9110 15.4: 303 is answered by a GET, and so is by custom a POST that meets 301 or 302.
  const becomesGet =
    (status === 303 && from.method !== 'HEAD') || (status < 303 && from.method === 'POST');
  const kept = Object.entries(from.headers).filter(
    ([name]) => (isSame || HARMLESS.has(name)) && !(becomesGet && OF_A_BODY.has(name)),
  );
  return {
    isOwn: from.isOwn && isSame,
    url,
    method: becomesGet ? 'GET' : from.method,
    headers: Object.fromEntries(kept),
    body: becomesGet ? null : from.body,
  };
}
