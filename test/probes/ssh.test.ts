import type { Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { ssh } from '../../src/probes/ssh.ts';
import { closedPort, tcpServer } from '../loopback.ts';
import { VirtualClock } from '../virtual-clock.ts';
import { look } from './looking.ts';

const NOON = Date.UTC(2026, 4, 1, 12);
const at = (port: number) => `127.0.0.1:${port}`;
const says = (text: string) => tcpServer((socket) => socket.resume().write(text));

describe('a server', () => {
  test('that says who it is is up, and hears who we are', async () => {
    const heard = Promise.withResolvers<string>();
    const port = await tcpServer((socket) => {
      socket.once('data', (data) => heard.resolve(String(data)));
      socket.write('SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n');
    });
    const { findings, unmet, gauges } = await look(ssh, { ssh: at(port) });
    expect(unmet).toEqual([]);
    expect(findings[0]?.seen).toContain('SSH-2.0-OpenSSH_9.2p1 Debian-2 from 127.0.0.1');
    expect(gauges).toMatchObject({ probe_ip_protocol: 4 });
    expect(await heard.promise).toBe('SSH-2.0-tocsin\r\n');
  });

  test('may say more before, in pieces, and end its line as it likes', async () => {
    const port = await tcpServer((socket) => {
      socket.write('Authorised use only\r\nSSH-1.9', () =>
        setImmediate(() => socket.write('9-dropbear\nwhat follows')),
      );
    });
    const { unmet } = await look(ssh, { ssh: at(port), expect: { banner: { matches: 'bear$' } } });
    expect(unmet).toEqual([]);
  });

  test('that is another than expected is banner', async () => {
    const port = await says('SSH-2.0-dropbear_2022.83\r\n');
    const written = { ssh: at(port), expect: { banner: { contains: 'OpenSSH' } } };
    expect((await look(ssh, written)).unmet).toMatchObject([
      { reason: 'banner', seen: 'SSH-2.0-dropbear_2022.83', brief: 'banner lacks "OpenSSH"' },
    ]);
  });

  test('that knows only SSH 1 is protocol', async () => {
    const { unmet } = await look(ssh, { ssh: at(await says('SSH-1.5-old\n')) });
    expect(unmet).toMatchObject([{ reason: 'protocol', brief: 'not SSH 2.0: SSH-1.5-old' }]);
  });

  test('of another kind is protocol once the time is over', async () => {
    const clock = new VirtualClock(NOON);
    const opened = Promise.withResolvers<Socket>();
    const port = await tcpServer((socket) => {
      socket.resume().write('220 mail.test ESMTP\r\n', () => opened.resolve(socket));
    });
    const looked = look(ssh, { ssh: at(port) }, { clock });
    await opened.promise;
    await clock.advance(5_000);
    expect((await looked).unmet).toMatchObject([
      { reason: 'protocol', brief: 'not SSH 2.0: 220 mail.test ESMTP\\r\\n' },
    ]);
  });

  test('that pours is not heard beyond 4 KiB', async () => {
    const { unmet, facts } = await look(ssh, { ssh: at(await says('x'.repeat(65_536))) });
    expect(unmet).toMatchObject([{ reason: 'protocol' }]);
    expect(facts['banner']).toHaveLength(4_096);
  });

  test('that closes without a word is banner', async () => {
    const port = await tcpServer((socket) => socket.resume().end());
    expect((await look(ssh, { ssh: at(port) })).unmet).toMatchObject([{ reason: 'banner' }]);
  });

  test('that is not there is refused', async () => {
    const { unmet } = await look(ssh, { ssh: at(await closedPort()) });
    expect(unmet).toMatchObject([{ expectation: 'connect', reason: 'refused' }]);
  });
});

test('slow is degraded', async () => {
  const clock = new VirtualClock(NOON);
  const opened = Promise.withResolvers<Socket>();
  const port = await tcpServer((socket) => opened.resolve(socket.resume()));
  const looked = look(ssh, { ssh: at(port), warn: { time: '1s' } }, { clock });
  const socket = await opened.promise;
  await clock.advance(1_500);
  socket.write('SSH-2.0-x\n');
  expect((await looked).unmet).toMatchObject([{ level: 'warn', brief: 'took 1.5s' }]);
});
