/**
 * What is wrong with checks.yml and where. Everything wrong is collected and told at once, in the
 * order of the files: the first problem is often the consequence of one further down.
 */

/** A file as it was opened and as it is printed (relative to where Tocsin was started). */
export interface Source {
  readonly path: string;
  readonly printed: string;
  /** 0 is the root file; included ones follow in the order of reading. */
  readonly order: number;
}

/** A place in a file, both counted from 1; line 0 is the file as a whole. */
export interface Spot {
  readonly source: Source;
  readonly line: number;
  readonly column: number;
}

export interface Problem {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly text: string;
}

/** Of more, the last entry says how many: nobody reads them, and a file of nonsense has a hundred thousand. */
export const LISTED_MAX = 200;

/** `checks.yml:12:5 unknown key "exepct" in check "shop": did you mean "expect"?` */
export function formatProblem({ file, line, column, text }: Problem): string {
  return line === 0 ? `${file}: ${text}` : `${file}:${line}:${column} ${text}`;
}

/** A text that costs something to find is found only if it is listed. */
type Text = string | (() => string);

/** Collects problems while a configuration is read. */
export class Complaints {
  readonly #all: { spot: Spot; text: Text }[] = [];
  readonly #closed = new Set<string>();

  add(spot: Spot, text: Text): void {
    if (!this.#closed.has(keyOf(spot))) this.#all.push({ spot, text });
  }

  /** These, and nothing else that is found out about the same place: it would be their consequence. */
  addOnly(spot: Spot, texts: readonly string[]): void {
    for (const text of texts) this.add(spot, text);
    this.#closed.add(keyOf(spot));
  }

  get count(): number {
    return this.#all.length;
  }

  /**
   * In file order, each once. What came from a reference is blotted out where it is put into a
   * sentence; a long value of `secrets` also here, should it have slipped through.
   */
  problems(secrets: Iterable<string>): Problem[] {
    const hidden = [...secrets].filter((secret) => secret.length >= UNMISTAKABLE);
    const listed = new Map<string, Problem>();
    const sorted = this.#all.toSorted((a, b) => compare(a.spot, b.spot));
    for (const [i, { spot, text }] of sorted.entries()) {
      const { source, line, column } = spot;
      if (listed.size === LISTED_MAX) {
        const more = { file: source.printed, line: 0, column: 0 };
        return [...listed.values(), { ...more, text: `and ${sorted.length - i} more problems` }];
      }
      const told = typeof text === 'string' ? text : text();
      const shown = hidden.reduce((rest, secret) => rest.replaceAll(secret, '***'), told);
      const problem = { file: source.printed, line, column, text: shown };
      listed.set(formatProblem(problem), problem);
    }
    return [...listed.values()];
  }
}

/** A shorter value may be one of our own words or an id, and would garble the sentence. */
const UNMISTAKABLE = 16;

function keyOf({ source, line, column }: Spot): string {
  return `${source.order}:${line}:${column}`;
}

function compare(a: Spot, b: Spot): number {
  return a.source.order - b.source.order || a.line - b.line || a.column - b.column;
}

/** `checks.yml:12:5`, for a text that names a second place. */
export function printSpot(spot: Spot): string {
  return `${spot.source.printed}:${spot.line}:${spot.column}`;
}
