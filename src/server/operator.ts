/**
 * The operator listener: metrics, health, reload and the API. It is private: what it knows (targets,
 * reasons, who was paged) is not for customers, and its POSTs change what people are told.
 */
import { Hono } from 'hono';
import type { Address } from '../config/config.ts';
import type { Emit } from '../events.ts';
import type { Clock } from '../system/clock.ts';
import { backupApi, type BackupParts } from './backup-api.ts';
import { checksApi, type ChecksParts } from './checks-api.ts';
import { bearer, isLoopback, jsonOnly, notTooLarge, ownOrigin, rightHost } from './guard.ts';
import { drillsApi } from './drills-api.ts';
import { incidentsApi, type IncidentsParts } from './incidents-api.ts';
import { createListener, type Listener } from './listener.ts';
import { oncallApi } from './oncall-api.ts';
import { problem } from './problem.ts';
import { prometheusApi, type PrometheusParts } from './prometheus-api.ts';
import { route } from './route.ts';
import { silencesApi } from './silences-api.ts';

const MAX_CONNECTIONS = 256;

export interface OperatorParts
  extends
    Omit<ChecksParts, 'pipeline' | 'history'>,
    Omit<IncidentsParts, 'history'>,
    PrometheusParts {
  readonly history: ChecksParts['history'] & IncidentsParts['history'] & BackupParts['history'];
  /** `restartNeeded`: keys that are not in force before Tocsin is started again. */
  readonly reload: () => Promise<
    { readonly restartNeeded: readonly string[] } | { readonly problems: readonly string[] }
  >;
  /** false until the configuration is loaded, and while draining. */
  readonly ready: () => boolean;
  readonly emit: Emit;
  readonly clock: Clock;
}

export function createOperator(parts: OperatorParts): Listener {
  let exposed = false;
  const app = new Hono();
  app.use(async (c, next) => {
    await next();
    c.header('cache-control', 'no-store');
    c.header('x-content-type-options', 'nosniff');
    c.header('content-security-policy', "default-src 'none'; frame-ancestors 'none'");
  });
  app.use(rightHost(parts.config), ownOrigin());
  app.use(bearer(parts.config, () => exposed));
  app.use(jsonOnly(), notTooLarge());
  app.onError((error) => {
    parts.emit({ type: 'trouble', where: 'operator listener', what: error.message });
    return problem({ status: 500, title: 'internal error', detail: 'The log says more.' });
  });
  app.notFound(() =>
    problem({ status: 404, title: 'not found', detail: 'GET / lists what there is.' }),
  );
  watching(app, parts);
  prometheusApi(app, parts);
  checksApi(app, parts);
  incidentsApi(app, parts);
  silencesApi(app, parts);
  oncallApi(app, parts);
  drillsApi(app, parts);
  backupApi(app, parts);

  const listener = createListener(app.fetch, { maxConnections: MAX_CONNECTIONS }, parts.clock);
  return {
    async start(address: Address) {
      exposed = !isLoopback(address.host);
      if (exposed && parts.config().tokens.length === 0) {
        return {
          refused: `listen.operator ${address.host} is not on loopback: that needs api: { tokens: […] }`,
        };
      }
      return listener.start(address);
    },
    stop: () => listener.stop(),
  };
}

/** What supervisors ask: it stays open, also where the API needs a token; only reloading is a POST. */
function watching(app: Hono, parts: OperatorParts): void {
  route(app, '/', { GET: (c) => c.text(INDEX) });
  route(app, '/-/healthy', { GET: (c) => c.text('healthy\n') });
  route(app, '/-/ready', {
    GET: (c) =>
      parts.ready()
        ? c.text('ready\n')
        : problem({ status: 503, title: 'not ready', detail: 'Starting, or stopping.' }),
  });
  route(app, '/-/reload', {
    async POST(c) {
      const reloaded = await parts.reload();
      if ('restartNeeded' in reloaded) {
        return c.json({ reloaded: true, restartNeeded: reloaded.restartNeeded });
      }
      return problem({
        status: 400,
        title: 'invalid configuration',
        detail: 'The configuration that was running stays.',
        problems: reloaded.problems,
      });
    },
  });
}

const INDEX = `Tocsin

GET  /metrics
GET  /probe?target=ID|URL                 as blackbox_exporter, from the last look
GET  /-/debug/probe/ID                    its story, for people
GET  /-/healthy
GET  /-/ready
POST /-/reload
GET  /api/v1/checks
GET  /api/v1/checks/ID
GET  /api/v1/http_sd                      for http_sd_configs
GET  /api/v1/incidents?state=open|acknowledged|resolved|all   left out: all but resolved
GET  /api/v1/incidents/CODE
GET  /api/v1/incidents/CODE/checks
POST /api/v1/incidents/CODE/acknowledge   {"by": "ana", "text": "…", "for": "4h", "take_over": true}
POST /api/v1/incidents/CODE/resolve       {"by": "ana", "text": "…", "force": true}
POST /api/v1/incidents/CODE/notes         {"by": "ana", "text": "…"}
POST /api/v1/incidents/CODE/severity      {"by": "ana", "severity": "critical"}
POST /api/v1/incidents/CODE/page          {"by": "ana", "responder": "ben"}
POST /api/v1/incidents                    {"by": "ana", "title": "…", "severity": "major", "text": "…"}
GET  /api/v1/silences
POST /api/v1/silences                     {"by": "ana", "check": "shop", "for": "2h", "why": "…"}
POST /api/v1/silences/ID/end              {"by": "ana"}
GET  /api/v1/notifications
GET  /api/v1/oncall?at=TIME                left out: now
GET  /api/v1/oncall.ics?rotation=ID       left out: all
GET  /api/v1/overrides
POST /api/v1/overrides                    {"by": "ana", "rotation": "primary", "responder": "ben", "for": "12h"}
POST /api/v1/overrides/ID/end             {"by": "ana"}
GET  /api/v1/drills
GET  /api/v1/drills/CODE
POST /api/v1/drills                       {"by": "ana", "escalation": "on-call", "within": "15m"}
POST /api/v1/drills/CODE/acknowledge      {"by": "ben"}
GET  /api/v1/reach                        when everybody was last proven reachable
POST /api/v1/backup                        {"file": "/var/backups/tocsin.db"}

Lists take ?limit=1..500&cursor= and answer {"items": […], "next": null}.
A POST needs "content-type: application/json".
`;
