/**
 * /api/v1/incidents and /api/v1/notifications: what happened, and a person's word about it. A POST
 * answers with the incident as it is afterwards: 200 when that is stored, 202 when it took effect
 * but the store has not answered in time.
 */
import type { Context, Hono } from 'hono';
import { z } from 'zod';
import { incidentView, memberView, notificationView, rfc3339 } from '../incident/incident-view.ts';
import type { Input } from '../incident/input.ts';
import type { Notification } from '../incident/notification.ts';
import type { Pipeline } from '../pipeline.ts';
import type { Dossier, History } from '../store/store.ts';
import { duration } from '../system/values.ts';
import { createDossiers } from './dossiers.ts';
import { badCursor, pageOf } from './page.ts';
import { invalid, problem } from './problem.ts';
import { PAGING, parseBody, parseQuery } from './request.ts';
import { route } from './route.ts';

export interface IncidentsParts {
  readonly pipeline: Pick<Pipeline, 'board' | 'submit'>;
  readonly history: Pick<History, 'incidents' | 'notifications'>;
}
type AboutOne = Context<object, '/api/v1/incidents/:code'>;

const TEXT_MAX = 2_000;
const BY = z
  .string({ error: 'expected who says so, such as "ana"' })
  .trim()
  .regex(/^[^\p{C}]{1,100}$/u, { error: 'expected a name of 1 to 100 characters on one line' });
const TEXT = z
  .string({ error: 'expected text' })
  .trim()
  .min(1, { error: 'must not be empty' })
  .max(TEXT_MAX, { error: `at most ${TEXT_MAX} characters` });

const ACKNOWLEDGE = z.strictObject({
  by: BY,
  text: TEXT.optional(),
  for: duration({ min: 1 }).optional(),
  take_over: z.boolean({ error: 'expected true or false' }).optional(),
});
const RESOLVE = z.strictObject({
  by: BY,
  text: TEXT.optional(),
  force: z.boolean({ error: 'expected true or false' }).optional(),
});
const NOTE = z.strictObject({ by: BY, text: TEXT });
const INCIDENTS = PAGING.extend({
  /** Left out: everything that is not resolved. */
  state: z
    .enum(['open', 'acknowledged', 'resolved', 'all'], {
      error: 'expected open, acknowledged, resolved or all',
    })
    .optional(),
});

export function incidentsApi(app: Hono, parts: IncidentsParts): void {
  const dossiers = createDossiers(parts.pipeline.board, parts.history);
  const one = '/api/v1/incidents/:code';

  async function withOne(
    c: AboutOne,
    answer: (found: Dossier) => Response | Promise<Response>,
  ): Promise<Response> {
    const found = await dossiers.find(c.req.param('code'));
    return found === undefined ? unknownIncident(parts) : answer(found);
  }

  route(app, '/api/v1/incidents', {
    async GET(c) {
      const query = parseQuery(c, INCIDENTS);
      if ('refused' in query) return query.refused;
      const { state = 'unresolved', ...paging } = query.value;
      const page = await dossiers.list({ state, ...paging });
      if (page === undefined) return badCursor();
      return c.json({ items: page.items.map(incidentView), next: page.next });
    },
  });
  route(app, one, {
    GET: (c: AboutOne) => withOne(c, (found) => c.json(incidentView(found))),
  });
  route(app, `${one}/checks`, {
    GET: (c: AboutOne) =>
      withOne(c, (found) => {
        const query = parseQuery(c, PAGING);
        if ('refused' in query) return query.refused;
        const page = pageOf(found.members, ({ check }) => check, query.value);
        if (page === undefined) return badCursor();
        return c.json({ items: page.items.map(memberView), next: page.next });
      }),
  });

  /** Submits what a person said; the text beside it is a note of its own. */
  async function act(
    c: AboutOne,
    found: Dossier,
    input: Extract<Input, { incident: string; by: string }>,
    text: string | undefined,
  ): Promise<Response> {
    const said = await parts.pipeline.submit(input);
    const outcomes = new Set(said.decisions.map(({ outcome }) => outcome));
    const refusal = refused(input.type, outcomes, found);
    if (refusal !== undefined) return refusal;
    let { recorded } = said;
    if (text !== undefined) {
      const { incident, by } = input;
      const noted = await parts.pipeline.submit({ type: 'note', incident, by, text });
      recorded &&= noted.recorded;
    }
    const after = (await dossiers.find(found.incident.id)) ?? found;
    return c.json(incidentView(after), recorded ? 200 : 202);
  }

  route(app, `${one}/acknowledge`, {
    POST: (c: AboutOne) =>
      withOne(c, async (found) => {
        const body = await parseBody(c, ACKNOWLEDGE);
        if ('refused' in body) return body.refused;
        const { by, text, for: forMs, take_over: takeOver = false } = body.value;
        const incident = found.incident.id;
        const until = forMs === undefined ? {} : { forMs };
        return act(c, found, { type: 'acknowledge', incident, by, takeOver, ...until }, text);
      }),
  });
  route(app, `${one}/resolve`, {
    POST: (c: AboutOne) =>
      withOne(c, async (found) => {
        const body = await parseBody(c, RESOLVE);
        if ('refused' in body) return body.refused;
        const { by, text, force = false } = body.value;
        if (force && text === undefined) {
          return invalid(['text: expected the reason for ending it by force']);
        }
        const incident = found.incident.id;
        const why = force ? (text ?? null) : null;
        const note = force ? undefined : text;
        return act(c, found, { type: 'resolve', incident, by, force: why }, note);
      }),
  });
  route(app, `${one}/notes`, {
    POST: (c: AboutOne) =>
      withOne(c, async (found) => {
        const body = await parseBody(c, NOTE);
        if ('refused' in body) return body.refused;
        return act(
          c,
          found,
          { type: 'note', incident: found.incident.id, ...body.value },
          undefined,
        );
      }),
  });

  route(app, '/api/v1/notifications', {
    async GET(c) {
      const query = parseQuery(c, PAGING);
      if ('refused' in query) return query.refused;
      const { limit, cursor } = query.value;
      const page = await parts.history.notifications({ limit, cursor });
      const { notifications } = parts.pipeline.board;
      const items = page.items.map((stored) => listed(notifications.get(stored.key) ?? stored));
      return c.json({ items, next: page.next });
    },
  });
}

/** In a list of its own a notification also says when it was decided, and about what. */
function listed(notification: Notification): object {
  const { facts, at } = notification;
  return {
    ...notificationView(notification),
    at: rfc3339(at),
    incident: 'code' in facts ? facts.code : null,
  };
}

function refused(
  type: 'acknowledge' | 'resolve' | 'note',
  outcomes: ReadonlySet<string>,
  { incident, members }: Dossier,
): Response | undefined {
  if (outcomes.has('still down')) {
    const down = members.filter(({ state }) => state === 'down');
    const [first] = down;
    const more = down.length > 1 ? ` and ${String(down.length - 1)} more` : '';
    return problem({
      status: 409,
      title: 'still down: ack, or silence it',
      detail:
        `${first?.name ?? incident.title}${more} is not back. Ending ${incident.code} all the same` +
        ' takes force and a reason: "force": true and "text", or --force --why TEXT.',
    });
  }
  // What is over stays over: resolving it again is what was wanted, anything else comes too late.
  const over = outcomes.has('resolved already') || outcomes.has('unknown incident');
  if (!over || type === 'resolve') return undefined;
  return problem({
    status: 409,
    title: 'resolved already',
    detail: `${incident.code} is over: nothing was changed.`,
  });
}

function unknownIncident({ pipeline }: IncidentsParts): Response {
  const open = [...pipeline.board.incidents.values()].filter(({ state }) => state !== 'resolved');
  const codes = open.slice(0, 5).map(({ code }) => code);
  const more = open.length > codes.length ? ' …' : '';
  return problem({
    status: 404,
    title: 'unknown incident',
    detail:
      codes.length === 0
        ? 'Nothing is open. GET /api/v1/incidents?state=all lists those that were.'
        : `Not resolved are: ${codes.join(', ')}${more}`,
  });
}
