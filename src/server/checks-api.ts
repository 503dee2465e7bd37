/**
 * /api/v1/checks: what is configured, and what is known of each from the board. A check that was
 * not looked at yet is `unknown`, with nothing else made up.
 */
import type { Context, Hono } from 'hono';
import type { Check, Config } from '../config/config.ts';
import { silenceOver } from '../incident/coverage.ts';
import { rfc3339, rfc3339OrNull } from '../incident/incident-view.ts';
import { silenceView } from '../incident/silence-view.ts';
import type { CheckState } from '../judge/check-state.ts';
import type { Pipeline } from '../pipeline.ts';
import type { Clock } from '../system/clock.ts';
import { badCursor, pageOf } from './page.ts';
import { problem } from './problem.ts';
import { didYouMean, PAGING, parseQuery } from './request.ts';
import { route } from './route.ts';

export interface ChecksParts {
  readonly config: () => Config;
  readonly pipeline: Pick<Pipeline, 'board'>;
  readonly clock: Clock;
  /** When a check is looked at next, or is overdue unless its job reports; epoch ms. */
  readonly nextAt: (check: string) => number | null;
}

export function checksApi(app: Hono, parts: ChecksParts): void {
  route(app, '/api/v1/checks', {
    GET(c) {
      const query = parseQuery(c, PAGING);
      if ('refused' in query) return query.refused;
      const page = pageOf([...parts.config().checks.values()], ({ id }) => id, query.value);
      if (page === undefined) return badCursor();
      return c.json({ ...page, items: page.items.map((check) => checkView(check, parts)) });
    },
  });
  route(app, '/api/v1/checks/:id', {
    GET(c: Context<object, '/api/v1/checks/:id'>) {
      const id = c.req.param('id');
      const { checks } = parts.config();
      const check = checks.get(id);
      if (check !== undefined) return c.json(checkView(check, parts));
      return problem({
        status: 404,
        title: 'unknown check',
        detail: didYouMean(id, [...checks.keys()]) ?? 'GET /api/v1/checks lists them.',
      });
    },
  });
}

/** Why it is not up; of a job, its own last words as well. */
function detailOf(state: CheckState | undefined): string | null {
  if (state === undefined || state.status === 'up' || state.brief === '') return null;
  return [state.brief, state.heartbeat?.detail ?? ''].filter((text) => text !== '').join(': ');
}

function checkView(
  check: Check,
  { pipeline: { board }, nextAt, config, clock }: ChecksParts,
): object {
  const state = board.checks.get(check.id);
  const silence = silenceOver(board, check.id, config(), clock.now());
  const incident = board.incidents.get(board.incidentOf.get(check.id) ?? '');
  return {
    id: check.id,
    name: check.name,
    type: check.type,
    target: check.target,
    state: state?.status ?? 'unknown',
    reason: state?.reason ?? null,
    detail: detailOf(state),
    since: state === undefined ? null : rfc3339(state.since),
    lastProbeAt: rfc3339OrNull(state?.lookedAt ?? null),
    tookMs: state?.tookMs ?? null,
    nextProbeAt: rfc3339OrNull(nextAt(check.id)),
    incident: incident?.code ?? null,
    severity: check.severity,
    page: check.escalation,
    dependsOn: check.dependsOn,
    tags: check.tags,
    generation: check.generation,
    silence: silence === undefined ? null : silenceView(silence),
  };
}
