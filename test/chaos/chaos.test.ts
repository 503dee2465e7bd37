/** What of `npm run chaos` fits beside the other tests: twenty kills, and a fault of each kind. */
import { spawn } from 'node:child_process';
import { expect, test } from 'vitest';

async function chaos(...words: readonly string[]): Promise<string> {
  const args = [new URL('chaos.ts', import.meta.url).pathname, '--short', ...words];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  for await (const text of child.stdout.setEncoding('utf8')) said += String(text);
  return said.trim();
}

const isRoot = process.getuid?.() === 0;

test.runIf(isRoot)('twenty kills at any moment lose nothing', async () => {
  expect(await chaos('kills', '--kills', '20')).toMatch(
    /^4 stories in \d+ s, 0 broken; kills 20,/m,
  );
});

test.runIf(isRoot)('kills at the first syncs of the disk lose nothing', async () => {
  const said = await chaos('syncs', '--syncs', '4');
  expect(said).toMatch(/^4 stories in \d+ s, 0 broken; kills 0, reached 4,/m);
});

test
  .runIf(isRoot)
  .each(['disks', 'starts', 'held', 'stopped', 'two', 'clocks', 'vendors', 'replies', 'networks'])(
  '%s',
  async (kind) => {
    expect(await chaos(kind)).toMatch(/ 0 broken; /);
  },
);
