/**
 * Who may speak to the operator listener. It is reachable from every web page that an operator's
 * browser opens, so that a request must prove it was meant: the right Host (a rebound name is
 * refused), no foreign Origin, a content type that a form cannot send, and a token where there are
 * any. Order matters: a stranger is told nothing about what exists.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { MiddlewareHandler } from 'hono';
import type { Config } from '../config/config.ts';
import { MAX_BODY_BYTES, problem, tooLarge } from './problem.ts';

/** Node's own reading of a Host header; `null`: not one. `hostname` has no brackets or port. */
function parseHost(header: string): URL | null {
  return /[/?#@\\\s]/.test(header) ? null : URL.parse(`http://${header}`);
}

function isAddress(hostname: string): boolean {
  return /^\d+\.\d+\.\d+\.\d+$/.test(hostname) || hostname.startsWith('[');
}

/** 421 unless Host is an address, `localhost` or in `listen.hosts`, each with any port. */
export function rightHost(config: () => Config): MiddlewareHandler {
  return async (c, next) => {
    const host = parseHost(c.req.header('host') ?? '');
    const known = config().listen.hosts.map((name) => parseHost(name)?.hostname);
    if (
      host !== null &&
      (isAddress(host.hostname) || host.hostname === 'localhost' || known.includes(host.hostname))
    ) {
      await next();
      return undefined;
    }
    return problem({
      status: 421,
      title: 'wrong host',
      detail: 'Ask by address or as localhost, or add the name to listen.hosts.',
    });
  };
}

/** 403 for a request that some other site's page has made. Following a link to a GET is no such request. */
export function ownOrigin(): MiddlewareHandler {
  return async (c, next) => {
    const origin = c.req.header('origin');
    const site = c.req.header('sec-fetch-site');
    const followed =
      c.req.header('sec-fetch-mode') === 'navigate' && isSafe(c.req.method) && origin === undefined;
    const foreign =
      (origin !== undefined && !isSameOrigin(origin, c.req.header('host') ?? '')) ||
      ((site === 'cross-site' || site === 'same-site') && !followed);
    if (!foreign) {
      await next();
      return undefined;
    }
    return problem({
      status: 403,
      title: 'foreign origin',
      detail: 'Pages of other sites may not use this interface.',
    });
  };
}

function isSameOrigin(origin: string, host: string): boolean {
  const from = URL.parse(origin);
  if (from === null || (from.protocol !== 'http:' && from.protocol !== 'https:')) return false;
  return URL.parse(`${from.protocol}//${host}`)?.host === from.host;
}

/**
 * 401 for /api/ and whatever changes something, without one of the tokens. No tokens: open, unless
 * `exposed`, that is listening on more than loopback (a reload may have taken the last one away).
 */
export function bearer(config: () => Config, exposed: () => boolean): MiddlewareHandler {
  return async (c, next) => {
    const guarded = c.req.path.startsWith('/api/') || !isSafe(c.req.method);
    const { tokens } = config();
    const header = c.req.header('authorization');
    const given = /^bearer +(\S+) *$/i.exec(header ?? '')?.[1];
    if (!guarded || (tokens.length === 0 && !exposed()) || isOneOf(given, tokens)) {
      await next();
      return undefined;
    }
    const challenge = 'Bearer realm="tocsin"';
    return problem(
      {
        status: 401,
        title: 'token needed',
        detail: 'Send "Authorization: Bearer TOKEN" with one of api.tokens.',
      },
      {
        'www-authenticate':
          header === undefined ? challenge : `${challenge}, error="invalid_token"`,
      },
    );
  };
}

/** Takes the same time however much of it is right. */
export function isSame(given: string, secret: string): boolean {
  return timingSafeEqual(sha256(given), sha256(secret));
}

/** Takes the same time whichever token it is, and however much of it is right. */
function isOneOf(given: string | undefined, tokens: readonly string[]): boolean {
  const digest = sha256(given ?? '');
  let found = false;
  for (const token of tokens) found = timingSafeEqual(sha256(token), digest) || found;
  return found && given !== undefined;
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** 415 for a POST that a form could have sent. */
export function jsonOnly(): MiddlewareHandler {
  return async (c, next) => {
    const type = c.req.header('content-type')?.split(';')[0]?.trim().toLowerCase();
    if (c.req.method !== 'POST' || type === 'application/json') {
      await next();
      return undefined;
    }
    return problem({
      status: 415,
      title: 'wrong content type',
      detail: 'A POST needs "content-type: application/json".',
    });
  };
}

/** 413 for a body that says it is too large; one that does not say is counted where it is read. */
export function notTooLarge(): MiddlewareHandler {
  return async (c, next) => {
    if (Number(c.req.header('content-length') ?? 0) > MAX_BODY_BYTES) return tooLarge();
    await next();
    return undefined;
  };
}

function isSafe(method: string): boolean {
  return method === 'GET' || method === 'HEAD';
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host);
}
