import { beforeEach, describe, expect, test } from 'vitest';
import type { NotRun, Program, Ran } from '../../src/system/program.ts';
import { supervisorOf } from '../../src/system/supervisor.ts';

const SOCKET = { NOTIFY_SOCKET: '/run/systemd/notify' };
const RAN: Ran = { exitCode: 0, killedBy: null, output: '', errors: '' };

let programs: Program[];
let troubles: string[];
let outcome: () => Promise<Ran | NotRun>;
const of = (env: Readonly<Record<string, string>>) =>
  supervisorOf({
    env,
    run: (program) => (programs.push(program), outcome()),
    trouble: (what) => void troubles.push(what),
  });
const told = () => programs.map(({ argv }) => argv.slice(1).join(' '));
const turn = () => new Promise((resolve) => setImmediate(resolve));

beforeEach(() => {
  programs = [];
  troubles = [];
  outcome = async () => RAN;
});

describe('systemd is told', () => {
  test('each thing in its words and in its order, by its own program', async () => {
    const supervisor = of(SOCKET);
    supervisor.ready('3 checks\nREADY=0');
    supervisor.alive();
    supervisor.reloading();
    supervisor.status('well');
    supervisor.stopping();
    await turn();
    expect(told()).toEqual([
      'READY=1 STATUS=3 checks READY=0',
      'WATCHDOG=1',
      expect.stringMatching(/^RELOADING=1 MONOTONIC_USEC=\d+$/),
      'STATUS=well',
      'STOPPING=1',
    ]);
    const [first] = programs;
    expect([first?.argv[0], first?.env]).toEqual(['systemd-notify', SOCKET]);
  });

  test('one thing after another, also when one takes its time', async () => {
    const first = Promise.withResolvers<Ran>();
    outcome = () => first.promise;
    const supervisor = of(SOCKET);
    supervisor.ready('');
    supervisor.stopping();
    await turn();
    expect(told()).toHaveLength(1);
    first.resolve(RAN);
    await turn();
    expect(told()).toHaveLength(2);
  });

  test('nothing where nobody listens', async () => {
    const supervisor = of({ WATCHDOG_USEC: '30000000' });
    supervisor.ready('');
    supervisor.alive();
    await turn();
    expect([programs, supervisor.watchdogMs]).toEqual([[], null]);
  });

  test.each<[string, NotRun | Ran]>([
    ['no such program', { failure: 'missing', detail: 'no such program' }],
    ['it was not heard', { ...RAN, exitCode: 1 }],
  ])('and if that does not work, it is said once: %s', async (why, given) => {
    outcome = async () => given;
    const supervisor = of(SOCKET);
    supervisor.alive();
    supervisor.alive();
    await turn();
    expect(troubles).toEqual([`systemd-notify: ${why}`]);
    outcome = async () => RAN;
    supervisor.alive();
    await turn();
    outcome = async () => given;
    supervisor.alive();
    await turn();
    expect(troubles).toHaveLength(2);
  });
});

test.each<[Readonly<Record<string, string>>, number | null]>([
  [{ WATCHDOG_USEC: '30000000' }, 30_000],
  [{ WATCHDOG_USEC: '30000000', WATCHDOG_PID: String(process.pid) }, 30_000],
  [{ WATCHDOG_USEC: '30000000', WATCHDOG_PID: '1' }, null],
  [{ WATCHDOG_USEC: '0' }, null],
  [{ WATCHDOG_USEC: 'soon' }, null],
  [{}, null],
])('the watchdog of %o wants to hear every %s ms', (env, ms) => {
  expect(of({ ...SOCKET, ...env }).watchdogMs).toBe(ms);
});
