/** The configuration for a command that needs it to be valid: its problems on stderr, or itself. */
import type { Config } from '../config/config.ts';
import { locate, type LoadedConfig } from '../config/load.ts';
import { formatProblem, LISTED_MAX, type Problem } from '../config/problem.ts';
import type { Finding } from '../doctor/finding.ts';
import { loadFile } from '../loading/loading.ts';
import { registries } from '../loading/registries.ts';
import type { Terminal } from './terminal.ts';

export async function readConfig(file: string, terminal: Terminal): Promise<Config | null> {
  const loaded = await load(file, terminal);
  if ('config' in loaded) return loaded.config;
  printProblems(loaded.problems, terminal);
  return null;
}

export function load(file: string, { env }: Terminal): Promise<LoadedConfig> {
  return loadFile({ file, env });
}

/** `checks.yml:12:3 what: why. What to do.`; the place for machines, null: it is written nowhere. */
export async function placed(file: string, { env }: Terminal) {
  const find = await locate({ file, env, ...registries });
  return ({ what, why, remedy, at, ...finding }: Finding) => {
    const place = at === null ? null : find(at);
    const text = `${what}: ${why}. ${remedy.charAt(0).toUpperCase()}${remedy.slice(1)}.`;
    const line = place === null ? text : formatProblem({ ...place, text });
    return { line, view: { ...finding, what, why, remedy, at: place } };
  };
}

export function printProblems(problems: readonly Problem[], terminal: Terminal): void {
  for (const problem of problems) terminal.err(formatProblem(problem));
  const count = problems.length;
  if (count > LISTED_MAX) return;
  terminal.err(count === 1 ? '1 problem' : `${String(count)} problems`);
}
