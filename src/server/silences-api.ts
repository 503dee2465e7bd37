/**
 * /api/v1/silences: who has made what pages nobody, until when and why; the windows of the plan are
 * listed with them, in force and to come. Those are ended in checks.yml, where they are written.
 */
import type { Context, Hono } from 'hono';
import { z } from 'zod';
import type { Config } from '../config/config.ts';
import { silenceView } from '../incident/silence-view.ts';
import type { Pipeline } from '../pipeline.ts';
import { duration } from '../system/values.ts';
import { badCursor, pageOf } from './page.ts';
import { BY, LINE } from './person.ts';
import { invalid, problem } from './problem.ts';
import { didYouMean, PAGING, parseBody, parseQuery } from './request.ts';
import { route } from './route.ts';

export interface SilencesParts {
  readonly pipeline: Pick<Pipeline, 'board' | 'submit'>;
  readonly config: () => Config;
}
type AboutOne = Context<object, '/api/v1/silences/:id'>;

const SILENCE = z.strictObject({
  check: z
    .string({ error: 'expected the id of a check, tag=value, or "*" for all' })
    .min(1, { error: 'must not be empty' }),
  for: duration({ min: 1_000 }).optional(),
  until: z.literal('recovered', { error: 'expected recovered, or "for" instead' }).optional(),
  below: z.boolean({ error: 'expected true or false' }).optional(),
  by: BY,
  why: LINE,
});
const END = z.strictObject({ by: BY });

export function silencesApi(app: Hono, { pipeline, config }: SilencesParts): void {
  const { board } = pipeline;
  route(app, '/api/v1/silences', {
    GET(c) {
      const query = parseQuery(c, PAGING);
      if ('refused' in query) return query.refused;
      const all = [...board.silences.values()].sort((a, b) => a.startsAt - b.startsAt);
      const page = pageOf(all, ({ id }) => id, query.value);
      return page === undefined
        ? badCursor()
        : c.json({ items: page.items.map(silenceView), next: page.next });
    },
    async POST(c) {
      const body = await parseBody(c, SILENCE);
      if ('refused' in body) return body.refused;
      const { check, for: forMs, until, below = false, by, why } = body.value;
      const wrong = [
        ...unknownCheck(check, config()),
        ...((forMs === undefined) === (until === undefined)
          ? ['for: expected either "for", such as "2h", or "until": "recovered"']
          : []),
        ...(until !== undefined && (below || !config().checks.has(check))
          ? ['until: only one check can be silenced until it recovers']
          : []),
      ];
      if (wrong.length > 0) return invalid(wrong);
      const state = board.checks.get(check)?.status;
      if (until !== undefined && (state === 'up' || state === 'degraded')) {
        return problem({
          status: 409,
          title: `${check} is ${state}`,
          detail: 'Until it recovers would hide its next outage: say for how long instead.',
        });
      }
      const wish = { covers: [check], below, forMs: forMs ?? null, by, why };
      const { decisions, recorded } = await pipeline.submit({ type: 'silence', ...wish });
      const begun = board.silences.get(decisions[0]?.silence ?? '');
      return c.json(begun ? silenceView(begun) : {}, recorded ? 201 : 202);
    },
  });
  route(app, '/api/v1/silences/:id', {
    GET(c: AboutOne) {
      const found = board.silences.get(c.req.param('id'));
      return found ? c.json(silenceView(found)) : unknownSilence();
    },
  });
  route(app, '/api/v1/silences/:id/end', {
    async POST(c: AboutOne) {
      const body = await parseBody(c, END);
      if ('refused' in body) return body.refused;
      const silence = c.req.param('id');
      const found = board.silences.get(silence);
      if (found === undefined) return unknownSilence();
      const { by } = body.value;
      const { decisions, recorded } = await pipeline.submit({ type: 'unsilence', silence, by });
      const outcomes = decisions.map(({ outcome }) => outcome);
      if (outcomes.includes('unknown silence')) return unknownSilence();
      if (outcomes.includes('planned in checks.yml')) {
        return problem({
          status: 409,
          title: 'planned in checks.yml',
          detail: 'Shorten or remove the maintenance window there, and reload.',
        });
      }
      return c.json(silenceView(found), recorded ? 200 : 202);
    },
  });
}

function unknownCheck(check: string, { checks, self }: Config): readonly string[] {
  if (check === '*' || checks.has(check) || self.checks.has(check)) return [];
  if (!check.includes('=')) {
    const hint = didYouMean(check, [...checks.keys()]) ?? 'GET /api/v1/checks lists them';
    return [`check: unknown check ${JSON.stringify(check)}: ${hint}`];
  }
  const [tag = '', ...value] = check.split('=');
  const isThere = [...checks.values()].some(({ tags }) => tags[tag] === value.join('='));
  return isThere ? [] : [`check: no check has the tag ${JSON.stringify(check)}`];
}

function unknownSilence(): Response {
  return problem({
    status: 404,
    title: 'unknown silence',
    detail: 'GET /api/v1/silences lists those in force and those that are planned.',
  });
}
