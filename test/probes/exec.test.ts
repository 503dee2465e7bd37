import { once } from 'node:events';
import type { Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { exec } from '../../src/probes/exec.ts';
import { tcpServer } from '../loopback.ts';
import { VirtualClock } from '../virtual-clock.ts';
import { look } from './looking.ts';

const NOON = Date.UTC(2026, 4, 1, 12);
const node = (source: string, ...args: string[]) => [process.execPath, '-e', source, ...args];
const printing = (text: string, code: number) =>
  node('console.log(process.argv[1]); process.exitCode = Number(process.argv[2])', text, `${code}`);

describe('an exit code', () => {
  test('of 0 is up, and what was measured is shown', async () => {
    const text = 'LOAD OK - load average: 0.42|load1=0.42;5;10;0; took=12ms';
    const { findings, unmet, gauges, facts } = await look(exec, { exec: printing(text, 0) });
    expect(unmet).toEqual([]);
    expect(findings).toMatchObject([
      { expectation: 'exit', seen: 'exit code 0 (OK): LOAD OK - load average: 0.42' },
    ]);
    expect(gauges).toMatchObject({
      probe_exec_exit_code: 0,
      'probe_exec_perfdata load1': 0.42,
      'probe_exec_perfdata took': 0.012,
    });
    expect(JSON.parse(JSON.stringify(facts))).toEqual(facts);
  });

  test.each([
    [1, 'warn', 'exit code 1 (WARNING): text'],
    [2, 'expect', 'exit code 2 (CRITICAL): text'],
    [3, 'expect', 'exit code 3 (UNKNOWN): text'],
    [4, 'expect', 'exit code 4: text'],
    [127, 'expect', 'exit code 127: text'],
  ])('of %i is %s', async (code, level, seen) => {
    const { unmet, gauges } = await look(exec, { exec: printing('text | a=1', code) });
    expect(unmet).toMatchObject([
      { expectation: 'exit', level, reason: 'exit_code', seen, brief: 'text' },
    ]);
    expect(gauges).toMatchObject({ probe_exec_exit_code: code });
  });

  test('without words speaks for itself', async () => {
    const { unmet } = await look(exec, { exec: node('process.exitCode = 2') });
    expect(unmet).toMatchObject([{ brief: 'exit code 2' }]);
  });

  test('comes with what was printed as errors, where nothing else was', async () => {
    const source = 'console.error("cannot open shared object"); process.exitCode = 127';
    expect((await look(exec, { exec: node(source) })).unmet).toMatchObject([
      { brief: 'cannot open shared object' },
    ]);
  });

  test('there is none for a program that was killed', async () => {
    const source = `process.kill(process.pid, 'SIGSEGV'); setInterval(() => {}, 1_000)`;
    const { unmet, gauges } = await look(exec, { exec: node(source) });
    expect(unmet).toMatchObject([{ reason: 'exit_code', brief: 'killed by SIGSEGV' }]);
    expect(gauges).not.toHaveProperty('probe_exec_exit_code');
  });
});

test('it gets its arguments as they are, and the environment that is written', async () => {
  const source = 'console.log(process.argv[1], process.env.PGPASSWORD, process.env.HOME)';
  const written = { exec: node(source, '$(id) > /dev/null'), env: { PGPASSWORD: 'secret' } };
  expect((await look(exec, written)).facts).toMatchObject({
    text: '$(id) > /dev/null secret undefined',
  });
});

test('a program that does not end is killed at the deadline: timeout', async () => {
  const clock = new VirtualClock(NOON);
  const opened = Promise.withResolvers<Socket>();
  const port = await tcpServer((socket) => opened.resolve(socket.resume()));
  const source = `require('node:net').connect(${port}, '127.0.0.1').on('error', () => {})`;
  const looked = look(exec, { exec: node(source) }, { clock });
  const socket = await opened.promise;
  await clock.advance(5_000);
  const { unmet } = await looked;
  expect(unmet).toMatchObject([{ reason: 'timeout', brief: 'node: not ended in 5s' }]);
  if (!socket.closed) await once(socket, 'close');
});

test('a program that is not there is down, and says so', async () => {
  const { unmet } = await look(exec, { exec: ['/nowhere/check_x', 'secret'] });
  expect(unmet).toMatchObject([
    {
      reason: 'internal',
      brief: 'check_x: no such program',
      seen: 'check_x: no such program (/nowhere/check_x)',
    },
  ]);
});

test('a program that prints without end is too_large', async () => {
  const { unmet } = await look(exec, { exec: ['/usr/bin/yes'] });
  expect(unmet).toMatchObject([{ reason: 'too_large', brief: 'yes: more than 64 KiB of output' }]);
});

test('slow is degraded', async () => {
  const clock = new VirtualClock(NOON);
  const opened = Promise.withResolvers<Socket>();
  const port = await tcpServer((socket) => opened.resolve(socket));
  const source = `require('node:net').connect(${port}, '127.0.0.1').resume()`;
  const looked = look(exec, { exec: node(source), warn: { time: '1s' } }, { clock });
  const socket = await opened.promise;
  await clock.advance(1_500);
  socket.end();
  expect((await looked).unmet).toMatchObject([{ level: 'warn', brief: 'took 1.5s' }]);
});

test('its target is the program, without its arguments', () => {
  const options = exec.options.parse({ exec: ['/usr/bin/check', '--password', 'secret'] });
  expect(exec.target(options as never)).toBe('/usr/bin/check');
});

test.each([
  { exec: '/usr/bin/check -w 5' },
  { exec: [] },
  { exec: ['check_load'] },
  { exec: ['/usr/bin/check', 5] },
  { exec: ['/usr/bin/check', 'a\0b'] },
  { exec: ['/usr/bin/check'], env: ['HOME'] },
  { exec: ['/usr/bin/check'], env: { 'A=B': 'c' } },
])('%j is refused at load', (written) => {
  expect(exec.options.safeParse(written).success).toBe(false);
});
