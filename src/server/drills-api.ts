/**
 * /api/v1/drills: those that are planned, under way and over, one begun now or called off, an answer to one.
 * /api/v1/reach: when everybody was last proven reachable, by every way to them.
 */
import type { Context, Hono } from 'hono';
import { z } from 'zod';
import type { Config } from '../config/config.ts';
import { drillUnderWay, drillView, reachViews } from '../incident/drill-view.ts';
import type { Drill } from '../incident/drill.ts';
import type { ReadonlyBoard } from '../incident/board.ts';
import type { Pipeline } from '../pipeline.ts';
import { duration } from '../system/values.ts';
import { badCursor, pageOf } from './page.ts';
import { BY } from './person.ts';
import { invalid, problem } from './problem.ts';
import { didYouMean, PAGING, parseBody, parseQuery } from './request.ts';
import { route } from './route.ts';

export interface DrillsParts {
  readonly pipeline: Pick<Pipeline, 'board' | 'submit'>;
  readonly config: () => Config;
}
type AboutOne = Context<object, '/api/v1/drills/:code'>;

/** As long as `within` of `drills:` is where it is left out, and as short or long as it may be. */
const WITHIN_MS = 15 * 60_000;
const WITHIN = { min: 60_000, max: 24 * 3_600_000 };
const DRILL = z.strictObject({
  escalation: z.string({ error: 'expected the id of an escalation' }),
  within: duration(WITHIN).optional(),
  by: BY,
});
const ANSWER = z.strictObject({ by: BY });

export function drillsApi(app: Hono, { pipeline, config }: DrillsParts): void {
  const { board } = pipeline;
  const view = (drill: Drill) => drillView(board, drill, config());
  route(app, '/api/v1/drills', {
    GET(c) {
      const query = parseQuery(c, PAGING);
      if ('refused' in query) return query.refused;
      const all = [...board.drills.values()].sort((a, b) => b.startsAt - a.startsAt);
      const page = pageOf(all, ({ id }) => id, query.value);
      return page === undefined
        ? badCursor()
        : c.json({ items: page.items.map(view), next: page.next });
    },
    async POST(c) {
      const body = await parseBody(c, DRILL);
      if ('refused' in body) return body.refused;
      const { escalation, by, within: withinMs = WITHIN_MS } = body.value;
      const wrong = unknownEscalation(escalation, config());
      if (wrong.length > 0) return invalid(wrong);
      const said = await pipeline.submit({ type: 'drill', escalation, by, withinMs });
      const [decision] = said.decisions;
      const drill = board.drills.get(decision?.drill ?? '');
      if (decision?.outcome === 'drill under way' || !drill) return underWay(drill);
      return c.json(view(drill), said.recorded ? 201 : 202);
    },
  });
  route(app, '/api/v1/drills/:code', {
    GET(c: AboutOne) {
      const found = drillCalled(board, c.req.param('code'));
      return found ? c.json(view(found)) : unknownDrill();
    },
  });
  route(app, '/api/v1/drills/:code/acknowledge', {
    async POST(c: AboutOne) {
      const body = await parseBody(c, ANSWER);
      if ('refused' in body) return body.refused;
      const found = drillCalled(board, c.req.param('code'));
      if (!found?.begunAt) return unknownDrill();
      const { by } = body.value;
      const answer = { type: 'answer', drill: found.id, by, channel: null } as const;
      const { decisions, recorded } = await pipeline.submit(answer);
      if (decisions[0]?.outcome === 'unknown responder') return notAsked(by, found);
      return c.json(view(board.drills.get(found.id) ?? found), recorded ? 200 : 202);
    },
  });
  route(app, '/api/v1/drills/:code/cancel', {
    async POST(c: AboutOne) {
      const body = await parseBody(c, ANSWER);
      if ('refused' in body) return body.refused;
      const wanted = c.req.param('code');
      const found = drillCalled(board, wanted) ?? drillUnderWay(board, wanted);
      if (!found) return unknownDrill();
      const { by } = body.value;
      const off = { type: 'call_off', drill: found.id, by } as const;
      const { decisions, recorded } = await pipeline.submit(off);
      if (decisions[0]?.outcome === 'drill not under way') return notUnderWay(found);
      return c.json(view(board.drills.get(found.id) ?? found), recorded ? 200 : 202);
    },
  });
  route(app, '/api/v1/reach', {
    GET(c) {
      const query = parseQuery(c, PAGING);
      if ('refused' in query) return query.refused;
      const keyOf = (row: { responder: string; channel: string }) =>
        `${row.responder} ${row.channel}`;
      const page = pageOf(reachViews(board, config()), keyOf, query.value);
      return page === undefined ? badCursor() : c.json(page);
    },
  });
}

/** By code or id. */
export function drillCalled({ drills }: ReadonlyBoard, codeOrId: string): Drill | undefined {
  const code = codeOrId.trim().toUpperCase();
  return drills.get(codeOrId) ?? [...drills.values()].findLast((drill) => drill.code === code);
}

function unknownEscalation(id: string, { escalations }: Config): readonly string[] {
  if (escalations.has(id)) return [];
  const known = [...escalations.keys()];
  const hint = didYouMean(id, known) ?? `expected one of ${known.slice(0, 10).join(', ')}`;
  return [`escalation: unknown escalation ${JSON.stringify(id)}: ${hint}`];
}

function underWay(drill: Drill | undefined): Response {
  const detail = drill
    ? `${drill.code} of ${drill.escalation} is not over: answer it, or wait for its end.`
    : 'The configuration has just changed: try again.';
  return problem({ status: 409, title: 'no drill was begun', detail });
}

function notUnderWay({ code, endedAt }: Drill): Response {
  const why = endedAt === null ? 'has not begun: take it out of checks.yml' : 'is over';
  return problem({ status: 409, title: 'not under way', detail: `${code} ${why}.` });
}

function notAsked(by: string, { code, people }: Drill): Response {
  const asked = people.map(({ responder }) => responder).join(', ');
  const detail = `${code} asks ${asked}, and not ${by}: say who answers by "by", or --by.`;
  return problem({ status: 409, title: 'not asked', detail });
}

function unknownDrill(): Response {
  const detail = 'GET /api/v1/drills lists those that are planned, under way and over.';
  return problem({ status: 404, title: 'unknown drill', detail });
}
