/**
 * What Grafana would ask: every expression of every dashboard, put to a real Prometheus that scrapes
 * the real daemon with a mix of checks, in both formats and as a blackbox_exporter.
 */
import { readFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { boards } from '../../dashboards/source/write.ts';
import { BLACKBOX_DASHBOARDS } from './blackbox-dashboards.ts';
import { openMixture } from './mixture.ts';
import { startPrometheus, until, type Prometheus } from './prometheus.ts';

/** The second job of docs/prometheus.md, as it is written there, with another address. */
const discovery = (daemon: string) => {
  const blocks = [
    ...readFileSync('docs/prometheus.md', 'utf8').matchAll(/```yaml prometheus\n(.*?)```/gs),
  ].map((match) => match[1] ?? '');
  const text = blocks.find((block) => block.includes('http_sd_configs')) ?? '';
  const { scrape_configs } = parse(text.replaceAll('127.0.0.1:9110', daemon)) as {
    scrape_configs: object[];
  };
  return scrape_configs.map((job) => ({ ...job, params: { module: ['http_2xx'] } }));
};

interface Panel {
  readonly title: string;
  readonly description?: string;
  readonly targets?: readonly { readonly expr: string }[];
}

const names = Object.keys(boards) as (keyof typeof boards)[];
const panels = names.flatMap((name) => {
  const board = JSON.parse(readFileSync(`dashboards/${name}.json`, 'utf8')) as { panels: Panel[] };
  return board.panels.flatMap(({ title, description = '', targets = [] }) =>
    targets.map(({ expr }, n) => ({ panel: `${name}: ${title} (${n})`, description, expr })),
  );
});
const filledIn = (expr: string) =>
  expr
    .replaceAll('$__rate_interval', '20s')
    .replaceAll('$__range', '2m')
    .replaceAll('$job', 'tocsin')
    .replaceAll('$instance', '.+')
    .replaceAll('$check', 'site')
    .replaceAll('$objective', '99.9');

let mixture: Awaited<ReturnType<typeof openMixture>>;
let prometheus: Prometheus;
let code: string;
/** Asks for the text format, whatever Prometheus would rather have. */
const plain = createServer((asked, answer) => {
  const headers = { accept: 'text/plain', host: 'localhost' };
  const port = mixture.operatorPort;
  request({ host: '127.0.0.1', port, path: asked.url, headers }, (reply) => {
    answer.writeHead(reply.statusCode ?? 0, { 'content-type': reply.headers['content-type'] });
    reply.pipe(answer);
  }).end();
});

beforeAll(async () => {
  mixture = await openMixture();
  plain.listen(0, '127.0.0.1');
  await once(plain, 'listening');
  const { port } = plain.address() as AddressInfo;
  const daemon = `127.0.0.1:${mixture.operatorPort}`;
  const at = (target: string) => ({
    honor_labels: true,
    static_configs: [{ targets: [target] }],
  });
  prometheus = await startPrometheus({
    global: { scrape_interval: '1s', scrape_timeout: '1s' },
    scrape_configs: [
      { job_name: 'tocsin', ...at(daemon) },
      { job_name: 'plain', ...at(`127.0.0.1:${port}`) },
      ...discovery(daemon),
    ],
  });
  // What is counted shows once it was scraped before and after.
  await until('the first scrapes', async () => {
    const [seen] = await prometheus.query('count_over_time(tocsin_build_info{job="tocsin"}[1m])');
    return Number(seen?.value[1] ?? 0) >= 3 ? true : undefined;
  });
  code = await mixture.breakTheShop();
  await mixture.twilio.waitFor(({ body }) => body.includes(' OK Flapping'));
});

afterAll(async () => {
  await prometheus.stop();
  plain.close();
  await mixture.close();
});

describe('every panel', () => {
  test.each(panels)('$panel returns data', async ({ expr, description }) => {
    if (description.includes('Empty when all is well') && expr.includes('$check')) return;
    await until(filledIn(expr), async () => {
      const seen = await prometheus.query(filledIn(expr));
      return seen.some(({ value }) => value[1] !== 'NaN') ? true : undefined;
    });
  });

  test('of what is down now says since when and who has it, by name', async () => {
    const { expr } = panels.find(({ panel }) => panel.startsWith('overview: Down now'))!;
    const row = await until('the shop is there', async () =>
      (await prometheus.query(filledIn(expr))).find(({ metric }) => metric['check'] === 'shop'),
    );
    expect(row.metric).toMatchObject({
      name: 'Shop',
      severity: 'major',
      incident: code,
      by: 'ana',
    });
    expect(Math.abs(Number(row.value[1]) - Date.now())).toBeLessThan(180_000);
  });

  test('of the one check shows its incident', async () => {
    const { expr } = panels.find(({ panel }) => panel.startsWith('check: Its incident'))!;
    const seen = await prometheus.query(filledIn(expr.replaceAll('$check', 'shop')));
    expect(seen[0]?.metric).toMatchObject({ incident: code, by: 'ana', state: 'acknowledged' });
  });

  test('of the mix: up, degraded, down and flapping are all there', async () => {
    const seen = await prometheus.query(
      'tocsin_check_state{job="tocsin", check=~"site|old|shop"} == 1',
    );
    const states = seen.map(({ metric }) => `${metric['check']} ${metric['state']}`);
    expect(states.sort()).toEqual(['old degraded', 'shop down', 'site up']);
  });
});

describe.each(Object.entries(BLACKBOX_DASHBOARDS))('dashboard %s', (_, asked) => {
  test.each(asked)('%s', async (expr) => {
    await until(filledIn(expr), async () => {
      const seen = await prometheus.query(filledIn(expr));
      return seen.some(({ value }) => value[1] !== 'NaN') ? true : undefined;
    });
  });
});

describe('a scrape', () => {
  test('finds the same series in either format', async () => {
    const count = async (job: string) => {
      const [seen] = await prometheus.query(
        `count({__name__=~"tocsin_.+|probe_.+", __name__!~"tocsin_incident.+|tocsin_check_incident_info|probe_.+", job="${job}"})`,
      );
      return Number(seen?.value[1]);
    };
    expect(await count('tocsin')).toBeGreaterThan(100);
    expect(await count('plain')).toBe(await count('tocsin'));
  });

  test('tells by OpenMetrics which incident was counted in a bucket', async () => {
    const query = encodeURIComponent('tocsin_incident_time_to_acknowledge_seconds_bucket');
    const now = Date.now() / 1000;
    const range = `start=${now - 300}&end=${now}`;
    const found = await until('an exemplar', async () => {
      const data = (await prometheus.get(`/api/v1/query_exemplars?query=${query}&${range}`)) as {
        exemplars: { labels: Record<string, string> }[];
      }[];
      const codes = data.flatMap(({ exemplars }) => exemplars.map(({ labels }) => labels));
      return codes.some(({ incident }) => incident === code) ? codes : undefined;
    });
    expect(found.length).toBeGreaterThan(0);
  });

  test('of /probe is what a blackbox_exporter would have said', async () => {
    const down = await until('the shop as blackbox', async () => {
      const [seen] = await prometheus.query(
        `probe_success{job="blackbox", instance="${mixture.shop.url}"}`,
      );
      return seen?.value[1] === '0' ? seen : undefined;
    });
    expect(down.metric).toMatchObject({ check: 'shop' });
    const phases = await prometheus.query(
      'probe_http_duration_seconds{job="blackbox", team="web"}',
    );
    expect(phases.map(({ metric }) => metric['phase']).sort()).toEqual(
      ['connect', 'processing', 'resolve', 'tls', 'transfer'].sort(),
    );
    expect(await prometheus.query('up{job="blackbox"} == 0')).toEqual([]);
    expect(await prometheus.query('up{job="blackbox"}')).toHaveLength(8);
    const heartbeats = await prometheus.query('up{job="blackbox", instance="heartbeat"}');
    expect(heartbeats.map(({ metric }) => metric['check']).sort()).toEqual(['backup', 'import']);
  });
});
