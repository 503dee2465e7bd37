/** Debian's Prometheus, Alertmanager and blackbox_exporter, started as programs of a test, with data of their own. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { freePorts } from '../e2e/daemon-process.ts';

export interface Sample {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [number, string];
}

export interface Program {
  readonly url: string;
  stop(): Promise<void>;
}

export interface Prometheus extends Program {
  query(expr: string): Promise<readonly Sample[]>;
  get(path: string): Promise<unknown>;
}

/** JSON is YAML. `rules`: files. */
export async function startPrometheus(config: object): Promise<Prometheus> {
  const program = await start('prometheus', config, (folder, port) => [
    `--storage.tsdb.path=${folder}/data`,
    `--web.listen-address=127.0.0.1:${port}`,
    '--enable-feature=exemplar-storage',
    // What fires before the Alertmanager is known is told again.
    '--rules.alert.resend-delay=1s',
    '--log.level=error',
  ]);
  const get = async (path: string) => {
    const answer = (await (await fetch(`${program.url}${path}`)).json()) as {
      status: string;
      error?: string;
      data: unknown;
    };
    if (answer.status !== 'success') throw new Error(`${path}: ${answer.error ?? 'failed'}`);
    return answer.data;
  };
  return {
    ...program,
    get,
    async query(expr) {
      const data = await get(`/api/v1/query?query=${encodeURIComponent(expr)}`);
      return (data as { result: readonly Sample[] }).result;
    },
  };
}

export function startAlertmanager(config: object): Promise<Program> {
  return start('prometheus-alertmanager', config, (folder, port) => [
    `--storage.path=${folder}/data`,
    `--web.listen-address=127.0.0.1:${port}`,
    '--cluster.listen-address=',
    '--log.level=error',
  ]);
}

export function startExporter(config: object): Promise<Program> {
  return start(
    'prometheus-blackbox-exporter',
    config,
    (_, port) => [`--web.listen-address=127.0.0.1:${port}`, '--log.level=error'],
    '/-/healthy',
  );
}

/** Asks again until it is so; another program's progress can only be asked for. */
export async function until<T>(
  what: string,
  ask: () => Promise<T | undefined>,
  patienceMs = 60_000,
): Promise<T> {
  const end = performance.now() + patienceMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (performance.now() > end) throw new Error(`not within ${patienceMs} ms: ${what}`);
    await pause(250);
  }
}

async function start(
  name: string,
  config: object,
  args: (folder: string, port: number) => readonly string[],
  readiness = '/-/ready',
): Promise<Program> {
  const folder = mkdtempSync(join(tmpdir(), `tocsin-${name}-`));
  const file = join(folder, 'config.yml');
  writeFileSync(file, JSON.stringify(config));
  const [port = 0] = await freePorts(1);
  const child = spawn(name, [`--config.file=${file}`, ...args(folder, port)], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const url = `http://127.0.0.1:${port}`;
  await until(`${name} is ready`, async () => {
    if (child.exitCode !== null) throw new Error(`${name} ended: ${said}`);
    const answer = await fetch(`${url}${readiness}`).catch(() => undefined);
    return answer?.ok === true ? true : undefined;
  });
  return { url, stop: () => end(child, folder) };
}

async function end(child: ChildProcess, folder: string): Promise<void> {
  if (child.exitCode === null) {
    child.kill('SIGKILL');
    await once(child, 'close');
  }
  rmSync(folder, { recursive: true });
}
