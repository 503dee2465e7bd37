/**
 * /hooks/VENDOR/WHAT: where vendors call. Which of them may, and what they say, only their channels
 * know: this carries a bounded body there and the answer back. Whoever is refused is told nothing.
 */
import type { Context, Hono } from 'hono';
import type { Call } from '../channels/channel.ts';
import type { Clock } from '../system/clock.ts';
import { MAX_BODY_BYTES, problem, tooLarge } from './problem.ts';
import { boundedText } from './request.ts';

/** Read before it is known who speaks. SendGrid alone gathers what it has to say, up to 768 kB. */
const GATHERER = 'sendgrid';
const GATHERED_MAX_BYTES = 1024 * 1024;
/** Of all bodies that are being read, what is beyond 64 KiB each: SendGrid calls again. */
const BEYOND_MAX_BYTES = 16 * 1024 * 1024;
const AGAIN_AFTER_SECONDS = 5;

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
  let beyond = 0;
  app.post('/hooks/:vendor/:what', async (c: Context) => {
    const publicUrl = parts.publicUrl();
    const { vendor = '', what = '' } = c.req.param() as Partial<Record<string, string>>;
    if (publicUrl === null) return c.notFound();
    let held = 0;
    const maxBytes = vendor === GATHERER ? GATHERED_MAX_BYTES : MAX_BODY_BYTES;
    let refusal = tooLarge(maxBytes);
    const hasRoomFor = (bytes: number): boolean => {
      const more = Math.max(0, bytes - MAX_BODY_BYTES) - held;
      if (more > 0 && beyond + more > BEYOND_MAX_BYTES) {
        refusal = full();
        return false;
      }
      held += more;
      beyond += more;
      return true;
    };
    try {
      const body = await boundedText(c.req.raw, maxBytes, hasRoomFor);
      if (body === null) return refusal;
      const { pathname, search } = new URL(c.req.url);
      const answer = await parts.called(vendor, {
        what,
        url: `${publicUrl}${pathname}${search}`,
        headers: c.req.header(),
        body,
        at: parts.clock.now(),
      });
      if (!('refused' in answer)) return c.body(answer.body, 200, { 'content-type': answer.type });
      return answer.refused === 'unknown' ? await c.notFound() : c.text('refused\n', 403);
    } finally {
      beyond -= held;
    }
  });
}

function full(): Response {
  return problem(
    { status: 503, title: 'busy', detail: 'Other large bodies are being read.' },
    { connection: 'close', 'retry-after': String(AGAIN_AFTER_SECONDS) },
  );
}
