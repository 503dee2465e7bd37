/**
 * /hooks/VENDOR/WHAT: where vendors call. Which of them may, and what they say, only their channels
 * know: this carries a bounded body there and the answer back. Whoever is refused is told nothing.
 */
import type { Context, Hono } from 'hono';
import type { Call } from '../channels/channel.ts';
import type { Clock } from '../system/clock.ts';
import { tooLarge } from './problem.ts';
import { boundedText } from './request.ts';

/** Read before it is known who speaks. SendGrid gathers what it has to say up to 768 kB. */
const BODY_MAX_BYTES = 1024 * 1024;

export interface VendorHookParts {
  /** Without a slash at its end; null: vendors do not know where we are. */
  readonly publicUrl: () => string | null;
  /** Resolves when what was said is stored, or the patience for that is over. */
  readonly called: (
    vendor: string,
    call: Call,
  ) => Promise<
    { readonly type: string; readonly body: string } | { readonly refused: 'unknown' | 'signature' }
  >;
  readonly clock: Clock;
}

export function vendorHookRoutes(app: Hono, parts: VendorHookParts): void {
  app.post('/hooks/:vendor/:what', async (c: Context) => {
    const publicUrl = parts.publicUrl();
    const { vendor = '', what = '' } = c.req.param() as Partial<Record<string, string>>;
    if (publicUrl === null) return c.notFound();
    const body = await boundedText(c.req.raw, BODY_MAX_BYTES);
    if (body === null) return tooLarge(BODY_MAX_BYTES);
    const { pathname, search } = new URL(c.req.url);
    const answer = await parts.called(vendor, {
      what,
      url: `${publicUrl}${pathname}${search}`,
      headers: c.req.header(),
      body,
      at: parts.clock.now(),
    });
    if (!('refused' in answer)) return c.body(answer.body, 200, { 'content-type': answer.type });
    return answer.refused === 'unknown' ? c.notFound() : c.text('refused\n', 403);
  });
}
