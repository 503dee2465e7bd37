/**
 * A new configuration takes over between two steps: valid as a whole or not at all. What was sent is
 * not sent again; what cannot change while running (ports, the data directory) is said.
 */
import type { AnyChannel } from './channels/channel.ts';
import type { Config } from './config/config.ts';
import type { LoadedConfig } from './config/load.ts';
import { formatProblem } from './config/problem.ts';
import type { Emit } from './events.ts';
import type { Input } from './incident/input.ts';
import type { Clock } from './system/clock.ts';

export interface ReloadParts {
  readonly load: () => Promise<LoadedConfig>;
  readonly running: () => Config;
  /** Puts the new configuration in force. */
  readonly swap: (next: Config) => void;
  readonly channels: ReadonlyMap<string, AnyChannel>;
  readonly submit: (input: Input) => Promise<unknown>;
  readonly emit: Emit;
  readonly clock: Clock;
}

export interface Reload {
  /** The problems of the file as it is now, for people; empty: it is in force. One at a time. */
  (): Promise<readonly string[]>;
  /** Loads what the channels of a configuration need: no first page waits for it. */
  prepare(config: Config): Promise<void>;
}

export function createReload(parts: ReloadParts): Reload {
  const { emit, clock } = parts;
  let last: Promise<unknown> = Promise.resolve();

  async function prepare(config: Config): Promise<void> {
    const types = new Set([...config.channels.values()].map(({ type }) => type));
    for (const type of types) await parts.channels.get(type)?.load?.();
  }

  async function once(): Promise<readonly string[]> {
    const loaded = await parts.load();
    if ('problems' in loaded) {
      const problems = loaded.problems.map(formatProblem);
      emit({ type: 'reload_failed', problems, at: clock.now() });
      return problems;
    }
    const next = loaded.config;
    await prepare(next);
    for (const what of needsRestart(parts.running(), next)) {
      emit({ type: 'trouble', where: 'reload', what: `${what} has changed: it needs a restart` });
    }
    parts.swap(next);
    emit({ type: 'configured', config: next, at: clock.now() });
    await parts.submit({ type: 'reloaded' });
    return [];
  }

  function reload(): Promise<readonly string[]> {
    const mine = last.then(once);
    last = mine.catch(() => undefined);
    return mine;
  }
  return Object.assign(reload, { prepare });
}

function needsRestart(old: Config, next: Config): readonly string[] {
  const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);
  return [
    ...(same(old.listen.operator, next.listen.operator) ? [] : ['listen.operator']),
    ...(same(old.listen.public, next.listen.public) ? [] : ['listen.public']),
    ...(old.data === next.data ? [] : ['data']),
  ];
}
