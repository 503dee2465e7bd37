/** The unit file, held against systemd's own idea of one; and what a daemon says to it in its words. */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openHouse } from '../e2e/house.ts';

const UNIT = 'packaging/tocsin.service';
/** Node has no unix datagram sockets. A line a message; what is handed over with it is closed. */
const LISTEN = `use Socket; $| = 1; socket(my $s, AF_UNIX, SOCK_DGRAM, 0); bind($s, sockaddr_un(shift)) or die;
print "listening\\n"; while (1) { recv($s, my $m, 4096, 0); $m =~ s/\\n/ /g; print "$m\\n"; }`;

describe('the unit', () => {
  it('is one that systemd takes without a word', () => {
    expect(execFileSync('systemd-analyze', ['verify', UNIT], { encoding: 'utf8' })).toBe('');
  });

  it('leaves a service as little as it can do with', () => {
    const said = execFileSync('systemd-analyze', ['security', '--offline=true', UNIT], {
      encoding: 'utf8',
    });
    expect(Number(/exposure level for tocsin\.service: ([\d.]+)/.exec(said)?.[1])).toBeLessThan(
      1.6,
    );
  });
});

describe('a daemon that systemd has started', () => {
  let house: Awaited<ReturnType<typeof openHouse>>;
  let folder: string;
  let socket: string;
  let listener: ChildProcess;
  let heard: string[];
  let tell: Set<() => void>;
  const hears = (words: RegExp, times = 1) =>
    new Promise<void>((resolve) => {
      const look = () => {
        if (heard.filter((line) => words.test(line)).length < times) return;
        tell.delete(look);
        resolve();
      };
      tell.add(look);
      look();
    });

  beforeEach(async () => {
    house = await openHouse();
    folder = mkdtempSync(join(tmpdir(), 'tocsin-systemd-'));
    socket = join(folder, 'notify');
    heard = [];
    tell = new Set();
    const child = spawn('perl', ['-e', LISTEN, socket], { stdio: ['ignore', 'pipe', 'inherit'] });
    listener = child;
    createInterface({ input: child.stdout }).on('line', (line) => {
      heard.push(line);
      for (const look of [...tell]) look();
    });
    await hears(/^listening$/);
  });
  afterEach(async () => {
    await house.close();
    listener.kill('SIGKILL');
    rmSync(folder, { recursive: true });
  });

  it('says that it is ready, lives, reloads and stops', async () => {
    const daemon = await house.start({ NOTIFY_SOCKET: socket, WATCHDOG_USEC: '1500000' });
    await hears(/^READY=1 STATUS=1 checks$/);
    await hears(/^WATCHDOG=1$/, 3);
    process.kill(daemon.pid, 'SIGHUP');
    await hears(/^RELOADING=1 MONOTONIC_USEC=\d+$/);
    await hears(/^READY=1/, 2);
    expect(await daemon.kill('SIGTERM')).toBe(0);
    await hears(/^STOPPING=1$/);
    const said = heard.filter((line) => !/^(?:BARRIER|WATCHDOG)=1/.test(line));
    expect(said.map((line) => line.split('=')[0])).toEqual([
      ...['listening', 'READY', 'RELOADING', 'READY', 'STOPPING'],
    ]);
  });
});
