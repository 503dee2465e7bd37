/** A look that is under way when its check is changed says nothing about what the check is now. */
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { freePorts, startDaemonProcess } from './daemon-process.ts';

test('what comes back of the old definition is dropped, and the new one is looked at at once', async () => {
  const asked = new Map<string, PromiseWithResolvers<ServerResponse>>();
  const at = (path: string) => asked.getOrInsertComputed(path, () => Promise.withResolvers());
  const server = createServer(({ url = '' }, answer) => at(url).resolve(answer));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const directory = mkdtempSync(join(tmpdir(), 'tocsin-reload-'));
  const file = join(directory, 'checks.yml');
  const [operator, customers] = await freePorts(2);
  const write = (path: string): void => {
    writeFileSync(
      file,
      `
version: 1
listen: { operator: "127.0.0.1:${String(operator)}", public: "127.0.0.1:${String(customers)}" }
checks:
  shop:
    http: http://127.0.0.1:${String(port)}${path}
    every: 1h
    timeout: 30s
    confirm: { fail: 1 }
`,
    );
  };
  write('/old');
  const daemon = startDaemonProcess(file);
  onTestFinished(async () => {
    await daemon.kill('SIGKILL');
    server.closeAllConnections();
    server.close();
    rmSync(directory, { recursive: true });
  });

  const old = await at('/old').promise;
  write('/new');
  process.kill(daemon.pid, 'SIGHUP');
  const configured = () => daemon.lines.filter(({ event }) => event === 'configured').length;
  await daemon.waitFor(() => configured() === 2);
  old.writeHead(500).end();
  (await at('/new').promise).writeHead(200).end();
  await daemon.waitFor(({ event, to }) => event === 'turned' && to === 'up');
  const looked = daemon.lines.filter(({ event }) => event === 'looked');
  expect(looked).toMatchObject([{ check: 'shop', status: 'up' }]);
  expect(daemon.lines.some(({ to }) => to === 'down')).toBe(false);
});
