/** What docs/shared-fate.md shows of `validate` is what it prints. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, expect, it } from 'vitest';
import { channels } from '../../src/channels/index.ts';
import { probes } from '../../src/probes/index.ts';

const folder = mkdtempSync(join(tmpdir(), 'tocsin-shared-fate-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});
const page = readFileSync('docs/shared-fate.md', 'utf8');
const block = (language: string): string =>
  new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, 'ms').exec(page)?.[1] ?? '';
const env = {
  ...process.env,
  TWILIO_ACCOUNT_SID: `AC${'0'.repeat(32)}`,
  TWILIO_AUTH_TOKEN: 'x'.repeat(32),
};

it('the example of docs/shared-fate.md is warned of as it says', async () => {
  writeFileSync(join(folder, 'checks.yml'), block('yaml'));
  const main = join(process.cwd(), 'src/main.ts');
  const validate = (...more: readonly string[]) =>
    promisify(execFile)(process.execPath, [main, 'validate', ...more], { cwd: folder, env });
  const { stdout, stderr } = await validate();
  expect(stderr).toBe(block('text'));
  expect(stdout).toContain('checks.yml is valid: 2 checks');
  const { sharedFate } = JSON.parse((await validate('--json')).stdout) as {
    sharedFate: readonly object[];
  };
  expect(sharedFate).toHaveLength(4);
  expect(sharedFate[0]).toEqual({
    level: 'risk',
    topic: 'shared fate',
    what: 'channel sms is lost with payments (api.twilio.com)',
    at: { file: 'checks.yml', line: 8, column: 3 },
    why: 'what it has to tell of them may not arrive',
    remedy: 'keep another way to everybody in on-call: when sms fails, it is used',
  });
}, 30_000);

it('every channel says whom a message goes by first, and every probe where it looks', () => {
  const silent = [...probes, ...channels].filter(([, kind]) => kind.reaches === undefined);
  // A program looks wherever it likes.
  expect(silent.map(([type]) => type)).toEqual(['exec']);
});
