import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { freePorts, startDaemonProcess, tocsin } from './daemon-process.ts';

let folder: string;
let file: string;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tocsin-bare-'));
  file = join(folder, 'checks.yml');
  const [operator, pub, nobody] = await freePorts(3);
  writeFileSync(
    file,
    `version: 1
listen: { operator: "127.0.0.1:${String(operator)}", public: "127.0.0.1:${String(pub)}" }
checks:
  shop: { http: "http://127.0.0.1:${String(nobody)}/", every: 1s, confirm: { recheck: 100ms } }
`,
  );
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

describe('without a word about whom to tell', () => {
  test('the console is told, and both validate and the start say that nobody is paged', async () => {
    const validated = await tocsin(['validate', '--config', file]);
    expect(validated).toMatchObject({ code: 0 });
    expect(validated.err).toContain('WARNING: nobody is paged');

    const daemon = startDaemonProcess(file);
    await daemon.waitFor(({ event }) => event === 'WARNING: nobody is paged');
    await daemon.waitFor(
      ({ event, channel }) => event === 'delivery accepted' && channel === 'console',
    );
    expect(await daemon.kill('SIGTERM')).toBe(0);
    expect(daemon.other.join('\n')).toMatch(/\| [2-9A-Z]{2} DOWN shop\n\| connection refused/);
  });
});
