/**
 * /api/v1/checks: what is configured, and what is known of each from the board. A check that was
 * not looked at yet is `unknown`, with nothing else made up.
 */
import type { Context, Hono } from 'hono';
import type { Check, Config } from '../config/config.ts';
import { silenceOver } from '../incident/coverage.ts';
import { rfc3339, rfc3339OrNull } from '../incident/incident-view.ts';
import { silenceView } from '../incident/silence-view.ts';
import { isFresh, statusNow } from '../judge/freshness.ts';
import type { CheckState } from '../judge/check-state.ts';
import type { Pipeline } from '../pipeline.ts';
import type { History } from '../store/store.ts';
import type { Clock } from '../system/clock.ts';
import { availabilityOf } from './availability.ts';
import { badCursor, pageOf } from './page.ts';
import { problem } from './problem.ts';
import { didYouMean, PAGING, parseQuery } from './request.ts';
import { route } from './route.ts';

export interface ChecksParts {
  readonly config: () => Config;
  readonly pipeline: Pick<Pipeline, 'board'>;
  readonly history: Pick<History, 'tally' | 'days'>;
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
    async GET(c: Context<object, '/api/v1/checks/:id'>) {
      const id = c.req.param('id');
      const { checks } = parts.config();
      const check = checks.get(id);
      if (check !== undefined) {
        const availability = await availabilityOf(id, parts.history, parts.clock);
        return c.json({ ...checkView(check, parts), availability });
      }
      return problem({
        status: 404,
        title: 'unknown check',
        detail: didYouMean(id, [...checks.keys()]) ?? 'GET /api/v1/checks lists them.',
      });
    },
  });
}

/** Why it is not up; of a job, its own last words as well. */
function detailOf({ status, brief, heartbeat }: CheckState): string | null {
  if (status === 'up' || brief === '') return null;
  return [brief, heartbeat?.detail ?? ''].filter((text) => text !== '').join(': ');
}

/** null: it was looked at lately, or never. */
function staleOf(check: Check, state: CheckState, now: number): string | null {
  if (state.lookedAt === null || isFresh(check, state, now)) return null;
  return `stale: not looked at since ${rfc3339(state.lookedAt)}`;
}

function checkView(
  check: Check,
  { pipeline: { board }, nextAt, config, clock }: ChecksParts,
): object {
  const state = board.checks.get(check.id);
  const now = clock.now();
  const status = statusNow(check, state, now);
  const stale = state === undefined ? null : staleOf(check, state, now);
  const why = state === undefined ? null : detailOf(state);
  const silence = silenceOver(board, check.id, config(), now);
  const incident = board.incidents.get(board.incidentOf.get(check.id) ?? '');
  return {
    id: check.id,
    name: check.name,
    type: check.type,
    target: check.target,
    state: status,
    reason: stale !== null && status === 'unknown' ? 'internal' : (state?.reason ?? null),
    detail: stale !== null && why !== null ? `${why}; ${stale}` : (stale ?? why),
    since: state === undefined ? null : rfc3339(state.since),
    lastProbeAt: rfc3339OrNull(state?.lookedAt ?? null),
    tookMs: state?.tookMs ?? null,
    nextProbeAt: rfc3339OrNull(nextAt(check.id)),
    incident: incident?.code ?? null,
    severity: check.severity,
    page: check.escalation,
    dependsOn: check.dependsOn,
    tags: check.tags,
    runbook: check.runbook,
    generation: check.generation,
    silence: silence === undefined ? null : silenceView(silence),
  };
}
