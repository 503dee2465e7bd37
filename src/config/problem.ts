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

/** `checks.yml:12:5 unknown key "exepct" in check "shop": did you mean "expect"?` */
export function formatProblem({ file, line, column, text }: Problem): string {
  return line === 0 ? `${file}: ${text}` : `${file}:${line}:${column} ${text}`;
}

/** Collects problems while a configuration is read. */
export class Complaints {
  readonly #all: { spot: Spot; text: string }[] = [];

  add(spot: Spot, text: string): void {
    this.#all.push({ spot, text });
  }

  get count(): number {
    return this.#all.length;
  }

  /** In file order, each once; no value of `secrets` is left readable in them. */
  problems(secrets: Iterable<string>): Problem[] {
    const hidden = [...secrets].filter((secret) => secret.length >= SHORTEST_SECRET);
    const seen = new Set<string>();
    return this.#all
      .toSorted((a, b) => compare(a.spot, b.spot))
      .map(({ spot, text }) => ({
        file: spot.source.printed,
        line: spot.line,
        column: spot.column,
        text: hidden.reduce((shown, secret) => shown.replaceAll(secret, '***'), text),
      }))
      .filter((problem) => {
        const line = formatProblem(problem);
        return !seen.has(line) && seen.add(line);
      });
  }
}

/** Shorter values are not secrets (a port, `on`), and would blot out half of every sentence. */
const SHORTEST_SECRET = 4;

function compare(a: Spot, b: Spot): number {
  return a.source.order - b.source.order || a.line - b.line || a.column - b.column;
}

/** `checks.yml:12:5`, for a text that names a second place. */
export function printSpot(spot: Spot): string {
  return `${spot.source.printed}:${spot.line}:${spot.column}`;
}
