/**
 * How deep and how long a YAML file is, told token by token before the parser gets to see them: the
 * parser recurses (and takes the process down with it when it runs out of stack), the lexer does not.
 */

const DEPTH_MAX = 64;
/** Some 20,000 checks. The parser makes an object of each token, and an error of each odd one. */
const TOKENS_MAX = 1_000_000;
const TOO_LONG = `is too long (more than ${TOKENS_MAX} words and signs): divide it by include:`;

export interface Excess {
  readonly line: number;
  readonly column: number;
  readonly text: string;
}

export class Extent {
  readonly #indents: number[] = [];
  #tokens = 0;
  #line = 1;
  #column = 1;
  #flow = 0;
  #inLine = 0;
  #isContent = false;

  /** What is too much with this token of the lexer, or null: it may be parsed. */
  add(token: string): Excess | null {
    if (MARKS.has(token)) {
      this.#isContent = token === SCALAR_FOLLOWS;
      return null;
    }
    this.#tokens += 1;
    if (token.endsWith('\n')) this.#newLines(token);
    else if (this.#isContent || !token.startsWith(' ')) this.#sign(this.#isContent ? '' : token);
    const at = { line: this.#line, column: this.#column };
    if (this.#indents.length + this.#inLine + this.#flow > DEPTH_MAX) {
      return { ...at, text: `is nested more than ${DEPTH_MAX} levels deep` };
    }
    if (this.#tokens > TOKENS_MAX) return { ...at, text: TOO_LONG };
    if (!token.endsWith('\n')) this.#column += token.length;
    this.#isContent = false;
    return null;
  }

  #newLines(token: string): void {
    for (let i = token.indexOf('\n'); i >= 0; i = token.indexOf('\n', i + 1)) this.#line += 1;
    this.#column = 1;
    this.#inLine = 0;
  }

  /** '' for content, whatever it is. */
  #sign(sign: string): void {
    if (this.#inLine === 0 && this.#flow === 0) {
      while ((this.#indents.at(-1) ?? 0) >= this.#column) this.#indents.pop();
      this.#indents.push(this.#column);
      this.#inLine = 1;
    }
    if (sign === '[' || sign === '{') this.#flow += 1;
    else if (sign === ']' || sign === '}') this.#flow = Math.max(0, this.#flow - 1);
    else if (this.#flow === 0 && /^[-?:]$/.test(sign)) this.#inLine += 1;
  }
}

/** Zero-width tokens of the lexer: document start, end of broken flow, "the next one is content". */
const SCALAR_FOLLOWS = '\u001f';
const MARKS: ReadonlySet<string> = new Set(['\u0002', '\u0018', SCALAR_FOLLOWS]);
