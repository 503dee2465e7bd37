/**
 * /api/v1/oncall: who has which rotation at a time, until when, and who is next; the same as a
 * calendar to subscribe to. /api/v1/overrides: turns that somebody takes over.
 */
import type { Context, Hono } from 'hono';
import { z } from 'zod';
import type { Config } from '../config/config.ts';
import { dutyViews, overrideView, turnsOf } from '../incident/duty-view.ts';
import { rfc3339 } from '../incident/incident-view.ts';
import type { Pipeline } from '../pipeline.ts';
import type { Clock } from '../system/clock.ts';
import { duration } from '../system/values.ts';
import { calendar } from './calendar.ts';
import { badCursor, pageOf } from './page.ts';
import { BY, LINE } from './person.ts';
import { invalid, problem } from './problem.ts';
import { didYouMean, PAGING, parseBody, parseQuery } from './request.ts';
import { route } from './route.ts';

export interface OncallParts {
  readonly pipeline: Pick<Pipeline, 'board' | 'submit'>;
  readonly config: () => Config;
  readonly clock: Clock;
}

const DAY_MS = 86_400_000;
/** Longer is another rotation, or a typing error. */
const OVERRIDE_MAX_MS = 92 * DAY_MS;
/** What a calendar shows of what is to come. */
const CALENDAR_MS = 60 * DAY_MS;

/** Every hand-over up to then is computed, and pages wait meanwhile. */
const FAR_MS = 366 * DAY_MS;

const A_TIME = { error: 'expected a time such as 2026-01-05T09:00Z' };
const instant = () =>
  z
    .string(A_TIME)
    .transform((written) => Date.parse(written))
    .refine((at) => Number.isFinite(at), A_TIME);
const AT = z.strictObject({ at: instant().optional() });
const WHICH = z.strictObject({ rotation: z.string().optional() });
const END = z.strictObject({ by: BY });
const OVERRIDE = z.strictObject({
  rotation: z.string({ error: 'expected the id of a rotation' }),
  responder: z.string({ error: 'expected the id of a responder' }),
  from: instant().optional(),
  until: instant().optional(),
  for: duration({ min: 60_000 }).optional(),
  by: BY,
  why: LINE.optional(),
});

export function oncallApi(app: Hono, parts: OncallParts): void {
  duties(app, parts);
  overrides(app, parts);
}

function duties(app: Hono, { pipeline: { board }, config, clock }: OncallParts): void {
  route(app, '/api/v1/oncall', {
    GET(c) {
      const query = parseQuery(c, AT);
      if ('refused' in query) return query.refused;
      const at = query.value.at ?? clock.now();
      if (Math.abs(at - clock.now()) > FAR_MS)
        return invalid(['at: expected a time within a year']);
      const items = dutyViews(config(), board.overrides.values(), at);
      return c.json({ at: rfc3339(at), items, next: null });
    },
  });
  route(app, '/api/v1/oncall.ics', {
    GET(c) {
      const query = parseQuery(c, WHICH);
      if ('refused' in query) return query.refused;
      const { rotations, responders } = config();
      const { rotation: only } = query.value;
      const shown = [...rotations.values()].filter(({ id }) => only === undefined || id === only);
      if (shown.length === 0) return unknownRotation(only ?? '', config());
      const from = clock.now();
      const events = shown.flatMap((rotation) =>
        turnsOf(rotation, board.overrides.values(), config(), from, CALENDAR_MS).map((turn) => ({
          ...turn,
          about: rotation.id,
          title: `${responders.get(turn.responder)?.name ?? turn.responder}: ${rotation.id}`,
        })),
      );
      return c.body(calendar(events, from), 200, {
        'content-type': 'text/calendar; charset=utf-8',
      });
    },
  });
}

function overrides(app: Hono, { pipeline, config, clock }: OncallParts): void {
  const { board } = pipeline;
  route(app, '/api/v1/overrides', {
    GET(c) {
      const query = parseQuery(c, PAGING);
      if ('refused' in query) return query.refused;
      const now = clock.now();
      const all = [...board.overrides.values()].filter(({ until }) => until > now);
      const page = pageOf(all, ({ id }) => id, query.value);
      return page === undefined
        ? badCursor()
        : c.json({ items: page.items.map(overrideView), next: page.next });
    },
    async POST(c) {
      const body = await parseBody(c, OVERRIDE);
      if ('refused' in body) return body.refused;
      const { rotation, responder, by, why = '', for: forMs } = body.value;
      const now = clock.now();
      const from = body.value.from ?? now;
      const until = body.value.until ?? from + (forMs ?? 0);
      const wrong = [
        ...unknown('rotation', rotation, config().rotations),
        ...unknown('responder', responder, config().responders),
        ...((body.value.until === undefined) === (forMs === undefined)
          ? ['until: expected either "until", a time, or "for", such as "12h"']
          : wrongSpan(from, until, now)),
      ];
      if (wrong.length > 0) return invalid(wrong);
      const wish = { rotation, responder, from, until, by, why };
      const { decisions, recorded } = await pipeline.submit({ type: 'override', ...wish });
      const made = board.overrides.get(decisions[0]?.override ?? '');
      return c.json(made ? overrideView(made) : {}, recorded ? 201 : 202);
    },
  });
  route(app, '/api/v1/overrides/:id/end', {
    async POST(c: Context<object, '/api/v1/overrides/:id/end'>) {
      const body = await parseBody(c, END);
      if ('refused' in body) return body.refused;
      const override = c.req.param('id');
      const found = board.overrides.get(override);
      if (found === undefined) {
        const detail = 'GET /api/v1/overrides lists those in force and to come.';
        return problem({ status: 404, title: 'unknown override', detail });
      }
      const { recorded } = await pipeline.submit({ type: 'unoverride', override });
      return c.json(overrideView(found), recorded ? 200 : 202);
    },
  });
}

function wrongSpan(from: number, until: number, now: number): readonly string[] {
  if (until <= from) return ['until: is not after "from"'];
  if (until <= now) return ['until: is over already'];
  return until - from > OVERRIDE_MAX_MS ? ['until: at most 92 days: edit the rotation'] : [];
}

function unknown(
  what: 'rotation' | 'responder',
  id: string,
  known: ReadonlyMap<string, unknown>,
): readonly string[] {
  if (known.has(id)) return [];
  const ids = [...known.keys()];
  const listed = ids.length === 0 ? 'there are none' : `expected ${ids.slice(0, 10).join(', ')}`;
  return [`${what}: unknown ${what} ${JSON.stringify(id)}: ${didYouMean(id, ids) ?? listed}`];
}

function unknownRotation(id: string, { rotations }: Config): Response {
  const [detail = 'There are no rotations.'] = unknown('rotation', id, rotations);
  return problem({ status: 404, title: 'unknown rotation', detail });
}
