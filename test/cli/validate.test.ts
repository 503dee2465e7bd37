/** What `validate` prints, and where: a script reads stdout, and may stop reading at any time. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const FIXTURES = 'test/fixtures/config';

function start(...args: readonly string[]) {
  return startNode([], ...args);
}

function startNode(options: readonly string[], ...args: readonly string[]) {
  const child = spawn(process.execPath, [...options, 'src/main.ts', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const printed = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (printed.out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (printed.err += text));
  const ended = once(child, 'close').then(([code]) => ({ ...printed, code: code as number }));
  return { child, ended };
}

const BAD = ['validate', '--config', join(FIXTURES, 'invalid-several.yml')];

it('--json tells the problems of a bad file on stdout, and nothing else', async () => {
  const { out, err, code } = await start(...BAD, '--json').ended;
  expect(code).toBe(2);
  expect(err).toBe('');
  const told = JSON.parse(out) as { valid: boolean; problems: object[] };
  expect(told.valid).toBe(false);
  expect(told.problems).toHaveLength(9);
  expect(told.problems[2]).toEqual({
    file: join(FIXTURES, 'invalid-several.yml'),
    line: 6,
    column: 5,
    message: 'unknown key "exepct" in check "shop": did you mean "expect"?',
  });
});

it('without --json they are on stderr, with their number', async () => {
  const { out, err, code } = await start(...BAD).ended;
  expect([code, out]).toEqual([2, '']);
  expect(err.trimEnd().split('\n')).toHaveLength(10);
  expect(err).toContain('\n9 problems\n');
});

it('says that a page is only printed where nobody is paged', async () => {
  const { out } = await start('validate', '--config', join(FIXTURES, 'console-only.yml')).ended;
  expect(out.split('\n')[1]).toBe(
    'edge   tcp   gw.example.com:443  prints to the console at most 1m5s after it breaks',
  );
});

it.each([
  { args: ['schema'], ends: 0 },
  { args: ['validate', '--config', 'checks.yml'], ends: 0 },
  { args: BAD, ends: 2 },
])('$args does not crash when nobody reads on', async ({ args, ends }) => {
  const { child, ended } = start(...args);
  child.stdout.destroy();
  child.stderr.destroy();
  expect((await ended).code).toBe(ends);
});

it('an older Node is told apart, in words', async () => {
  const old = `data:text/javascript,Object.defineProperty(process.versions,'node',{value:'20.20.2'})`;
  const { err, code } = await startNode(['--import', old], '--version').ended;
  expect(code).toBe(1);
  expect(err).toMatch(/^tocsin needs Node 26 or later: this is v/);
});
