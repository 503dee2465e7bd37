/**
 * The real daemon in a process of its own, as a user starts it: its log is read line by line, and
 * waiting for it is waiting for a line. Nothing here sleeps.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

const MAIN = new URL('../../src/main.ts', import.meta.url).pathname;

export interface LogLine {
  readonly event: string;
  readonly time: string;
  readonly [field: string]: unknown;
}

export interface DaemonProcess {
  readonly pid: number;
  readonly lines: readonly LogLine[];
  /** What was printed that is not a line of the log: pages on the console, problems. */
  readonly other: readonly string[];
  /** The first line, past or to come, that satisfies it; rejects when the process ends without. */
  waitFor(predicate: (line: LogLine) => boolean): Promise<LogLine>;
  /** Calls back with every line to come. */
  onLine(hear: (line: LogLine) => void): void;
  /** Resolves with the exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>;
  kill(signal: NodeJS.Signals): Promise<number | NodeJS.Signals>;
}

/** `through`: a program that becomes the one that it is told to start, such as `prlimit`. */
export function startDaemonProcess(
  file: string,
  env: Readonly<Record<string, string>> = {},
  through: readonly string[] = [],
): DaemonProcess {
  const words = [...through, process.execPath, MAIN, 'run', '--config', file];
  const child = spawn(words[0]!, words.slice(1), {
    env: { ...process.env, TOCSIN_LOG_LEVEL: 'debug', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: LogLine[] = [];
  const other: string[] = [];
  const hearers = new Set<(line: LogLine) => void>();
  const take = (text: string): void => {
    const line = parse(text);
    if (line === null) {
      other.push(text);
      return;
    }
    lines.push(line);
    for (const hear of [...hearers]) hear(line);
  };
  createInterface({ input: child.stdout }).on('line', take);
  createInterface({ input: child.stderr }).on('line', take);
  const ended = endOf(child);

  return {
    pid: child.pid ?? -1,
    lines,
    other,
    ended,
    onLine: (hear) => void hearers.add(hear),
    waitFor(predicate) {
      const there = lines.find(predicate);
      if (there) return Promise.resolve(there);
      return new Promise((resolve, reject) => {
        const hear = (line: LogLine): void => {
          if (!predicate(line)) return;
          hearers.delete(hear);
          resolve(line);
        };
        hearers.add(hear);
        void ended.then((code) => {
          const said = [...lines.map((line) => JSON.stringify(line)), ...other].slice(-20);
          reject(new Error(`the daemon ended (${String(code)}):\n${said.join('\n')}`));
        });
      });
    },
    kill(signal) {
      child.kill(signal);
      return ended;
    },
  };
}

/** A command of the command line, with what it printed. */
export async function tocsin(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<{ readonly code: number; readonly out: string; readonly err: string }> {
  const child = spawn(process.execPath, [MAIN, ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [out, err] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
  const [code] = (await once(child, 'close')) as [number];
  return { code, out, err };
}

/** Ports that were free a moment ago. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  const ports: number[] = [];
  for (const server of servers) {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    ports.push((server.address() as AddressInfo).port);
  }
  for (const server of servers) {
    server.close();
    await once(server, 'close');
  }
  return ports;
}

function endOf(child: ChildProcess): Promise<number | NodeJS.Signals> {
  return new Promise((resolve) => {
    child.once('close', (code, signal) => {
      resolve(signal ?? code ?? -1);
    });
  });
}

function parse(text: string): LogLine | null {
  if (!text.startsWith('{')) return null;
  try {
    return JSON.parse(text) as LogLine;
  } catch {
    return null;
  }
}
