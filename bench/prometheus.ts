/**
 * Prometheus, blackbox_exporter and Alertmanager, Debian's, as quick as they can be told to be: they
 * look every 10 s as all others do, evaluate as often, and wait for nothing before they tell.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROBER_CORE } from './cost.ts';
import type { Contender } from './contender.ts';
import { startExporter } from './peers.ts';
import { freePort, start, untilListening } from './program.ts';

export const PROMETHEUS: Contender = {
  name: 'Prometheus stack',
  async start(size, world, directory, everyMs) {
    const { port, program: exporter } = await startExporter(directory, {
      http: { prober: 'http', timeout: '5s', http: { preferred_ip_protocol: 'ip4' } },
    });
    const alerts = await freePort();
    const alertmanager = start(PROBER_CORE, [
      'prometheus-alertmanager',
      `--config.file=${write(directory, 'alertmanager.yml', routing(world.sink))}`,
      `--storage.path=${directory}/alertmanager`,
      `--web.listen-address=127.0.0.1:${alerts}`,
      ...['--cluster.listen-address=', '--log.level=error'],
    ]);
    await untilListening(alerts);
    const targets = Array.from({ length: size }, (_, i) => world.url(i));
    const rules = write(directory, 'rules.yml', RULES);
    const scraping = { targets, exporter: port, alerts, rules, every: `${everyMs / 1000}s` };
    const web = await freePort();
    const prometheus = start(PROBER_CORE, [
      'prometheus',
      `--config.file=${write(directory, 'prometheus.yml', configuration(scraping))}`,
      `--storage.tsdb.path=${directory}/prometheus`,
      `--web.listen-address=127.0.0.1:${web}`,
      '--log.level=error',
    ]);
    await untilListening(web);
    const all = [prometheus, exporter, alertmanager];
    return {
      pids: all.map(({ pid }) => pid),
      async stop() {
        for (const program of all) await program.stop();
      },
    };
  },
};

/** JSON is YAML. Returns the file. */
function write(directory: string, name: string, content: object): string {
  const file = join(directory, name);
  writeFileSync(file, JSON.stringify(content));
  return file;
}

const RULES = {
  groups: [{ name: 'bench', rules: [{ alert: 'Down', expr: 'probe_success == 0', for: '0s' }] }],
};

function routing(sink: string): object {
  return {
    route: {
      receiver: 'sink',
      group_by: ['instance'],
      ...{ group_wait: '0s', group_interval: '1s', repeat_interval: '4h' },
    },
    receivers: [{ name: 'sink', webhook_configs: [{ url: sink }] }],
  };
}

function configuration({
  targets,
  exporter,
  alerts,
  rules,
  every,
}: {
  targets: readonly string[];
  exporter: number;
  alerts: number;
  rules: string;
  every: string;
}): object {
  return {
    global: { scrape_interval: every, evaluation_interval: every, scrape_timeout: '5s' },
    rule_files: [rules],
    alerting: { alertmanagers: [{ static_configs: [{ targets: [`127.0.0.1:${alerts}`] }] }] },
    scrape_configs: [
      {
        job_name: 'bench',
        metrics_path: '/probe',
        params: { module: ['http'] },
        static_configs: [{ targets }],
        relabel_configs: [
          { source_labels: ['__address__'], target_label: '__param_target' },
          { source_labels: ['__param_target'], target_label: 'instance' },
          { target_label: '__address__', replacement: `127.0.0.1:${exporter}` },
        ],
      },
    ],
  };
}
