/**
 * The log: JSON lines on stdout, pretty ones on a terminal. Writing never waits: what a slow reader
 * does not take in time is dropped, counted, and said once there is room. Nothing leaves unscrubbed:
 * known secrets and whole phone numbers are blotted out of every text, however deep.
 */
import { pino } from 'pino';
import { prettyLine } from './_pretty.ts';
import { Scrubber } from './_scrub.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';
/** `check`, `incident` and `notification` are the names under which people search. */
export type LogFields = Readonly<Record<string, unknown>>;

export interface Log {
  debug(event: string, fields?: LogFields): void;
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
  /** Adds secrets to those that are blotted out from now on. */
  redact(secrets: readonly string[]): void;
  /** How many lines were dropped since the start. */
  dropped(): number;
  /** Resolves when all that was logged until now has been written, or cannot be. */
  flush(): Promise<void>;
}

export interface LogOptions {
  readonly level: LogLevel;
  readonly pretty: boolean;
  /** Takes a line with its newline; without it, stdout. */
  readonly destination?: { write(line: string): void };
}

const MAX_BUFFERED_BYTES = 4 * 1024 * 1024;
const STDOUT = 1;

export function createLog({ level, pretty, destination }: LogOptions): Log {
  const scrubber = new Scrubber();
  const output = destination === undefined ? new Output() : undefined;
  const target = output ?? destination;
  const color = process.env['NO_COLOR'] === undefined || process.env['NO_COLOR'] === '';
  const logger = pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime, formatters: { level: named } },
    { write: (line: string) => target?.write(pretty ? prettyLine(line, color) : line) },
  );
  const write = (at: LogLevel, event: string, fields: LogFields = {}): void => {
    if (logger.isLevelEnabled(at)) logger[at](scrubber.fields({ event, ...fields }));
  };
  output?.onRoom((lines) => {
    write('warn', 'log lines dropped', { lines });
  });
  return {
    debug: (event, fields) => write('debug', event, fields),
    info: (event, fields) => write('info', event, fields),
    warn: (event, fields) => write('warn', event, fields),
    error: (event, fields) => write('error', event, fields),
    redact: (secrets) => scrubber.add(secrets),
    dropped: () => output?.dropped ?? 0,
    flush: () => output?.flush() ?? Promise.resolve(),
  };
}

function named(label: string): { level: string } {
  return { level: label };
}

/** Stdout, written in the background and bounded. */
class Output {
  readonly #boom = pino.destination({
    fd: STDOUT,
    sync: false,
    maxLength: MAX_BUFFERED_BYTES,
  });
  #unsaid = 0;
  #isGone = false;
  dropped = 0;

  constructor() {
    this.#boom.on('drop', () => {
      this.dropped++;
      this.#unsaid++;
    });
    // A reader that is gone is no reason to stop watching. What cannot be written is not tried
    // again: at the end of the process that would be tried for ever.
    this.#boom.on('error', () => {
      this.dropped++;
      this.#isGone = true;
      this.#boom.destroy();
    });
  }

  onRoom(tell: (lines: number) => void): void {
    this.#boom.on('drain', () => {
      const lines = this.#unsaid;
      this.#unsaid = 0;
      if (lines > 0) tell(lines);
    });
  }

  write(line: string): void {
    if (this.#isGone) this.dropped++;
    else this.#boom.write(line);
  }

  flush(): Promise<void> {
    if (this.#isGone) return Promise.resolve();
    return new Promise((resolve) => this.#boom.flush(() => resolve()));
  }
}
