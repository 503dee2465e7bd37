import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../src/system/clock.ts';
import { programRunner } from '../../src/system/program.ts';
import type { Clock } from '../../src/system/clock.ts';
import type { Program } from '../../src/system/program.ts';
import { tcpServer } from '../loopback.ts';
import { VirtualClock } from '../virtual-clock.ts';

const NOON = Date.UTC(2026, 4, 1, 12);
const node = (source: string, ...args: string[]): Program['argv'] => [
  process.execPath,
  '-e',
  source,
  ...args,
];

function run(
  argv: Program['argv'],
  { clock = systemClock(), ...more }: Partial<Program> & { clock?: Clock } = {},
) {
  const { signal } = new AbortController();
  const program = { argv, env: {}, maxBytes: 1_024, timeoutMs: 5_000, signal, ...more };
  return programRunner(clock)(program);
}

describe('a program', () => {
  test('brings back its exit code and what it printed', async () => {
    const source = `process.stdout.write('olá'); console.error('oh'); process.exitCode = 2`;
    expect(await run(node(source))).toEqual({
      ...{ exitCode: 2, killedBy: null, output: 'olá', errors: 'oh\n' },
    });
  });

  test('gets its arguments as they are, with no shell in between', async () => {
    const args = ['$HOME', '; exit 3', `'"`, '*', ''];
    const ran = await run(node('console.log(JSON.stringify(process.argv.slice(1)))', ...args));
    expect(ran).toMatchObject({ exitCode: 0, output: `${JSON.stringify(args)}\n` });
  });

  test('gets the environment that it is given, and not ours', async () => {
    process.env['TOCSIN_TEST_SECRET'] = 'hunter2';
    onTestFinished(() => {
      delete process.env['TOCSIN_TEST_SECRET'];
    });
    const ran = await run(node('console.log(JSON.stringify(process.env))'), { env: { A: 'b' } });
    const env = JSON.parse('output' in ran ? ran.output : '') as object;
    expect(env).toMatchObject({ A: 'b', LC_ALL: 'C', PATH: expect.stringContaining('/usr/bin') });
    expect(Object.keys(env)).toHaveLength(3);
  });

  test('is found by its name in the usual directories, and has no input', async () => {
    expect(await run(['cat'])).toMatchObject({ exitCode: 0, output: '' });
  });

  test('reads what it is given, and nobody minds if it does not', async () => {
    expect(await run(['cat'], { input: 'olá' })).toMatchObject({ exitCode: 0, output: 'olá' });
    const input = 'x'.repeat(1_000_000);
    expect(await run(['true'], { input })).toMatchObject({ exitCode: 0 });
  });

  test('that a signal ends has no exit code', async () => {
    expect(await run(node(`process.kill(process.pid, 'SIGTERM')`))).toMatchObject({
      ...{ exitCode: null, killedBy: 'SIGTERM' },
    });
  });

  test('that is not there is missing, one that may not be run is forbidden', async () => {
    expect(await run(['/nowhere/check_x'])).toMatchObject({ failure: 'missing' });
    expect(await run(['/etc/passwd/check_x'])).toMatchObject({ failure: 'missing' });
    const directory = mkdtempSync(join(tmpdir(), 'tocsin-program-'));
    onTestFinished(() => {
      rmSync(directory, { recursive: true });
    });
    const file = join(directory, 'check_x');
    writeFileSync(file, '#!/bin/sh\n');
    chmodSync(file, 0o600);
    expect(await run([file])).toMatchObject({ failure: 'forbidden' });
  });

  test('whose arguments no program can take is our own fault', async () => {
    expect(await run(['cat', 'a\0b'])).toMatchObject({ failure: 'internal' });
  });

  test('that prints without end is stopped', async () => {
    expect(await run(['yes'])).toEqual({
      ...{ failure: 'too_large', detail: 'more than 1 KiB of output' },
    });
  });
});

/** Connects to us, so that its end is seen; a child of its own does so as well. */
const FAMILY = `
  const { connect } = require('node:net');
  const { spawn } = require('node:child_process');
  const port = Number(process.argv[1]);
  connect(port, '127.0.0.1').on('error', () => {});
  process.on('SIGTERM', () => {});
  const inner = "require('node:net').connect(" + port + ", '127.0.0.1').on('error', () => {})";
  spawn(process.execPath, ['-e', inner], { stdio: 'inherit' });`;

async function family() {
  const sockets: Socket[] = [];
  const both = Promise.withResolvers<undefined>();
  const port = await tcpServer((socket) => {
    sockets.push(socket.resume());
    if (sockets.length === 2) both.resolve(undefined);
  });
  const closed = async () => {
    for (const socket of sockets) if (!socket.closed) await once(socket, 'close');
  };
  return { argv: node(FAMILY, String(port)), both: both.promise, closed };
}

describe('its whole process group is killed', () => {
  test('at the deadline, whatever it does about signals', async () => {
    const clock = new VirtualClock(NOON);
    const { argv, both, closed } = await family();
    const ran = run(argv, { clock });
    await both;
    await clock.advance(5_000);
    expect(await ran).toEqual({ failure: 'timeout', detail: 'not ended' });
    expect(clock.pending()).toBe(0);
    await closed();
  });

  test('when nobody wants it any more', async () => {
    const stop = new AbortController();
    const { argv, both, closed } = await family();
    const ran = run(argv, { signal: stop.signal });
    await both;
    stop.abort();
    expect(await ran).toMatchObject({ failure: 'timeout' });
    await closed();
  });

  test('when it has ended itself and left somebody behind', async () => {
    const source = `
      require('node:child_process').spawn('sleep', ['1000'], { stdio: 'inherit' })
        .on('spawn', () => { console.log('done'); process.exit(0); });`;
    expect(await run(node(source))).toMatchObject({ exitCode: 0, output: 'done\n' });
  });
});

test('a stranger that holds its pipes does not make it late', async () => {
  const clock = new VirtualClock(NOON);
  const away = Promise.withResolvers<Socket>();
  const port = await tcpServer((socket) => away.resolve(socket.resume()));
  // It shows itself when its parent has gone, and goes when we have seen it.
  const inner = `
    const waiting = setInterval(() => {
      if (String(process.ppid) === process.argv[1]) return;
      clearInterval(waiting);
      require('node:net').connect(${port}, '127.0.0.1').on('close', () => process.exit());
    }, 5);`;
  const source = `
    require('node:child_process')
      .spawn(process.execPath, ['-e', ${JSON.stringify(inner)}, String(process.pid)], { stdio: 'inherit', detached: true })
      .on('spawn', () => { console.log('done'); process.exit(1); });`;
  const ran = run(node(source), { clock });
  const socket = await away.promise;
  await clock.advance(5_000);
  expect(await ran).toMatchObject({ exitCode: 1, output: 'done\n' });
  socket.destroy();
});

test('nothing is started for a look that is over', async () => {
  expect(await run(['yes'], { signal: AbortSignal.abort() })).toMatchObject({ failure: 'timeout' });
});
