/** Several files as one. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { formatProblem } from '../../src/config/problem.ts';
import { FIXTURES, load, loadFiles, told, valid } from './fixture.ts';

const AUTHORITY = readFileSync(`${FIXTURES}/ca.pem`, 'utf8');

const tcp = (id: string, host = 'a.example.com'): string =>
  `checks:\n  ${id}: { tcp: "${host}:443" }\n`;

describe('include', () => {
  it('merges by id, in the order of the patterns and then of the names', async () => {
    const config = valid(
      await loadFiles({
        'checks.yml': `version: 1\ninclude: [people.yml, "conf.d/*.yml"]\n${tcp('root')}`,
        'people.yml':
          'responders: { ana: { email: ana@example.com } }\nchannels: { out: { type: console } }\n' +
          'escalations: { on-call: { steps: [{ page: [ana], by: [out] }] } }\n',
        'conf.d/b.yml': tcp('b'),
        'conf.d/a.yml': `version: 1\n${tcp('a')}`,
        'conf.d/empty.yml': '# nothing yet\n',
        'conf.d/not.yaml': 'not read\n',
        'conf.d/old.yml/x.yml': 'not read either\n',
      }),
    );
    expect([...config.checks.keys()]).toEqual(['root', 'a', 'b']);
    expect(config.checks.get('b')?.escalation).toBe('on-call');
  });

  it('a pattern that meets no file is a warning with its place; it may meet the root file', async () => {
    const config = valid(
      await loadFiles({
        'checks.yml': `version: 1\ninclude: ["*.yml", "nowhere/*.yml"]\n${tcp('a')}`,
      }),
    );
    expect(config.warnings).toEqual([
      expect.stringMatching(/checks\.yml:2:20 include: "nowhere\/\*\.yml" meets no file$/),
      'nobody is paged',
    ]);
  });

  it('tells the problems of all files, each with its own place, in the order of reading', async () => {
    const loaded = await loadFiles({
      'checks.yml': `version: 1\ninclude: ["*.yaml"]\n${tcp('a')}evry: 5s\n`,
      'b.yaml': tcp('b').replace('tcp', 'tpc'),
      'c.yaml': `version: 2\n${tcp('c')}`,
      'd.yaml': 'checks: [\n',
    });
    const problems = 'problems' in loaded ? loaded.problems.map(formatProblem) : [];
    expect(problems.map((line) => line.replace(/^.*\//, ''))).toEqual([
      'checks.yml:5:1 unknown key "evry"',
      'b.yaml:2:8 unknown key "tpc" in check "b": did you mean "tcp"?',
      'c.yaml:1:10 version: expected 1, the only version there is',
      expect.stringMatching(/^d.yaml:2:1 is not valid YAML/) as string,
    ]);
  });

  it('gives up a pattern that meets far too many files', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tocsin-wide-'));
    onTestFinished(() => {
      rmSync(folder, { recursive: true });
    });
    for (let i = 0; i < 10_001; i += 1) mkdirSync(join(folder, String(i)));
    const file = join(folder, 'checks.yml');
    writeFileSync(file, 'version: 1\ninclude: ["**/*.yaml"]\n');
    expect(told(await load(file))).toEqual([
      '2:11 include: "**/*.yaml" meets more than 10000 files and folders: name a narrower one',
    ]);
  });

  it('takes paths relative to the file that names them', async () => {
    const config = valid(
      await loadFiles({
        'checks.yml': 'version: 1\ninclude: [conf.d/shop.yml]\n',
        'conf.d/shop.yml':
          'data: ../state\nchecks:\n  shop: { http: "https://shop.example.com/", tls: { ca: tls/ca.pem } }\n',
        'conf.d/tls/ca.pem': AUTHORITY,
      }),
    );
    expect(config.data.endsWith('/state')).toBe(true);
    expect(config.data).not.toContain('conf.d');
    expect(config.checks.get('shop')?.options).toMatchObject({
      tls: { ca: AUTHORITY },
    });
  });
});
