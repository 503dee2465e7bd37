/**
 * /a/TOKEN: whoever has the link may acknowledge that one incident, or those of that one message, in
 * the name of that one responder, and nothing else. A GET changes nothing, whatever fetches it ahead; the page is a
 * heading, some words and one button, and works without a script.
 */
import { createHash } from 'node:crypto';
import type { Context, Hono } from 'hono';
import { html, raw } from 'hono/html';
import type { Incident } from '../incident/incident.ts';

export interface AckLinkParts {
  /** Whose token it is, and of which incident. */
  readonly holderOf: (token: string) => Holder | undefined;
  /** Resolves when it is stored, or the patience for that is over. */
  readonly acknowledge: (holder: Holder) => Promise<{ readonly recorded: boolean }>;
  /** For people: a responder's name, or what was given as one. */
  readonly nameOf: (by: string) => string;
}

interface Holder {
  readonly code: string;
  /** At least one. */
  readonly incidents: readonly Incident[];
  readonly by: string;
  readonly name: string;
  readonly timezone: string | null;
}

/** Of very many: the page is for whoever has a phone in the hand. */
const SHOWN = 20;

const STYLE = `
:root { color-scheme: light dark; font: 1.1rem/1.5 system-ui, sans-serif; }
body { max-width: 30rem; margin: 2rem auto; padding: 0 1rem; overflow-wrap: anywhere; }
button { font: inherit; font-weight: bold; width: 100%; padding: 1rem; border-radius: 0.5rem; }
`;
/** Apart from the page: a blank more in it, and its hash would be another. */
const STYLE_ELEMENT = raw(`<style>${STYLE}</style>`);
const POLICY =
  `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; ` +
  `form-action 'self'; base-uri 'none'; frame-ancestors 'none'`;

export function ackLinkRoutes(app: Hono, parts: AckLinkParts): void {
  const show = (c: Context, holder: Holder, status: 200 | 202 = 200) => {
    c.header('content-security-policy', POLICY);
    c.header('x-robots-tag', 'noindex');
    return c.html(page(holder, parts.nameOf), status);
  };
  const holderIn = (c: Context) => parts.holderOf(c.req.param('token') ?? '');
  app.get('/a/:token', (c) => {
    const holder = holderIn(c);
    return holder ? show(c, holder) : gone(c);
  });
  app.post('/a/:token', async (c) => {
    const holder = holderIn(c);
    if (!holder) return gone(c);
    // Once somebody has it, a link that is pressed again and again has nothing left to decide.
    const isOpen = holder.incidents.some(({ state }) => state === 'open');
    const { recorded } = isOpen ? await parts.acknowledge(holder) : { recorded: true };
    const after = holderIn(c);
    return after ? show(c, after, recorded ? 200 : 202) : gone(c);
  });
  app.all('/a/:token', (c) =>
    c.text('only GET, HEAD and POST\n', 405, { allow: 'GET, HEAD, POST' }),
  );
}

function gone(c: Context): Response {
  return c.text('This link is not known, or it has ended with its incident.\n', 404);
}

function page(holder: Holder, nameOf: (by: string) => string) {
  const { code, incidents, name } = holder;
  const [first, ...others] = incidents;
  const title = others.length === 0 ? first?.title : `${String(incidents.length)} incidents`;
  const open = incidents.filter(({ state }) => state === 'open').length;
  const which = others.length === 0 ? '' : open === incidents.length ? ' all' : ` ${String(open)}`;
  const button =
    open > 0
      ? html`<form method="post">
          <button type="submit">Acknowledge${which} as ${name}</button>
        </form>`
      : '';
  const more = incidents.length - SHOWN;
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${code} ${title}</title>
        ${STYLE_ELEMENT}
      </head>
      <body>
        <main>
          <h1>${code} ${title}</h1>
          ${others.length === 0 ? '' : button}
          ${incidents.slice(0, SHOWN).map((incident) => about(incident, holder, nameOf))}
          ${more > 0 ? html`<p>+${more} more</p>` : ''} ${others.length === 0 ? button : ''}
        </main>
      </body>
    </html> `;
}

function about(incident: Incident, holder: Holder, nameOf: (by: string) => string) {
  const { code, title, severity, brokeAt } = incident;
  const heading = holder.incidents.length === 1 ? '' : html`<h2>${code} ${title}</h2>`;
  return html`${heading}
    <p>Severity: ${severity}. Since ${time(brokeAt, holder.timezone)}.</p>
    <p><strong>${stateOf(incident, holder, nameOf)}</strong></p>`;
}

function stateOf(
  incident: Incident,
  { by, timezone }: Holder,
  nameOf: (by: string) => string,
): string {
  const { state, acknowledgedBy, acknowledgedAt, ackExpiresAt, resolvedAt } = incident;
  if (state === 'open') return 'Nobody has it yet.';
  if (state === 'resolved') return `It has ended, at ${time(resolvedAt ?? 0, timezone)}.`;
  const who = acknowledgedBy === by ? 'You have it' : `${nameOf(acknowledgedBy ?? '')} has it`;
  const until = ackExpiresAt === null ? '' : `, until ${time(ackExpiresAt, timezone)}`;
  return `${who}, since ${time(acknowledgedAt ?? 0, timezone)}${until}.`;
}

/** `5 Jan 04:12 UTC`, by the reader's own clock. */
function time(at: number, timezone: string | null): string {
  return new Intl.DateTimeFormat('en-GB', {
    timeZone: timezone ?? 'UTC',
    day: 'numeric',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
    timeZoneName: 'short',
  }).format(at);
}
