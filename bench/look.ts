/**
 * One prober of ours in a process of its own: `node bench/look.ts CONFIG` makes whole looks at the
 * checks of a configuration in turn, as the daemon makes them (observe, assess, judge, count), 50 at
 * a time, and prints what a window of them cost. With a second argument `http` or `tcp` they are
 * bare sockets of Node instead: what a look would cost that measured and judged nothing.
 */
import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import type { Check, Config } from '../src/config/config.ts';
import { loadConfig } from '../src/config/load.ts';
import { formatProblem } from '../src/config/problem.ts';
import type { CheckState } from '../src/judge/check-state.ts';
import { registries } from '../src/loading/registries.ts';
import { probes } from '../src/probes/index.ts';
import { createInspector } from '../src/probes/inspector.ts';
import { systemClock } from '../src/system/clock.ts';
import { createTransport } from '../src/system/network.ts';
import { OwnResolver } from '../src/system/own-resolver.ts';
import { programRunner } from '../src/system/program.ts';
import { createWatch } from '../src/watch.ts';
import type { Cost } from './cost.ts';

const AT_A_TIME = 50;
const WARM_UP_MS = 1_000;
const WINDOW_MS = 2_000;

/** false: it failed. */
type Look = (check: Check) => Promise<boolean>;

function wholeLook(config: Config): Look {
  const clock = systemClock();
  const never = new AbortController().signal;
  const states = new Map<string, CheckState>();
  const watch = createWatch({
    clock,
    transport: createTransport({ resolver: new OwnResolver({ clock }), clock }),
    run: programRunner(clock),
    inspect: createInspector(clock).inspect,
    registration: () => ({ unknown: 'not asked' }),
    probe: (type) => probes.get(type),
    config: () => config,
    state: (check) => states.get(check),
    counted: (state) => states.set(state.check, state),
    isAwaited: () => false,
    submit: async () => {},
    scheduler: { lookAgain() {}, lookNow() {} },
    self: { witnessesOf: () => [], lookedAt: () => null, isBlind: () => false, saw() {} },
    emit() {},
  });
  return async ({ id }) => {
    await watch.look(id, clock.now(), never);
    return states.get(id)?.lastStatus === 'up';
  };
}

function socketHttp({ target }: Check): Promise<boolean> {
  const { host, hostname, port } = new URL(target);
  return new Promise((resolve) => {
    let status = '';
    const socket = connect({ host: hostname, port: Number(port) });
    socket.on('data', (chunk: Buffer) => (status ||= chunk.toString('latin1', 9, 12)));
    socket.on('error', () => {});
    socket.on('close', () => {
      resolve(status === '200');
    });
    socket.write(`GET / HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`);
  });
}

function socketTcp({ target }: Check): Promise<boolean> {
  const [host = '', port] = target.split(':');
  return new Promise((resolve) => {
    const socket = connect({ host, port: Number(port) });
    socket.on('error', () => {
      resolve(false);
    });
    socket.on('connect', () => {
      socket.destroy();
      resolve(true);
    });
  });
}

async function measure(look: Look, checks: readonly Check[]): Promise<Cost> {
  let next = 0;
  let looks = 0;
  let failed = 0;
  let isOver = false;
  const lanes = Array.from({ length: AT_A_TIME }, async () => {
    while (!isOver) {
      if (!(await look(checks[next++ % checks.length]!))) failed += 1;
      looks += 1;
    }
  });
  await pause(WARM_UP_MS);
  looks = 0;
  failed = 0;
  const startedAt = performance.now();
  const before = process.cpuUsage();
  await pause(WINDOW_MS);
  const { user, system } = process.cpuUsage(before);
  const cost = { looks, failed, cpuMs: (user + system) / 1000 };
  const wallMs = performance.now() - startedAt;
  isOver = true;
  await Promise.all(lanes);
  return { ...cost, wallMs };
}

const [, , file = '', bare] = process.argv;
const loaded = await loadConfig({ file, env: {}, ...registries });
if ('problems' in loaded) throw new Error(loaded.problems.map(formatProblem).join('\n'));
const look =
  bare === undefined ? wholeLook(loaded.config) : bare === 'tcp' ? socketTcp : socketHttp;
console.log(JSON.stringify(await measure(look, [...loaded.config.checks.values()])));
process.exit(0);
