/**
 * Reads checks.yml, what it includes and what it names, from the disk or from what was kept of it.
 * Secrets, and what options name (it may be a private key), always come from the disk of today.
 */
import { createHash } from 'node:crypto';
import { dirname, isAbsolute, relative, resolve } from 'node:path';
import { z } from 'zod';
import { compose } from './compose.ts';
import type { Config, Templates } from './config.ts';
import {
  type Disk,
  disk,
  diskOf,
  type Kept,
  MIB,
  readBytes,
  TOO_LARGE,
  WALKED_MAX,
} from './disk.ts';
import { parseText } from './document.ts';
import { read } from './explain.ts';
import { merge } from './merge.ts';
import { fillOptionFiles, optionFiles } from './option-files.ts';
import { Complaints, printSpot, type Problem, type Source, type Spot } from './problem.ts';
import { readListeners } from './read-root.ts';
import { readTemplates } from './read-templates.ts';
import type { Registries, TemplateKind } from './registries.ts';
import { filesNamed, type ReadText, resolveSecrets } from './secrets.ts';
import { idOf, isBlank, keyAt, type Mapping, type Path, valueAt } from './written.ts';

/** A file beyond it is not a configuration, and would block the start. */
const CONFIG_MAX_BYTES = 8 * MIB;
const NAMED_FILE_MAX_BYTES = MIB;
const INCLUDES_MAX = 1_000;
/** As many as nobody will see twice among a few thousand checks. */
const GENERATION_HEX = 16;

export interface LoadRequest extends Registries {
  readonly templates: TemplateKind;
  /** As given on the command line. */
  readonly file: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Read instead of the file and of what it includes. */
  readonly kept?: Kept | undefined;
}

/** `original`: the texts that it was made of, as `parseKept` takes them. */
export type LoadedConfig =
  | { readonly config: Config; readonly original: string }
  | { readonly problems: readonly Problem[] };

/** The configuration, or everything that is wrong with it, in file order. Never throws. */
export async function loadConfig(request: LoadRequest): Promise<LoadedConfig> {
  const complaints = new Complaints();
  const secrets = new Set<string>();
  const warnings: string[] = [];
  const loader = new Loader(request, complaints, secrets, warnings);
  const root = await loader.tree(sourceOf(request.file, 0));
  if (root !== null) {
    const merged = merge(root, await loader.included(root), complaints);
    const filled = await loader.withOptionFiles(merged);
    const templates = await loader.templates(merged);
    const { probes, channels } = request;
    const file = root.at.source.path;
    const reading = { root: filled, probes, channels, complaints, warnings, secrets, hash };
    const config = compose(file, { ...reading, resolvePath: pathFrom }, templates);
    if (config !== null) return { config, original: loader.original() };
  }
  return { problems: complaints.problems(secrets) };
}

/**
 * Where the operator listener is and what opens it, from a file that may be broken elsewhere: whoever
 * acknowledges must not have to mend it first. Never throws.
 */
export async function loadOperator(
  request: LoadRequest,
): Promise<Pick<Config, 'listen' | 'tokens'> | { readonly problems: readonly Problem[] }> {
  const complaints = new Complaints();
  const secrets = new Set<string>();
  const loader = new Loader(request, complaints, secrets, []);
  const root = await loader.tree(sourceOf(request.file, 0));
  const tree = root === null ? null : merge(root, await loader.included(root), complaints);
  const found = tree === null ? null : readListeners(tree, complaints);
  return found ?? { problems: complaints.problems(secrets) };
}

/**
 * Where keys are written in a valid configuration, for whoever has something to say of them: the key
 * itself, or the nearest above it that is there; null: nowhere. Never throws.
 */
export async function locate(
  request: LoadRequest,
): Promise<(path: Path) => Omit<Problem, 'text'> | null> {
  const complaints = new Complaints();
  const loader = new Loader(request, complaints, new Set(), []);
  const root = await loader.tree(sourceOf(request.file, 0));
  const tree = root === null ? null : merge(root, await loader.included(root), complaints);
  return (path) => {
    if (tree === null) return null;
    const found = path.map((_, i) => keyAt(tree, path.slice(0, path.length - i))).find(Boolean);
    return found ? { file: found.source.printed, line: found.line, column: found.column } : null;
  };
}

/**
 * Where the databases are, from a file that may be broken beyond parsing: what was kept of a good one
 * is there. Never throws.
 */
export async function findData(request: LoadRequest): Promise<string> {
  const loader = new Loader(request, new Complaints(), new Set(), []);
  const root = await loader.tree(sourceOf(request.file, 0));
  const named = root === null ? loader.written('data') : idOf(valueAt(root, ['data']))?.id;
  return resolve(dirname(request.file), named ?? './data');
}

/**
 * Is it more than may be parsed where a loop must go on? What is included counts as much: how much
 * that is, is known only when it has been read.
 */
export async function isLarge(file: string, maxBytes: number): Promise<boolean> {
  const read = await readBytes(resolve(file), maxBytes);
  return 'why' in read ? read.why.startsWith(TOO_LARGE) : read.bytes.includes('include');
}

class Loader {
  readonly #request: LoadRequest;
  readonly #complaints: Complaints;
  readonly #secrets: Set<string>;
  readonly #warnings: string[];
  readonly #texts = new Map<string, { text: string } | { why: string }>();
  readonly #files: Record<string, string> = {};
  readonly #includes: Record<string, readonly string[]> = {};

  constructor(
    request: LoadRequest,
    complaints: Complaints,
    secrets: Set<string>,
    warnings: string[],
  ) {
    this.#request = request;
    this.#complaints = complaints;
    this.#secrets = secrets;
    this.#warnings = warnings;
  }

  /** One file, its secrets resolved; null where there is nothing to work with, which was said. */
  async tree(source: Source, namedAt?: Spot): Promise<Mapping | null> {
    const whole = { source, line: 0, column: 0 };
    const found = await this.#disk.read(source.path, CONFIG_MAX_BYTES);
    if ('why' in found) {
      const what = namedAt === undefined ? '' : `include: ${source.printed}: `;
      const { line, why } = found;
      if (line === undefined) this.#complaints.add(namedAt ?? whole, `${what}${why}`);
      else this.#complaints.add({ source, line, column: 1 }, why);
      return null;
    }
    this.#files[source.path] = found.text;
    const before = this.#complaints.count;
    const tree = parseText(found.text, source, this.#complaints);
    if (this.#complaints.count > before) return null;
    const start = { source, line: 1, column: 1 };
    if (tree === null || isBlank(tree)) {
      if (source.order === 0) this.#complaints.add(start, 'is empty: it needs at least version: 1');
      return null;
    }
    if (tree.kind !== 'mapping') {
      this.#complaints.add(tree.at, 'expected keys such as version: and checks: at the top level');
      return null;
    }
    this.#checkVersion(tree, start);
    await this.#fetch(filesNamed(tree), NAMED_FILE_MAX_BYTES);
    const { env } = this.#request;
    const resolved = resolveSecrets(tree, env, this.#text, this.#secrets, this.#complaints);
    return resolved.kind === 'mapping' ? resolved : null;
  }

  #checkVersion(tree: Mapping, start: Spot): void {
    const version = valueAt(tree, ['version']);
    if (version === undefined) {
      if (start.source.order === 0)
        this.#complaints.add(start, 'missing key "version": write version: 1');
    } else if (version.kind !== 'scalar' || version.value !== 1) {
      const isQuoted = version.kind === 'scalar' && version.value === '1';
      const hint = isQuoted ? 'write it without quotes' : 'the only version there is';
      this.#complaints.add(version.at, `version: expected 1${isQuoted ? ':' : ','} ${hint}`);
    }
  }

  /** The files that `include:` names, in the order of the patterns and then of their names. */
  async included(root: Mapping): Promise<Mapping[]> {
    const entry = root.entries.get('include');
    if (entry === undefined || isBlank(entry.value)) return [];
    const owner = { name: '', at: entry.at };
    const schema = z.object({ include: z.array(z.string().min(1)) });
    const only = { ...root, entries: new Map([['include', entry]]) };
    const patterns = read(schema, only, owner, this.#complaints)?.include ?? [];
    const seen = new Set([root.at.source.path]);
    const trees: Mapping[] = [];
    for (const [i, pattern] of patterns.entries()) {
      const at = valueAt(root, ['include', i])?.at ?? entry.at;
      const shown = idOf(valueAt(root, ['include', i]))?.shown ?? pattern;
      const paths = await this.#disk.expand(pattern, dirname(at.source.path));
      this.#includes[pattern] = paths ?? [];
      if (paths === null) {
        const why = `meets more than ${WALKED_MAX} files and folders: name a narrower one`;
        this.#complaints.add(at, `include: ${JSON.stringify(shown)} ${why}`);
        continue;
      }
      // Not an error: a folder of parts may be empty for now.
      if (paths.length === 0) {
        const where = `${printSpot(at)} include: ${JSON.stringify(shown)}`;
        this.#warnings.push(`${where} meets no file`);
      }
      for (const path of paths) {
        if (seen.has(path)) continue;
        if (seen.size > INCLUDES_MAX) {
          this.#complaints.add(at, `include: more than ${INCLUDES_MAX} files`);
          return trees;
        }
        seen.add(path);
        const tree = await this.tree(sourceOf(path, seen.size - 1), at);
        if (tree !== null) trees.push(tree);
      }
    }
    return trees;
  }

  async withOptionFiles(root: Mapping): Promise<Mapping> {
    const { probes } = this.#request;
    await this.#fetch(optionFiles(root, probes), NAMED_FILE_MAX_BYTES);
    return fillOptionFiles(root, probes, this.#text, this.#complaints);
  }

  templates(root: Mapping): Promise<Templates | null> {
    const seen: string[] = [];
    const files = {
      readToday: disk.read,
      read: async (path: string, maxBytes: number) => {
        const read = await this.#disk.read(path, maxBytes);
        if ('text' in read) this.#files[path] = read.text;
        return read;
      },
      list: async (pattern: string, folder: string, from: Spot) => {
        const paths = (await this.#disk.expand(pattern, pathFrom(folder, from))) ?? [];
        this.#includes[pattern] = paths;
        return paths;
      },
      source: (path: string) => sourceOf(path, INCLUDES_MAX + seen.push(path)),
      wereKept: this.#request.kept !== undefined,
    };
    return readTemplates(root, this.#request.templates, files, this.#complaints);
  }

  async #fetch(named: readonly { path: string; from: Spot }[], maxBytes: number): Promise<void> {
    for (const { path, from } of named) {
      const absolute = pathFrom(path, from);
      if (this.#texts.has(absolute)) continue;
      this.#texts.set(absolute, await disk.read(absolute, maxBytes));
    }
  }

  get #disk(): Disk {
    const { kept } = this.#request;
    return kept === undefined ? disk : diskOf(kept);
  }

  original(): string {
    const file = resolve(this.#request.file);
    return JSON.stringify({ file, files: this.#files, includes: this.#includes } satisfies Kept);
  }

  /** A value of the top level in what could not be parsed, if it stands on a line of its own. */
  written(key: string): string | undefined {
    const text = this.#files[resolve(this.#request.file)] ?? '';
    const line = new RegExp(`^${key}:[ \\t]+(?:"([^"$]*)"|'([^'$]*)'|([^\\s#"'$]+))`, 'm').exec(
      text,
    );
    return line?.slice(1).find(Boolean);
  }

  readonly #text: ReadText = (path, from) =>
    this.#texts.get(pathFrom(path, from)) ?? { why: 'no such file' };
}

function sourceOf(file: string, order: number): Source {
  const path = resolve(file);
  const near = relative(process.cwd(), path);
  const printed = near === '' || near.startsWith('..') || isAbsolute(near) ? path : near;
  return { path, printed, order };
}

function pathFrom(path: string, from: Spot): string {
  return resolve(dirname(from.source.path), path);
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, GENERATION_HEX);
}
