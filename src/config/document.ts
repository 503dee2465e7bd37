/**
 * The text of one YAML file → a tree of written values. YAML 1.2 core: `on` is text and `<<` is a
 * key like any other. The parser recurses (and takes the process down with it when it runs out of
 * stack), so depth is measured by the lexer first; aliases are expanded here, against a budget.
 */
import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  Lexer,
  LineCounter,
  parseDocument,
  type Node,
  type YAMLMap,
} from 'yaml';
import { type Complaints, printSpot, type Source, type Spot } from './problem.ts';
import type { Entry, Written } from './written.ts';

const DEPTH_MAX = 64;
/** Some 20,000 checks. The parser makes an object of each token, and an error of each odd one. */
const TOKENS_MAX = 1_000_000;
const TOO_LONG = `is too long (more than ${TOKENS_MAX} words and signs): divide it by include:`;
/** How many values all aliases of a file together may stand for. */
const ALIASED_VALUES_MAX = 50_000;

/** The tree, or null where the file says nothing or its syntax is broken (and was complained of). */
export function parseText(text: string, source: Source, complaints: Complaints): Written | null {
  const lines = new LineCounter();
  const spotAt = (offset: number): Spot => {
    const { line, col } = lines.linePos(offset);
    return { source, line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const excess = excessIn(text);
  if (excess !== null) {
    complaints.add({ source, ...excess }, excess.text);
    return null;
  }
  const doc = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    stringKeys: true,
    // Found while walking: the parser compares each key with every other, and names one place.
    uniqueKeys: false,
  });
  if (doc.directives.yaml.explicit === true && doc.directives.yaml.version !== '1.2') {
    complaints.add(spotAt(0), 'is read as YAML 1.2: remove the %YAML directive');
    return null;
  }
  const faults = [...doc.errors, ...doc.warnings];
  // Of each kind the first: the others are mostly its consequence.
  const first = new Map(faults.toReversed().map((fault) => [fault.code, fault]));
  for (const { code, message, pos } of first.values()) {
    complaints.add(spotAt(pos[0]), SYNTAX[code] ?? `is not valid YAML: ${oneLine(message)}`);
  }
  if (faults.length > 0 || doc.contents === null) return null;
  const before = complaints.count;
  const tree = new Walk(spotAt, complaints).node(doc.contents, DEPTH_MAX);
  return complaints.count === before ? tree : null;
}

const SYNTAX: Readonly<Record<string, string>> = {
  MULTIPLE_DOCS: 'a second document starts here ("---"): one file is one document',
  NON_STRING_KEY: 'a key must be plain text',
};

function oneLine(message: string): string {
  return message.replace(/\s+/g, ' ').slice(0, 200);
}

class Walk {
  readonly #spotAt: (offset: number) => Spot;
  readonly #complaints: Complaints;
  readonly #anchors = new Map<string, Node>();
  #aliased = 0;
  #inAlias = false;

  constructor(spotAt: (offset: number) => Spot, complaints: Complaints) {
    this.#spotAt = spotAt;
    this.#complaints = complaints;
  }

  node(node: Node, depthLeft: number): Written {
    const at = this.#spotAt(node.range?.[0] ?? 0);
    if (this.#inAlias) this.#aliased += 1;
    if (isAlias(node)) return this.#alias(node.source, at, depthLeft);
    if (node.anchor !== undefined && !this.#inAlias) this.#anchors.set(node.anchor, node);
    if (isMap(node)) return { kind: 'mapping', at, entries: this.#entries(node, depthLeft) };
    if (isSeq(node)) {
      const items = node.items.map((item) => this.node(item as Node, depthLeft - 1));
      return { kind: 'list', at, items };
    }
    return { kind: 'scalar', at, value: isScalar(node) ? node.value : null };
  }

  #entries(map: YAMLMap, depthLeft: number): Map<string, Entry> {
    const entries = new Map<string, Entry>();
    for (const pair of map.items) {
      const key = pair.key as Node;
      const at = this.#spotAt(key.range?.[0] ?? 0);
      const name = isScalar(key) ? String(key.value) : '';
      const earlier = entries.get(name);
      if (name === '__proto__') {
        this.#complaints.add(at, 'the key "__proto__" is not allowed');
      } else if (earlier !== undefined) {
        const text = `the key ${JSON.stringify(name)} is already at ${printSpot(earlier.at)}`;
        this.#complaints.add(at, text);
      } else {
        const value = pair.value as Node | null;
        const nothing = { kind: 'scalar', at, value: null } as const;
        entries.set(name, { at, value: value ? this.node(value, depthLeft - 1) : nothing });
      }
    }
    return entries;
  }

  #alias(name: string, at: Spot, depthLeft: number): Written {
    const target = this.#anchors.get(name);
    const nothing = { kind: 'scalar', at, value: null } as const;
    if (target === undefined) {
      this.#complaints.add(at, `there is no anchor &${name} before this alias`);
      return nothing;
    }
    if (depthLeft <= 0 || this.#aliased > ALIASED_VALUES_MAX) {
      // Said once: an alias bomb has thousands of these.
      if (this.#aliased < Infinity) {
        this.#complaints.add(at, `the alias *${name} expands to too much, or to itself`);
      }
      this.#aliased = Infinity;
      return nothing;
    }
    const outer = this.#inAlias;
    this.#inAlias = true;
    const value = this.node(target, depthLeft - 1);
    this.#inAlias = outer;
    return value;
  }
}

/** Where the text outgrows DEPTH_MAX or TOKENS_MAX, from the lexer's tokens: it does not recurse. */
function excessIn(text: string): { line: number; column: number; text: string } | null {
  const indents: number[] = [];
  let [tokens, line, column, flow, inLine] = [0, 1, 1, 0, 0];
  let isContent = false;
  for (const token of new Lexer().lex(text)) {
    if (MARKS.has(token)) {
      isContent = token === SCALAR_FOLLOWS;
      continue;
    }
    tokens += 1;
    if (token.endsWith('\n')) {
      for (let i = token.indexOf('\n'); i >= 0; i = token.indexOf('\n', i + 1)) line += 1;
      [column, inLine] = [1, 0];
    } else if (isContent || !token.startsWith(' ')) {
      if (inLine === 0 && flow === 0) {
        while ((indents.at(-1) ?? 0) >= column) indents.pop();
        indents.push(column);
        inLine = 1;
      }
      const sign = isContent ? '' : token;
      if (sign === '[' || sign === '{') flow += 1;
      else if (sign === ']' || sign === '}') flow = Math.max(0, flow - 1);
      else if (flow === 0 && /^[-?:]$/.test(sign)) inLine += 1;
    }
    if (indents.length + inLine + flow > DEPTH_MAX) {
      return { line, column, text: `is nested more than ${DEPTH_MAX} levels deep` };
    }
    if (tokens > TOKENS_MAX) return { line, column, text: TOO_LONG };
    if (!token.endsWith('\n')) column += token.length;
    isContent = false;
  }
  return null;
}

/** Zero-width tokens of the lexer: document start, end of broken flow, "the next one is content". */
const SCALAR_FOLLOWS = '\u001f';
const MARKS: ReadonlySet<string> = new Set(['\u0002', '\u0018', SCALAR_FOLLOWS]);
