/** What no person would write: every outcome is a configuration or problems, soon. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { compose } from '../../src/config/compose.ts';
import { parseText } from '../../src/config/document.ts';
import { Complaints } from '../../src/config/problem.ts';
import { channels } from '../../src/channels/index.ts';
import { probes } from '../../src/probes/index.ts';
import { DEFAULTS } from '../message/templates.ts';
import { FIXTURES, load, loadText, problemsOf, told } from './fixture.ts';

const folder = mkdtempSync(join(tmpdir(), 'tocsin-hostile-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});
const GOOD = readFileSync(join(FIXTURES, 'supported.yml'), 'utf8').replace(/\$\{env:\w+\}/g, 'x');

/** Loads a text without the disk; true if it came to anything but an exception. */
function outcome(text: string): boolean {
  const complaints = new Complaints();
  const root = parseText(text, { path: '/c.yml', printed: 'c.yml', order: 0 }, complaints);
  const config =
    root?.kind === 'mapping'
      ? compose(
          '/c.yml',
          {
            ...{ root, probes, channels, complaints, warnings: [], secrets: new Set<string>() },
            hash: (value) => value,
            resolvePath: (path) => path,
          },
          DEFAULTS,
        )
      : null;
  return config !== null || root?.kind !== 'mapping' || complaints.problems([]).length > 0;
}

describe('a file that is not one', () => {
  it('missing', async () => {
    expect(told(await load(join(folder, 'nowhere.yml')))).toEqual(['0:0 no such file']);
    expect(told(await load(join(FIXTURES, 'ca.pem', 'x.yml')))).toEqual(['0:0 no such file']);
  });
  it('a directory', async () => {
    expect(told(await load(folder))).toEqual(['0:0 is a directory']);
  });
  it('a pipe that nobody writes to', async () => {
    const pipe = join(folder, 'pipe.yml');
    execFileSync('mkfifo', [pipe]);
    expect(told(await load(pipe))).toEqual(['0:0 is not a regular file']);
  });
  it('a name with a NUL', async () => {
    expect(told(await load('a\0b'))).toEqual(['0:0 cannot be read (ERR_INVALID_ARG_VALUE)']);
  });
  it('100 MB', async () => {
    const large = join(folder, 'large.yml');
    writeFileSync(large, 'version: 1\n');
    truncateSync(large, 100_000_000);
    expect(told(await load(large))).toEqual(['0:0 is too large: at most 8 MiB']);
  });
});

describe('bytes', () => {
  it.each<[string, Buffer, string]>([
    ['UTF-16', Buffer.from('\ufeffversion: 1\n', 'utf16le'), '1:1 is UTF-16: save it as UTF-8'],
    [
      'UTF-16 without a mark',
      Buffer.from('version: 1\n', 'utf16le'),
      '1:1 is UTF-16: save it as UTF-8',
    ],
    ['NUL', Buffer.from('version: 1\na: \0\n'), '2:1 holds a NUL byte: it is not text'],
    ['Latin-1', Buffer.from('version: 1\n\nname: é\n', 'latin1'), '3:1 is not UTF-8'],
  ])('%s is refused with its line', async (_, bytes, problem) => {
    expect(await problemsOf(bytes)).toEqual([problem]);
  });
  it('a byte order mark and CRLF change nothing, not even a column', async () => {
    const text = '\ufeffversion: 1\r\nchecks:\r\n  a: { tcp: "a.example.com:1", evry: 1s }\r\n';
    expect(await problemsOf(text)).toEqual([
      '3:32 unknown key "evry" in check "a": did you mean "every"?',
    ]);
    expect(await problemsOf(text.replace('evry', 'every'))).toEqual([]);
  });
});

describe('size and shape', () => {
  const MANY = 1_200_000;
  it.each<[string, string, RegExp]>([
    ['brackets', '['.repeat(MANY), /^1:\d+ is nested more than 64 levels deep$/],
    ['braces', '{a: '.repeat(MANY), /^1:\d+ is nested more than 64 levels deep$/],
    ['dashes', '- '.repeat(MANY), /^1:\d+ is nested more than 64 levels deep$/],
    ['colons', 'a: '.repeat(MANY), /^1:\d+ is nested more than 64 levels deep$/],
    [
      'indentation',
      Array.from({ length: 2_000 }, (_, i) => `${' '.repeat(i)}a:`).join('\n'),
      /^\d+:\d+ is nested more than 64 levels deep$/,
    ],
    ['commas', `[${','.repeat(MANY)}`, /^1:\d+ is too long .*: divide it by include:$/],
    ['lines', '- a\n'.repeat(MANY / 4), /^\d+:1 is too long/],
  ])('%s', async (_, text, problem) => {
    const [only, ...others] = await problemsOf(text);
    expect(only).toMatch(problem);
    expect(others).toEqual([]);
  });
  it('a text of 64 brackets in quotes is a text', async () => {
    const text = `version: 1\nlocation: "${'['.repeat(64)}"\n`;
    expect(await problemsOf(text)).toEqual([]);
  });
  it('a block of text may hold anything', async () => {
    const deep = '[['.repeat(100);
    const block = `    send: |\n      ${deep}\n      - - - ? : ${deep}\n`;
    const text = `version: 1\nchecks:\n  a:\n    tcp: a.example.com:1\n${block}`;
    expect(await problemsOf(text)).toEqual([]);
  });
});

describe('scalars of other times', () => {
  it.each([
    'no',
    'on',
    '1e3',
    '0x10',
    '0777',
    '.inf',
    '.nan',
    '12:30:00',
    '2026-01-05',
    '~',
    '!!binary aGk=',
  ])('every: %s is told, not guessed', async (scalar) => {
    const text = `version: 1\nchecks:\n  a: { tcp: "a.example.com:1", every: ${scalar} }\n`;
    expect(await problemsOf(text)).toHaveLength(1);
  });
});

describe('damage', () => {
  it('a good file cut anywhere comes to an end without an exception', () => {
    for (let length = 0; length < GOOD.length; length += 1) {
      expect(outcome(GOOD.slice(0, length)), `cut at ${length}`).toBe(true);
    }
  });
  it('neither do bytes changed, taken out or put in', () => {
    const edit = fc.record({
      at: fc.nat({ max: GOOD.length }),
      cut: fc.nat({ max: 3 }),
      put: fc.oneof(
        fc.constantFrom('\t', ': ', '- ', '[', '{', '&a ', '*a', '|', '"', '\r', '#', '!', '?'),
        fc.constantFrom('\n', '\ufeff', '\u2028', '<<', '__proto__', '${env:X}', '---\n', '%'),
        fc.string({ unit: 'binary', maxLength: 3 }),
      ),
    });
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 4 }), (edits) =>
        outcome(
          edits.reduce(
            (text, { at, cut, put }) => text.slice(0, at) + put + text.slice(at + cut),
            GOOD,
          ),
        ),
      ),
      { numRuns: 150 },
    );
  });
  it('any JSON in any place is a configuration or a problem', async () => {
    const sections = ['checks', 'channels', 'responders', 'escalations', 'defaults', 'listen'];
    const keys = fc.constantFrom(
      ...sections,
      'maintenance',
      'drills',
      'rotations',
      'self',
      'include',
      'api',
    );
    const value = fc.oneof(
      fc.jsonValue(),
      fc.dictionary(fc.constantFrom('a', 'on-call'), fc.jsonValue()),
    );
    await fc.assert(
      fc.asyncProperty(fc.dictionary(keys, value, { maxKeys: 4 }), async (content) => {
        const loaded = await loadText(JSON.stringify({ version: 1, ...content }));
        return 'config' in loaded || loaded.problems.length > 0;
      }),
      { numRuns: 150 },
    );
  });
});
