/** Loads a file of test/fixtures/config with the real probes and channels. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Config } from '../../src/config/config.ts';
import { loadConfig, type LoadedConfig } from '../../src/config/load.ts';
import { formatProblem } from '../../src/config/problem.ts';
import { registries } from '../../src/loading/registries.ts';

export const FIXTURES = 'test/fixtures/config';

export const ENV = {
  SHOP_TOKEN: 'token-of-the-shop',
  BACKUP_TOKEN: 'token-of-the-backup',
  TWILIO_ACCOUNT_SID: `AC${'0'.repeat(32)}`,
  TWILIO_AUTH_TOKEN: 'token-of-twilio',
  SENDGRID_API_KEY: 'key-of-sendgrid',
  NTFY_TOPIC: 'topic-of-the-lifeline',
  SLACK_WEBHOOK: 'https://hooks.slack.example/services/T0/B0/war-room',
  HOOK_SECRET: 'whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=',
};

type Env = Readonly<Record<string, string | undefined>>;

export function load(file: string, env: Env = ENV): Promise<LoadedConfig> {
  return loadConfig({ file, env, ...registries });
}

export function loadFixture(name: string, env: Env = ENV): Promise<LoadedConfig> {
  return load(join(FIXTURES, name), env);
}

/** Writes files to a folder of their own, loads `checks.yml` there, and takes the folder away. */
export async function loadFiles(
  files: Readonly<Record<string, string | Buffer>>,
  env: Env = ENV,
): Promise<LoadedConfig> {
  const folder = await mkdtemp(join(tmpdir(), 'tocsin-config-'));
  try {
    for (const [name, content] of Object.entries(files)) {
      await mkdir(dirname(join(folder, name)), { recursive: true });
      await writeFile(join(folder, name), content);
    }
    return await load(join(folder, 'checks.yml'), env);
  } finally {
    await rm(folder, { recursive: true });
  }
}

export const loadText = (text: string | Buffer, env: Env = ENV): Promise<LoadedConfig> =>
  loadFiles({ 'checks.yml': text }, env);

/** The configuration of a text that must be valid. */
export async function configOf(text: string, env: Env = ENV): Promise<Config> {
  return valid(await loadText(text, env));
}

export function valid(loaded: LoadedConfig): Config {
  if ('config' in loaded) return loaded.config;
  throw new Error(loaded.problems.map(formatProblem).join('\n'));
}

/** What is wrong with a text, as `line:column text`. */
export async function problemsOf(text: string | Buffer, env: Env = ENV): Promise<string[]> {
  return told(await loadText(text, env));
}

export function told(loaded: LoadedConfig): string[] {
  if ('config' in loaded) return [];
  return loaded.problems.map(({ line, column, text }) => `${line}:${column} ${text}`);
}
