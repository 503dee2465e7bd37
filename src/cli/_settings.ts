/** The configuration for a command that needs it to be valid: its problems on stderr, or itself. */
import { channels } from '../channels/index.ts';
import type { Config } from '../config/config.ts';
import { loadConfig } from '../config/load.ts';
import { formatProblem } from '../config/problem.ts';
import { probes } from '../probes/index.ts';
import type { Terminal } from './terminal.ts';

export async function readConfig(file: string, terminal: Terminal): Promise<Config | null> {
  const loaded = await loadConfig({ file, env: terminal.env, probes, channels });
  if ('config' in loaded) return loaded.config;
  for (const problem of loaded.problems) terminal.err(formatProblem(problem));
  const count = loaded.problems.length;
  terminal.err(count === 1 ? '1 problem' : `${String(count)} problems`);
  return null;
}
