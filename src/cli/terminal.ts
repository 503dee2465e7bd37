/**
 * What a command talks to: data on stdout, diagnostics on stderr, an exit code at the end. A command
 * is a file of its own here and a line in program.ts.
 */
import type { Command } from 'commander';

/** 0 well, 1 failed, 2 wrong usage or an invalid configuration. */
export type ExitCode = 0 | 1 | 2;

export interface Terminal {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** A line of data. */
  out(line: string): void;
  /** A line for people. */
  err(line: string): void;
}

/** Adds itself to the program; its action says how it ended by `end`. */
export type AddCommand = (
  program: Command,
  terminal: Terminal,
  end: (code: ExitCode) => void,
) => void;

/** Options that every command has, and those that print data. */
export interface CommonOptions {
  readonly config: string;
  readonly json?: boolean;
}

/** Of those that ask the running daemon, which may be elsewhere. */
export interface AskOptions extends CommonOptions {
  readonly url?: string;
  readonly token?: string;
}

/** For programs as JSON, for people in lines. */
export function show(
  whole: unknown,
  { json }: CommonOptions,
  terminal: Terminal,
  lines: () => readonly string[],
): void {
  if (json === true) terminal.out(JSON.stringify(whole, null, 2));
  else for (const line of lines()) terminal.out(line);
}

/** Columns as wide as their widest cell, for people. */
export function table(
  columns: readonly string[],
  rows: readonly (readonly string[])[],
): readonly string[] {
  const lines = [columns.map((column) => column.toUpperCase()), ...rows];
  const widths: number[] = [];
  for (const row of lines) {
    row.forEach((cell, column) => {
      widths[column] = Math.max(widths[column] ?? 0, cell.length);
    });
  }
  return lines.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
