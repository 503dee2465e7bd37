/**
 * What a Prometheus asks: everything at once (/metrics), one check as blackbox_exporter answers
 * (/probe), and which checks there are (/api/v1/http_sd). /probe looks at nothing: it answers from
 * the last look, so that a scrape job of a blackbox_exporter only needs another address.
 */
import type { Context, Hono } from 'hono';
import { accepts } from 'hono/accepts';
import type { Check, Config } from '../config/config.ts';
import { problem } from './problem.ts';
import { didYouMean } from './request.ts';
import { route } from './route.ts';

type Format = 'text' | 'openmetrics';

const TYPES: Readonly<Record<Format, string>> = {
  text: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
};

export interface PrometheusParts {
  readonly config: () => Config;
  readonly metrics: {
    /** UTF-8. */
    render(format: Format): AsyncGenerator<Uint8Array>;
    blackbox(check: string, format: Format): string;
    story(check: Check): string;
  };
}

export function prometheusApi(app: Hono, { config, metrics }: PrometheusParts): void {
  route(app, '/metrics', {
    async GET(c) {
      const format = formatFor(c);
      const headers = { 'content-type': TYPES[format], vary: 'accept' };
      return c.body(await streamed(metrics.render(format)), 200, headers);
    },
  });
  route(app, '/probe', {
    GET(c) {
      const target = c.req.query('target') ?? '';
      if (target === '') return c.text('Target parameter is missing\n', 400);
      const check = checkWith(config(), target, c.req.query('module'));
      if (check === undefined) return c.text(`No check has that target\n`, 404);
      const format = formatFor(c);
      const headers = { 'content-type': TYPES[format], vary: 'accept' };
      return c.body(metrics.blackbox(check.id, format), 200, headers);
    },
  });
  route(app, '/api/v1/http_sd', {
    GET: (c) => c.json([...config().checks.values()].map(discovered)),
  });
  route(app, '/-/debug/probe/:id', {
    GET(c: Context<object, '/-/debug/probe/:id'>) {
      const id = c.req.param('id');
      const { checks } = config();
      const check = checks.get(id);
      if (check !== undefined) return c.text(metrics.story(check));
      return problem({
        status: 404,
        title: 'unknown check',
        detail: didYouMean(id, [...checks.keys()]) ?? 'GET /api/v1/checks lists them.',
      });
    },
  });
}

/** OpenMetrics for who prefers it; the text format for everybody else. */
function formatFor(c: Context): Format {
  const [text, openmetrics] = ['text/plain', 'application/openmetrics-text'];
  const supports = [openmetrics, text];
  const chosen = accepts(c, { header: 'Accept', supports, default: text });
  return chosen === openmetrics ? 'openmetrics' : 'text';
}

/**
 * By its id, else by its target as it is written here, with or without the scheme that
 * blackbox_exporter adds. Several checks may look at one target: `module` may then name one by its
 * type; the modules of a blackbox.yml mean nothing here.
 */
function checkWith({ checks }: Config, target: string, module = ''): Check | undefined {
  const byId = checks.get(target);
  if (byId !== undefined) return byId;
  const wanted = bare(target);
  const found = [...checks.values()].filter((check) => bare(check.target) === wanted);
  return found.find(({ type }) => module === type || module.startsWith(`${type}_`)) ?? found[0];
}

function bare(target: string): string {
  return target.replace(/^http:\/\//, '').replace(/\/$/, '');
}

/** The id is the target: two checks may look at one URL, and a URL may hold what is blotted out. */
function discovered({ id, name, type, target, severity, escalation, tags }: Check): object {
  const labels: Record<string, string> = {
    __meta_tocsin_check: id,
    __meta_tocsin_name: name,
    __meta_tocsin_type: type,
    __meta_tocsin_target: target,
    __meta_tocsin_severity: severity,
    __meta_tocsin_escalation: escalation ?? 'none',
  };
  for (const [key, value] of Object.entries(tags)) {
    labels[`__meta_tocsin_tag_${key.replaceAll(/[^a-zA-Z0-9_]/g, '_')}`] = value;
  }
  return { targets: [id], labels };
}

/**
 * What cannot be begun is an error with its own status. From then on whoever reads sets the pace: a
 * reader that hangs costs one chunk.
 */
async function streamed(chunks: AsyncGenerator<Uint8Array>): Promise<ReadableStream<Uint8Array>> {
  const first = await chunks.next();
  return new ReadableStream(
    {
      start(stream) {
        if (first.done !== true) stream.enqueue(first.value);
      },
      async pull(stream) {
        const next = await chunks.next();
        if (next.done === true) stream.close();
        else stream.enqueue(next.value);
      },
      async cancel() {
        await chunks.return(undefined);
      },
    },
    { highWaterMark: 1 },
  );
}
