/**
 * What `packaging/` tells people to run can be run: the program starts from a folder that holds only
 * what the image holds, and nothing is installed by a name that anybody could take.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';

const CHECKS = `version: 1
checks: { itself: { tcp: "127.0.0.1:9" } }
`;

let image: string;
beforeEach(() => {
  image = mkdtempSync(join(tmpdir(), 'tocsin-image-'));
});
afterEach(() => {
  rmSync(image, { recursive: true });
});

/** The sources stand in for `dist`, which is made of them. */
function copyAsTheDockerfileDoes(): readonly string[] {
  const copied = [
    ...readFileSync('packaging/Dockerfile', 'utf8').matchAll(/^COPY --from=build \/src\/(\S+) /gm),
  ].map((match) => match[1] ?? '');
  for (const name of copied) {
    const there = join(image, name);
    if (name === 'node_modules') symlinkSync(resolve(name), there);
    else cpSync(name === 'dist' ? 'src' : name, there, { recursive: true });
  }
  return copied;
}

it('holds in the image all that a command reads', () => {
  expect(copyAsTheDockerfileDoes()).toEqual(expect.arrayContaining(['dist', 'node_modules']));
  const file = join(image, 'checks.yml');
  writeFileSync(file, CHECKS);
  const said = execFileSync(
    process.execPath,
    [join(image, 'dist/main.ts'), 'validate', '--config', file],
    { cwd: image, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] },
  );
  expect(said).toContain('is valid: 1 check');
});

it.each(['packaging/tocsin.service', 'packaging/Dockerfile', 'docs/operating.md', 'README.md'])(
  '%s installs Tocsin from a file, not by its name',
  (path) => {
    const text = readFileSync(path, 'utf8');
    expect(text).not.toMatch(/npm (?:install|i)\b[^\n]*\s(?!\.\/)tocsin\b/);
    expect(text).not.toContain('npmjs.com/package/tocsin');
  },
);
