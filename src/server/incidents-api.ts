/**
 * /api/v1/incidents and /api/v1/notifications: what happened, and what was told of it. What is
 * asked for by its code is looked for on the board first, and then in history.
 */
import type { Hono } from 'hono';
import { z } from 'zod';
import type { Config } from '../config/config.ts';
import { bundleCalled } from '../incident/bundle-called.ts';
import { incidentView, memberView, notificationView } from '../incident/incident-view.ts';
import type { Notification } from '../incident/notification.ts';
import type { IncidentView } from '../incident/view.ts';
import type { Dossier, History } from '../store/store.ts';
import { bundleView } from './bundle-acts.ts';
import { drillCalled } from './drills-api.ts';
import { createDossiers } from './dossiers.ts';
import { badCursor, pageOf } from './page.ts';
import { incidentActs, openOne, type AboutOne, type ActsParts } from './incident-acts.ts';
import { problem } from './problem.ts';
import { PAGING, parseQuery } from './request.ts';
import { route } from './route.ts';

export interface IncidentsParts extends ActsParts {
  readonly history: Pick<History, 'incidents' | 'notifications'>;
}

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
    if (found !== undefined) return answer(found);
    return unknownIncident(parts, c.req.param('code'));
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
    POST: (c) => openOne(c, parts, dossiers),
  });
  route(app, one, {
    async GET(c: AboutOne) {
      const bundle = bundleCalled(parts.pipeline.board, c.req.param('code'));
      if (bundle) return c.json(await bundleView(bundle, dossiers));
      return withOne(c, (found) => c.json(withRunbooks(incidentView(found), parts.config())));
    },
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

  incidentActs(app, parts, dossiers, withOne);

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

function withRunbooks(incident: IncidentView, { checks }: Config): IncidentView {
  const members = incident.checks.map((member) => {
    const runbook = checks.get(member.id)?.runbook ?? null;
    return runbook === null ? member : { ...member, runbook };
  });
  return { ...incident, checks: members };
}

/** In a list of its own a notification also says when it was decided, and about what. */
function listed(notification: Notification): object {
  const { facts } = notification;
  return {
    ...notificationView(notification),
    incident: 'severity' in facts ? facts.code : null,
    ...('answered' in facts ? { drill: facts.code } : {}),
  };
}

function unknownIncident({ pipeline }: IncidentsParts, code: string): Response {
  const drill = drillCalled(pipeline.board, code);
  if (drill) {
    const detail = `${drill.code} is a drill: /api/v1/drills/${drill.code} has it.`;
    return problem({ status: 404, title: 'no incident, but a drill', detail });
  }
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
