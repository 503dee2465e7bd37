/** /api/v1/oncall: who has which rotation at a time, until when, and who is next. */
import type { Hono } from 'hono';
import { z } from 'zod';
import type { Config } from '../config/config.ts';
import { dutyViews } from '../incident/duty-view.ts';
import { rfc3339 } from '../incident/incident-view.ts';
import type { Clock } from '../system/clock.ts';
import { invalid } from './problem.ts';
import { parseQuery } from './request.ts';
import { route } from './route.ts';

export interface OncallParts {
  readonly config: () => Config;
  readonly clock: Clock;
}

/** Every hand-over up to then is computed, and pages wait meanwhile. */
const YEAR_MS = 366 * 24 * 60 * 60 * 1_000;

const AT = z.strictObject({
  at: z
    .string()
    .transform((written) => Date.parse(written))
    .refine((at) => Number.isFinite(at), { error: 'expected a time such as 2026-01-05T09:00Z' })
    .optional(),
});

export function oncallApi(app: Hono, { config, clock }: OncallParts): void {
  route(app, '/api/v1/oncall', {
    GET(c) {
      const query = parseQuery(c, AT);
      if ('refused' in query) return query.refused;
      const at = query.value.at ?? clock.now();
      if (Math.abs(at - clock.now()) > YEAR_MS)
        return invalid(['at: expected a time within a year']);
      return c.json({ at: rfc3339(at), items: dutyViews(config(), at), next: null });
    },
  });
}
