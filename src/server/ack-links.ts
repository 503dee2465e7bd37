/**
 * /a/TOKEN: whoever has the link may acknowledge that one incident, or those of that one message, or
 * answer that one drill, in the name of that one responder, and nothing else. A GET changes nothing,
 * whatever fetches it ahead; the page is a heading, some words and one button, and works without a
 * script.
 */
import { createHash } from 'node:crypto';
import type { Context, Hono } from 'hono';
import { html, raw } from 'hono/html';
import type { Drill } from '../incident/drill.ts';
import type { Incident } from '../incident/incident.ts';

export interface AckLinkParts {
  /** Whose token it is, and of which incident. */
  readonly holderOf: (token: string) => Holder | undefined;
  /** Resolves when it is stored, or the patience for that is over. */
  readonly acknowledge: (holder: Holder) => Promise<{ readonly recorded: boolean }>;
  /** For people: a responder's name, or what was given as one. */
  readonly nameOf: (by: string) => string;
}

interface Reader {
  readonly by: string;
  readonly name: string;
  readonly timezone: string | null;
  /** By which the link came. */
  readonly channel: string;
}
/** At least one incident; the code may be a bundle's. */
type OfIncidents = Reader & { readonly code: string; readonly incidents: readonly Incident[] };
type OfDrill = Reader & { readonly drill: Drill };
type Holder = OfIncidents | OfDrill;

/** Of very many: the page is for whoever has a phone in the hand. */
const SHOWN = 20;

type Html = ReturnType<typeof html> | string;

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
    const isOpen = 'drill' in holder || openIn(holder) > 0;
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
  if ('drill' in holder) return drillPage(holder);
  return holder.incidents.length > 1 ? pageOfSeveral(holder, nameOf) : incidentPage(holder, nameOf);
}

function openIn({ incidents }: OfIncidents): number {
  return incidents.filter(({ state }) => state === 'open').length;
}

function incidentPage(holder: OfIncidents, nameOf: (by: string) => string) {
  const [incident] = holder.incidents;
  return document({
    title: `${holder.code} ${incident?.title ?? ''}`,
    shown: incident ? partsOf(incident, holder, nameOf) : '',
    button: openIn(holder) > 0 ? `Acknowledge as ${holder.name}` : null,
  });
}

/** The button comes first: the list may be long. */
function pageOfSeveral(holder: OfIncidents, nameOf: (by: string) => string) {
  const { code, incidents, name } = holder;
  const open = openIn(holder);
  const which = open === incidents.length ? 'all' : String(open);
  const more = incidents.length - SHOWN;
  const list = incidents.slice(0, SHOWN).map(
    (one) =>
      html`<h2>${one.code} ${one.title}</h2>
        ${partsOf(one, holder, nameOf)}`,
  );
  return document({
    title: `${code} ${String(incidents.length)} incidents`,
    shown: '',
    button: open > 0 ? `Acknowledge ${which} as ${name}` : null,
    below: html`${list}${more > 0 ? html`<p>+${more} more</p>` : ''}`,
  });
}

function partsOf(incident: Incident, holder: OfIncidents, nameOf: (by: string) => string) {
  const { severity, brokeAt } = incident;
  return words(
    `Severity: ${severity}. Since ${time(brokeAt, holder.timezone)}.`,
    stateOf(incident, holder, nameOf),
  );
}

function words(about: string, state: string) {
  return html`<p>${about}</p>
    <p><strong>${state}</strong></p>`;
}

function drillPage({ drill, by, name, timezone }: OfDrill) {
  const { code, escalation, endedAt, people } = drill;
  const answeredAt = people.find(({ responder }) => responder === by)?.answeredAt ?? null;
  const over = endedAt === null ? '' : ` It was over at ${time(endedAt, timezone)}.`;
  return document({
    title: `${code} DRILL of ${escalation}`,
    shown: words(
      'This is a drill: nothing is down, and whether you answer changes nothing else.',
      answeredAt === null
        ? `You have not answered yet.${over}`
        : `Thank you: you answered at ${time(answeredAt, timezone)}.${over}`,
    ),
    button: answeredAt === null ? `I got it, says ${name}` : null,
  });
}

/** `button`: what it says; null: there is nothing to do. */
function document(page: {
  readonly title: string;
  readonly shown: Html;
  readonly button: string | null;
  readonly below?: Html;
}) {
  const { title, shown, button, below = '' } = page;
  const form =
    button === null
      ? ''
      : html`<form method="post"><button type="submit">${button}</button></form>`;
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title}</title>
        ${STYLE_ELEMENT}
      </head>
      <body>
        <main>
          <h1>${title}</h1>
          ${shown} ${form} ${below}
        </main>
      </body>
    </html> `;
}

function stateOf(
  incident: Incident,
  { by, timezone }: Reader,
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
