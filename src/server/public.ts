/**
 * The public listener, which may face the internet: nothing on it needs a login, so that nothing on
 * it may be worth one: a page to read, and places that a token of their own opens.
 */
import { createHash } from 'node:crypto';
import { Hono } from 'hono';
import type { Emit } from '../events.ts';
import type { StatusPage } from '../observers/status-page.ts';
import type { Clock } from '../system/clock.ts';
import { type AckLinkParts, ackLinkRoutes } from './ack-links.ts';
import { type AlertHookParts, alertHookRoutes } from './alert-hooks.ts';
import { boundGuesses } from './guesses.ts';
import { heartbeatRoutes, type HeartbeatsRouteParts } from './heartbeats.ts';
import { type VendorHookParts, vendorHookRoutes } from './vendor-hooks.ts';
import { createListener, type Listener } from './listener.ts';

const MAX_CONNECTIONS = 1_024;
/** A reverse proxy is one client too: more than it has in flight while it answers in time. */
const MAX_OF_ONE_CLIENT = 256;
const PAGE_KEEPS_MS = 1_000;

export interface PublicParts
  extends HeartbeatsRouteParts, AckLinkParts, AlertHookParts, VendorHookParts {
  /** As it is now. */
  readonly page: () => StatusPage;
  readonly emit: Emit;
  readonly clock: Clock;
}

export function createPublic(parts: PublicParts): Listener {
  const app = new Hono();
  app.use(async (c, next) => {
    await next();
    c.header('x-content-type-options', 'nosniff');
    c.header('referrer-policy', 'no-referrer');
    c.header('cache-control', 'no-store');
  });
  const guesses = boundGuesses(parts.clock);
  app.use('/a/*', guesses);
  app.use('/hooks/*', guesses);
  let rendered: { readonly at: number; readonly html: string; readonly hash: string } | undefined;
  // However many ask: with ten thousand checks a page takes milliseconds that a page to a phone needs.
  function page() {
    const now = parts.clock.monotonic();
    if (rendered && now - rendered.at < PAGE_KEEPS_MS) return rendered;
    const { html, style } = parts.page();
    rendered = { at: now, html, hash: createHash('sha256').update(style).digest('base64') };
    return rendered;
  }
  app.get('/', (c) => {
    const { html, hash } = page();
    c.header(
      'content-security-policy',
      `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    );
    return c.html(html);
  });
  heartbeatRoutes(app, parts);
  ackLinkRoutes(app, parts);
  alertHookRoutes(app, parts);
  vendorHookRoutes(app, parts);
  app.notFound((c) => c.text('not found\n', 404));
  app.onError((error, c) => {
    parts.emit({ type: 'trouble', where: 'public listener', what: error.message });
    return c.text('internal error\n', 500);
  });
  return createListener(
    app.fetch,
    { maxConnections: MAX_CONNECTIONS, maxOfOneClient: MAX_OF_ONE_CLIENT },
    parts.clock,
  );
}
