/**
 * A new configuration takes over between two steps: valid as a whole or not at all. What was sent is
 * not sent again; what cannot change while running (ports, the data directory) is said.
 */
import { countTurns } from './calendar/rotation.ts';
import type { AnyChannel } from './channels/channel.ts';
import type { Config } from './config/config.ts';
import { needsRestart } from './config/differences.ts';
import type { LoadedConfig } from './config/load.ts';
import { formatProblem } from './config/problem.ts';
import type { Emit } from './events.ts';
import type { Input } from './incident/input.ts';
import type { Clock } from './system/clock.ts';

export interface ReloadParts {
  /** Rejects if it was given up by the signal. */
  readonly load: (signal: AbortSignal) => Promise<LoadedConfig>;
  /** What the daemon was started with: its ports and its data directory stay those. */
  readonly started: Config;
  /** Puts the new configuration in force, between two steps. */
  readonly swap: (next: Config) => void;
  /**
   * What has to go through all checks of a configuration that is in force by now, a slice at a time:
   * `rest` gives others a turn. It ends before another configuration is swapped in.
   */
  readonly follow: (next: Config, rest: () => Promise<unknown>) => Promise<void>;
  readonly channels: ReadonlyMap<string, AnyChannel>;
  readonly submit: (input: Input) => Promise<unknown>;
  readonly emit: Emit;
  readonly clock: Clock;
}

/** `restartNeeded`: keys that are not in force before Tocsin is started again. `problems`: for people. */
export type Reloaded =
  { readonly restartNeeded: readonly string[] } | { readonly problems: readonly string[] };

export interface Reload {
  /**
   * What came of the file as it is now. One at a time: whoever asks while one is running gets the next
   * one, which reads the file again, together with all others who ask meanwhile. Does not reject.
   */
  (): Promise<Reloaded>;
  /** Loads and works out what the first page of a configuration would wait for. */
  prepare(config: Config): Promise<void>;
  /** Gives up the one that is running, which changes nothing any more, and those to come. */
  stop(): void;
}

/** Ten thousand checks take two seconds; files of secrets may lie on a slow disk. */
const LOAD_TIMEOUT_MS = 60_000;
/** So many hand-overs take some 3 ms. */
const COUNTED_TOGETHER = 50;

export function createReload(parts: ReloadParts): Reload {
  const { emit, clock } = parts;
  const stopped = new AbortController();
  const { signal } = stopped;
  let running: Promise<unknown> = Promise.resolve();
  let next: Promise<Reloaded> | null = null;

  async function prepare(config: Config): Promise<void> {
    const types = new Set([...config.channels.values()].map(({ type }) => type));
    for (const type of types) await parts.channels.get(type)?.load?.();
    for (const rotation of config.rotations.values()) {
      while (!countTurns(rotation, clock.now(), COUNTED_TOGETHER)) await turn();
    }
  }

  /** A file on a disk that hangs must not hold up the next reload for ever. */
  async function load(): Promise<LoadedConfig> {
    const late = new AbortController();
    const alarm = clock.alarm(clock.now() + LOAD_TIMEOUT_MS, () => late.abort());
    try {
      return await parts.load(AbortSignal.any([signal, late.signal]));
    } catch (error) {
      if (!late.signal.aborted) throw error;
      const text = `was not read within ${String(LOAD_TIMEOUT_MS / 1_000)} s`;
      return { problems: [{ file: parts.started.file, line: 0, column: 0, text }] };
    } finally {
      alarm.cancel();
    }
  }

  async function once(): Promise<Reloaded> {
    const loaded = await load();
    if ('problems' in loaded) return refuse(loaded.problems.map(formatProblem));
    const { config, original } = loaded;
    await prepare(config);
    if (signal.aborted) return STOPPING;
    parts.swap(config);
    const settled = parts.submit({ type: 'reloaded' });
    // Each in turns of its own: there may be ten thousand checks to go through.
    await turn();
    emit({ type: 'configured', config, original, broken: [], at: clock.now() });
    await turn();
    await parts.follow(config, turn);
    const keys = needsRestart(parts.started, config);
    if (keys.length > 0) emit({ type: 'restart_needed', keys, at: clock.now() });
    await settled;
    return { restartNeeded: keys };
  }

  function refuse(problems: readonly string[]): Reloaded {
    emit({ type: 'reload_failed', problems, at: clock.now() });
    return { problems };
  }

  function reload(): Promise<Reloaded> {
    if (signal.aborted) return Promise.resolve(STOPPING);
    next ??= running.then(() => {
      next = null;
      const mine = once().catch((error: unknown) =>
        signal.aborted ? STOPPING : refuse([`could not be loaded: ${String(error)}`]),
      );
      running = mine;
      return mine;
    });
    return next;
  }
  return Object.assign(reload, { prepare, stop: () => stopped.abort() });
}

const STOPPING: Reloaded = { problems: ['Tocsin is stopping: nothing was reloaded'] };

function turn(): Promise<unknown> {
  return new Promise((resolve) => setImmediate(resolve));
}
