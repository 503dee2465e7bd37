/** Reads the sources as a reviewer would, and says what to do instead. */
import { globSync, readFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { describe, expect, it } from 'vitest';

const MAX_LINES = 300;
/** A list of sentences is read one by one. */
const MAX_TEST_LINES = 600;

interface Source {
  readonly path: string;
  readonly text: string;
}

type Complaint = (source: Source) => string | undefined;

const tooLong: Complaint = ({ path, text }) => {
  const lines = text.split('\n').length - 1;
  const most = path.startsWith('src/') ? MAX_LINES : MAX_TEST_LINES;
  return lines > most ? `${lines} lines: split it by what it is about` : undefined;
};

const notKebabCase: Complaint = ({ path }) =>
  /^_?[a-z0-9]+(-[a-z0-9]+)*(\.(test|config))?\.ts$/.test(basename(path))
    ? undefined
    : 'name it for its noun, in kebab-case';

const DRAWERS =
  /(^|[/_-])(utils?|helpers?|types?|managers?|services?|handlers?|common|misc)([/.-])/;
const namelessDrawer: Complaint = ({ path }) =>
  DRAWERS.test(path)
    ? 'name it for what is in it: a drawer of odds and ends has no end'
    : undefined;

const noHeader: Complaint = ({ text }) =>
  /^(#!.*\n)?\/(\*\*|\/) ?\S|^(#!.*\n)?\/\*\*\n \* \S/.test(text)
    ? undefined
    : 'say at the top what it is and the one thing that a reader would get wrong';

const unfinished: Complaint = ({ text }) =>
  /\b(TODO|FIXME|XXX)\b/.test(text) ? 'finish it, or file an issue and delete the note' : undefined;

const NOT_RUN = /\b(it|test|describe|suite)\.(only|skip|todo|fails)\(/;
const notRun: Complaint = ({ text }) =>
  NOT_RUN.test(text) ? 'run it or delete it; skipIf() with a reason may leave it out' : undefined;

const retried: Complaint = ({ text }) =>
  /\bretry: *[1-9]/.test(text) ? 'mend it: a test that may fail and pass is a defect' : undefined;

const everywhere = [tooLong, notKebabCase, namelessDrawer, unfinished];
const complaintsAbout = (source: Source): readonly Complaint[] =>
  source.path.startsWith('src/') ? [...everywhere, noHeader] : [...everywhere, notRun, retried];

const complain = (source: Source): string[] =>
  complaintsAbout(source).flatMap((complaint) => {
    const says = complaint(source);
    return says === undefined ? [] : [`${source.path}: ${says}`];
  });

// But for this file, which quotes what it forbids.
const sources = globSync('{src,test,demo,bench,dashboards}/**/*.ts')
  .filter((path) => path !== 'test/tidy.test.ts')
  .map((path): Source => ({ path, text: readFileSync(path, 'utf8') }));

describe('the sources', () => {
  it('were found', () => {
    expect(sources.map((source) => dirname(source.path))).toContain('src/incident');
  });

  it('are tidy', () => {
    expect(sources.flatMap(complain)).toEqual([]);
  });
});

describe('what a reviewer complains about', () => {
  const header = '/** What it is. */\n';
  it.each<[string, Source, string]>([
    ['a long file', { path: 'src/a/b.ts', text: header + 'x\n'.repeat(300) }, '301 lines'],
    ['a name in camel case', { path: 'src/a/fooBar.ts', text: header }, 'kebab-case'],
    ['a folder of odds and ends', { path: 'src/utils/b.ts', text: header }, 'odds and ends'],
    ['a file of odds and ends', { path: 'src/a/date-helpers.ts', text: header }, 'odds and ends'],
    ['a missing header', { path: 'src/a/b.ts', text: 'export const a = 1;\n' }, 'at the top'],
    ['an unfinished thought', { path: 'src/a/b.ts', text: `${header}// TODO\n` }, 'finish it'],
    ['a test left out', { path: 'test/a.test.ts', text: `it.only('x')` }, 'run it or delete'],
    ['a test tried again', { path: 'test/a.test.ts', text: `{ retry: 2 }` }, 'mend it'],
  ])('%s', (_, source, says) => {
    expect(complain(source)).toHaveLength(1);
    expect(complain(source)[0]).toContain(says);
  });

  it('nothing, in a tidy file', () => {
    const tidy = '#!/usr/bin/env node\n/**\n * What it is.\n */\nexport const a = 1;\n';
    expect(complain({ path: 'src/main.ts', text: tidy })).toEqual([]);
  });
});
