/**
 * The others, looking at the same target: blackbox_exporter asked for /probe by wrk, the plugins of
 * Nagios started once a look, and wrk itself as the floor. All are Debian's. CPU time is theirs alone:
 * who asks the exporter runs on the target's core.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cpuMsOf, cpuMsOfChildren, PROBER_CORE, TARGET_CORE } from './cost.ts';
import type { Cost } from './cost.ts';
import { freePort, outputOf, start, untilListening } from './program.ts';
import type { Program } from './program.ts';
import type { Target } from './target.ts';

const WINDOW_S = 2;
const PLUGINS = '/usr/lib/nagios/plugins';
/** A process a look: more of them at once than cores would only wait for each other. */
const PLUGINS_AT_A_TIME = 4;
const RUNS_A_LANE = 100;

export interface Blackbox {
  measure(module: 'http' | 'tcp', targets: readonly string[]): Promise<Cost>;
  stop(): Promise<void>;
}

export async function startBlackbox(directory: string, ca: string): Promise<Blackbox> {
  const { port, program } = await startExporter(directory, {
    http: { prober: 'http', http: { preferred_ip_protocol: 'ip4', tls_config: { ca_file: ca } } },
    tcp: { prober: 'tcp', tcp: { preferred_ip_protocol: 'ip4' } },
  });
  const script = join(directory, 'probe.lua');
  return {
    async measure(module, targets) {
      const url = `http://127.0.0.1:${port}/probe?module=${module}&target=`;
      await expectSuccess(`${url}${targets[0] ?? ''}`);
      writeFileSync(script, inTurn(module, targets));
      await wrk(TARGET_CORE, 1, ['-c20', '-s', script, url]);
      const before = cpuMsOf(program.pid);
      const { looks, failed } = await wrk(TARGET_CORE, WINDOW_S, ['-c20', '-s', script, url]);
      return { looks, failed, cpuMs: cpuMsOf(program.pid) - before, wallMs: WINDOW_S * 1000 };
    },
    stop: () => program.stop(),
  };
}

/** `modules` as in its configuration. */
export async function startExporter(
  directory: string,
  modules: object,
): Promise<{ readonly port: number; readonly program: Program }> {
  const file = join(directory, 'blackbox.yml');
  writeFileSync(file, JSON.stringify({ modules }));
  const port = await freePort();
  const program = start(PROBER_CORE, [
    'prometheus-blackbox-exporter',
    ...[`--config.file=${file}`, `--web.listen-address=127.0.0.1:${port}`, '--log.level=error'],
  ]);
  await untilListening(port);
  return { port, program };
}

async function expectSuccess(url: string): Promise<void> {
  const text = await (await fetch(url)).text();
  if (!text.includes('\nprobe_success 1\n')) throw new Error(`no success: ${url}\n${text}`);
}

/** wrk's own language: each request asks for the next target. */
function inTurn(module: string, targets: readonly string[]): string {
  const paths = targets.map((target) => `"/probe?module=${module}&target=${target}"`);
  return `
local paths = { ${paths.join(', ')} }
local next = 0
request = function()
  next = next % #paths + 1
  return wrk.format("GET", paths[next])
end
`;
}

async function wrk(
  core: number,
  seconds: number,
  argv: readonly string[],
): Promise<{ looks: number; failed: number }> {
  const output = await outputOf(core, ['wrk', '-t1', `-d${seconds}s`, ...argv]);
  const looks = Number(/(\d+) requests in/.exec(output)?.[1]);
  const bad = Number(/Non-2xx or 3xx responses: (\d+)/.exec(output)?.[1] ?? 0);
  const lost = /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(output);
  return { looks, failed: bad + (lost?.slice(1).reduce((sum, n) => sum + Number(n), 0) ?? 0) };
}

/** A connection a request, nothing verified, nothing measured: the floor. */
export async function measureWrk(url: string): Promise<Cost> {
  const before = cpuMsOfChildren();
  const done = await wrk(PROBER_CORE, WINDOW_S, ['-c50', '-H', 'connection: close', url]);
  return { ...done, cpuMs: cpuMsOfChildren() - before, wallMs: WINDOW_S * 1000 };
}

export function measurePlugin(kind: 'http' | 'https' | 'tcp', target: Target): Promise<Cost> {
  const [host = '', port = ''] = new URL(
    kind === 'https' ? target.https[0]! : target.http[0]!,
  ).host.split(':');
  const to = kind === 'tcp' ? ['-H', host, '-p', port] : ['-I', host, '-p', port];
  const argv = [`${PLUGINS}/check_${kind === 'tcp' ? 'tcp' : 'http'}`, ...to];
  return measureRuns(kind === 'https' ? [...argv, '-S'] : argv);
}

/** By a shell, which costs little beside what it starts. */
async function measureRuns(argv: readonly string[]): Promise<Cost> {
  const loop = 'n=$1; shift; while [ $n -gt 0 ]; do "$@" >/dev/null || exit 1; n=$((n - 1)); done';
  const lane = ['sh', '-c', loop, 'sh', String(RUNS_A_LANE), ...argv];
  const before = cpuMsOfChildren();
  const startedAt = performance.now();
  await Promise.all(Array.from({ length: PLUGINS_AT_A_TIME }, () => outputOf(PROBER_CORE, lane)));
  const wallMs = performance.now() - startedAt;
  const looks = PLUGINS_AT_A_TIME * RUNS_A_LANE;
  return { looks, failed: 0, cpuMs: cpuMsOfChildren() - before, wallMs };
}
