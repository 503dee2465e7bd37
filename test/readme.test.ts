/**
 * What the documents tell people to type is true: every ```yaml block is a configuration that
 * validates, every ```sh block uses commands, options and scripts that exist, every link leads
 * somewhere. A block that is something else has another word after its backticks.
 */
import { execFile } from 'node:child_process';
import {
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, normalize } from 'node:path';
import { promisify } from 'node:util';
import { loadConfig } from '../src/config/load.ts';
import { afterAll, describe, expect, it } from 'vitest';
import { registries } from '../src/loading/registries.ts';

const run = promisify(execFile);
const tocsin = (args: readonly string[], env: NodeJS.ProcessEnv = {}) =>
  run(process.execPath, ['src/main.ts', ...args], { env: { ...process.env, ...env } });

interface Block {
  /** `README.md:12`: the line of its first backticks. */
  readonly where: string;
  readonly language: string;
  readonly text: string;
}

const blocksOf = (path: string, markdown: string): Block[] =>
  [...markdown.matchAll(/^ *```([^\n]*)\n(.*?)^ *```$/gms)].map((match) => ({
    where: `${path}:${markdown.slice(0, match.index).split('\n').length}`,
    language: (match[1] ?? '').trim(),
    text: match[2] ?? '',
  }));

const documents = [...globSync('*.md'), ...globSync('{docs,alerts,dashboards}/**/*.md')].map(
  (path) => ({ path, markdown: readFileSync(path, 'utf8') }),
);
const blocks = documents.flatMap(({ path, markdown }) => blocksOf(path, markdown));
const inLanguage = (language: string): [string, string][] =>
  blocks.filter((block) => block.language === language).map(({ where, text }) => [where, text]);

const scratch = mkdtempSync(join(tmpdir(), 'tocsin-readme-'));
const templates = join(scratch, 'templates');
mkdirSync(templates);
for (const { language, text } of blocks) {
  const name = /^mustache (.*)/.exec(language)?.[1];
  if (name !== undefined) writeFileSync(join(templates, `${name}.mustache`), text);
}
afterAll(() => {
  rmSync(scratch, { recursive: true });
});

/** Secrets that a block asks for, by what their names promise. */
const secretsFor = (yaml: string): NodeJS.ProcessEnv => {
  const plausible = (name: string): string => {
    if (name.includes('SID')) return `AC${'0'.repeat(32)}`;
    if (name.includes('SLACK') || name.endsWith('URL')) return 'https://hooks.example.com/T0/B0/x';
    if (name.includes('HOOK_SECRET')) return 'whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3';
    return `a-secret-that-is-long-enough-${name}`;
  };
  const names = [...yaml.matchAll(/\$\{env:(\w+)\}/g)].map((match) => match[1] ?? '');
  return Object.fromEntries(names.map((name) => [name, plausible(name)]));
};

describe('the documents', () => {
  it.concurrent.each(inLanguage('yaml'))('%s: the YAML validates', async (where, text) => {
    const file = join(scratch, `${where.replaceAll(/\W/g, '-')}.yml`);
    writeFileSync(file, /^version:/m.test(text) ? text : `version: 1\n${text}`);
    const loaded = await loadConfig({ file, env: secretsFor(text), ...registries });
    expect('problems' in loaded ? loaded.problems : []).toEqual([]);
  });

  it('checks.yml, as shipped, validates, and says that a console wakes nobody', async () => {
    const { stdout, stderr } = await tocsin(['validate']);
    expect(stdout).toContain('checks.yml is valid');
    expect(stderr).toContain('WARNING: nobody is paged');
  });

  it.each(documents.map(({ path, markdown }) => [path, markdown]))(
    '%s: its links lead somewhere',
    (path, markdown) => {
      const links = [...markdown.matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)].map((m) => m[1] ?? '');
      const dead = links.filter((link) => !existsSync(normalize(join(dirname(path), link))));
      expect(dead).toEqual([]);
    },
  );
});

describe('every plugin has a page that names each of its keys', () => {
  const plugins = [...registries.probes].map(([type, { options }]) => ({
    page: `probes/${type}`,
    options,
  }));
  for (const [type, { options }] of registries.channels)
    plugins.push({ page: `channels/${type}`, options });

  it.each(plugins)('docs/$page.md', ({ page, options }) => {
    const text = readFileSync(`docs/${page}.md`, 'utf8');
    expect(Object.keys(options.shape).filter((key) => !text.includes(key))).toEqual([]);
  });
});

describe('the commands in the documents', async () => {
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as {
    scripts: Record<string, string>;
  };
  const npmWords = new Set(['ci', 'install', 'start', 'test', 'run', 'pack']);
  const { stdout: help } = await tocsin(['--help']);
  const usages = new Map<string, Promise<string>>();
  const usageOf = (name: string): Promise<string> => {
    const usage = usages.get(name) ?? tocsin([name, '--help']).then(({ stdout }) => stdout);
    usages.set(name, usage);
    return usage;
  };

  /** Everything in one line that does not exist. */
  const unknown = async (line: string): Promise<string[]> => {
    const found: string[] = [];
    const npm = /\bnpm (\S+)(?: -s)?(?: (\S+))?/.exec(line);
    if (npm !== null && !npmWords.has(npm[1] ?? '')) found.push(`npm ${npm[1] ?? ''}`);
    if (npm?.[1] === 'run' && !Object.hasOwn(scripts, npm[2] ?? '')) found.push(npm[2] ?? 'run');
    const command = /(?:\btocsin --|\bnpx tocsin|^tocsin) ([a-z]+)([^|&#]*)/.exec(line);
    if (command === null) return found;
    const [, name = '', rest = ''] = command;
    if (!new RegExp(`^ +${name}\\b`, 'm').test(help)) return [...found, name];
    const usage = await usageOf(name);
    const options = [...rest.matchAll(/ (--[a-z-]+)/g)].map((match) => match[1] ?? '');
    return [...found, ...options.filter((option) => !usage.includes(option))];
  };

  const lines = inLanguage('sh').flatMap(([where, text]) =>
    text.split(/\n| && /).map((line): [string, string] => [where, line.trim()]),
  );
  const told = lines.filter(([, line]) => /\b(npm|tocsin)\b/.test(line) && !line.startsWith('#'));

  it.concurrent.each(told)('%s: `%s` exists', async (_, line) => {
    expect(await unknown(line)).toEqual([]);
  });

  it('a script, a command and an option that do not exist are found', async () => {
    expect(await unknown('npm run nothing')).toEqual(['nothing']);
    expect(await unknown('npm run -s tocsin -- nothing')).toEqual(['nothing']);
    expect(await unknown('npx tocsin validate --nothing')).toEqual(['--nothing']);
  });
});
