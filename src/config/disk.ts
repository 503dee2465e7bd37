/**
 * The disk that a configuration is read from, and the one it was read from before: what was kept of
 * a good one answers like the disk of that day. Nothing that may be found there is an exception: a
 * directory, a pipe, 100 MB, UTF-16 are answers.
 */
import { constants, glob, open } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { z } from 'zod';

export const MIB = 1_048_576;
/** How many names a pattern may meet: `/usr/**` would be walked for minutes. */
export const WALKED_MAX = 10_000;

export interface Disk {
  /** The text of a file; `line` is where it stops being one. */
  read(path: string, maxBytes: number): Promise<ReadFile>;
  /** A pattern may match nothing; a plain path must be there. null: there is too much to walk through. */
  expand(pattern: string, folder: string): Promise<readonly string[] | null>;
}

export type ReadFile = { readonly text: string } | { readonly why: string; readonly line?: number };

/**
 * The texts that made a configuration, by absolute path, and what its patterns met: references to
 * secrets as they are written, never values. What they and the options of checks name is not in it.
 */
export interface Kept {
  readonly file: string;
  readonly files: Readonly<Record<string, string>>;
  readonly includes: Readonly<Record<string, readonly string[]>>;
}

const kept = z.object({
  file: z.string(),
  files: z.record(z.string(), z.string()),
  includes: z.record(z.string(), z.array(z.string())),
}) satisfies z.ZodType<Kept>;

/** null: not what we write. */
export function parseKept(text: string): Kept | null {
  try {
    return kept.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}

export function diskOf({ files, includes }: Kept): Disk {
  return {
    read: (path) => {
      const text = files[path];
      return Promise.resolve(text === undefined ? { why: 'was not kept' } : { text });
    },
    expand: (pattern) => Promise.resolve(includes[pattern] ?? []),
  };
}

export const disk: Disk = {
  async read(path, maxBytes) {
    const read = await readBytes(path, maxBytes);
    return 'why' in read ? read : decode(read.bytes);
  },
  expand,
};

async function expand(pattern: string, cwd: string): Promise<string[] | null> {
  if (!/[*?[{]/.test(pattern)) return [resolve(cwd, pattern)];
  const paths: string[] = [];
  let walked = 0;
  const exclude = (): boolean => ++walked > WALKED_MAX;
  for await (const found of glob(pattern, { cwd, withFileTypes: true, exclude })) {
    if (!found.isDirectory()) paths.push(join(found.parentPath, found.name));
  }
  return walked > WALKED_MAX ? null : paths.toSorted();
}

const WHY: Readonly<Record<string, string>> = {
  ENOENT: 'no such file',
  ENOTDIR: 'no such file',
  EACCES: 'no permission to read it',
  EPERM: 'no permission to read it',
  EISDIR: 'is a directory',
  ELOOP: 'is a circle of symbolic links',
};

export const TOO_LARGE = 'is too large';

/** At most so many bytes; more is an answer that begins with TOO_LARGE. */
export async function readBytes(
  path: string,
  max: number,
): Promise<{ readonly bytes: Buffer } | { readonly why: string }> {
  try {
    // A pipe without a writer would block the opening of it.
    await using file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const stat = await file.stat();
    if (stat.isDirectory()) return { why: 'is a directory' };
    if (!stat.isFile()) return { why: 'is not a regular file' };
    const tooLarge = { why: `${TOO_LARGE}: at most ${max / MIB} MiB` };
    if (stat.size > max) return tooLarge;
    // What grows while it is read ends all the same.
    const buffer = Buffer.alloc(Math.min(stat.size + 1, max));
    let length = 0;
    for (;;) {
      const { bytesRead } = await file.read(buffer, length, buffer.length - length, length);
      length += bytesRead;
      if (bytesRead === 0 || length === buffer.length) return { bytes: buffer.subarray(0, length) };
    }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    return { why: WHY[code] ?? `cannot be read (${code})` };
  }
}

function decode(bytes: Buffer): { text: string } | { why: string; line: number } {
  // By its mark, or by the NUL beside each letter of ours.
  if (/^(?:\xff\xfe|\xfe\xff|\0[^\0]\0[^\0]|[^\0]\0[^\0]\0)/.test(bytes.toString('latin1', 0, 4))) {
    return { why: 'is UTF-16: save it as UTF-8', line: 1 };
  }
  const nul = bytes.indexOf(0);
  if (nul >= 0) return { why: 'holds a NUL byte: it is not text', line: lineAt(bytes, nul) };
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch {
    return { why: 'is not UTF-8', line: lineAt(bytes, firstBadByte(bytes)) };
  }
}

function lineAt(bytes: Buffer, offset: number): number {
  let line = 1;
  for (let i = bytes.indexOf(10); i >= 0 && i < offset; i = bytes.indexOf(10, i + 1)) line += 1;
  return line;
}

/** Decoding loses what was wrong: the first difference after coming back is where it was. */
function firstBadByte(bytes: Buffer): number {
  const back = Buffer.from(bytes.toString('utf8'), 'utf8');
  return bytes.findIndex((byte, i) => byte !== back[i]);
}
