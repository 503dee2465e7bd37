/**
 * The words of messages: the templates that ship, and over them those of the folder that
 * `templates:` names, any of them. What was kept of a good configuration may be of an older Tocsin,
 * and a page in other words is better than none: there, one that does not fit gives way.
 */
import { type TemplateName, TEMPLATES, type Templates } from './config.ts';
import type { ReadFile } from './disk.ts';
import type { Complaints, Source, Spot } from './problem.ts';
import type { TemplateFault, TemplateKind } from './registries.ts';
import { didYouMean } from './suggest.ts';
import { idOf, type Mapping, valueAt } from './written.ts';

const EXTENSION = '.mustache';
/** More than the parser takes, whatever its letters are. */
const FILE_MAX_BYTES = 131_072;

/** How files are found: as they are today, or as they were kept. */
export interface TemplateFiles {
  readonly read: (path: string, maxBytes: number) => Promise<ReadFile>;
  /** Whatever was kept. */
  readonly readToday: (path: string, maxBytes: number) => Promise<ReadFile>;
  /** What the pattern meets in a folder, as the file at `from` names it. */
  readonly list: (pattern: string, folder: string, from: Spot) => Promise<readonly string[]>;
  readonly source: (path: string) => Source;
  readonly wereKept: boolean;
}

/** What may be said in place of each other, the first that fits. */
type Candidates = { readonly text: string; readonly source: Source }[];

export async function readTemplates(
  root: Mapping,
  { folder, parse }: TemplateKind,
  files: TemplateFiles,
  complaints: Complaints,
): Promise<Templates | null> {
  const before = complaints.count;
  const found = await foundIn(root, files, complaints);
  const all = {} as Record<TemplateName, Candidates>;
  for (const name of TEMPLATES) {
    const own = found.get(name);
    const shipped = `${folder}${name}${EXTENSION}`;
    const places = own === undefined ? [shipped] : [own, shipped];
    all[name] = await candidates(places, files, complaints);
  }
  if (complaints.count > before) return null;
  for (;;) {
    const texts = TEMPLATES.map((name) => [name, all[name][0]?.text ?? '']);
    const parsed = parse(Object.fromEntries(texts) as Record<TemplateName, string>);
    if (!('faults' in parsed)) return parsed;
    const replaceable = new Set(
      parsed.faults.map(({ template }) => template).filter((name) => all[name].length > 1),
    );
    if (!files.wereKept || replaceable.size === 0) {
      for (const fault of parsed.faults) complain(fault, all[fault.template], complaints);
      return null;
    }
    for (const name of replaceable) all[name].shift();
  }
}

async function foundIn(
  root: Mapping,
  files: TemplateFiles,
  complaints: Complaints,
): Promise<ReadonlyMap<TemplateName, string>> {
  const found = new Map<TemplateName, string>();
  const named = idOf(valueAt(root, ['templates']));
  if (named === null) return found;
  const paths = await files.list(`*${EXTENSION}`, named.id, named.at);
  if (paths.length === 0) {
    const known = TEMPLATES.map((name) => `${name}${EXTENSION}`).join(', ');
    complaints.add(named.at, `templates: there is no folder with any of ${known}`);
  }
  for (const path of paths) {
    const written = path.slice(path.search(/[^/\\]*$/), -EXTENSION.length);
    const name = TEMPLATES.find((known) => known === written);
    if (name !== undefined) found.set(name, path);
    else {
      const text = `no message has a template "${written}"${didYouMean(written, TEMPLATES)}`;
      complaints.add({ source: files.source(path), line: 0, column: 0 }, text);
    }
  }
  return found;
}

/** The last path is that of the one that ships; of what was kept, today's is as good as none. */
async function candidates(
  paths: readonly string[],
  { read, readToday, source, wereKept }: TemplateFiles,
  complaints: Complaints,
): Promise<Candidates> {
  const found: Candidates = [];
  for (const path of paths) {
    const file = await read(path, FILE_MAX_BYTES);
    const from = source(path);
    if ('text' in file) found.push({ text: file.text, source: from });
    else if (!wereKept) complaints.add({ source: from, line: file.line ?? 0, column: 1 }, file.why);
  }
  const shipped = paths.at(-1);
  if (!wereKept || shipped === undefined) return found;
  const today = await readToday(shipped, FILE_MAX_BYTES);
  return 'text' in today ? [...found, { text: today.text, source: source(shipped) }] : found;
}

function complain(
  { offset, text, unknown }: TemplateFault,
  [candidate]: Candidates,
  complaints: Complaints,
): void {
  if (candidate === undefined) return;
  const before = candidate.text.slice(0, offset).split('\n');
  const spot = { line: before.length, column: (before.at(-1) ?? '').length + 1 };
  const meant = unknown === undefined ? '' : didYouMean(unknown.word, unknown.known);
  complaints.add({ source: candidate.source, ...spot }, `${text}${meant}`);
}
