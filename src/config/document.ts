/**
 * The text of one YAML file → a tree of written values. YAML 1.2 core: `on` is text and `<<` is a
 * key like any other. The parser recurses (and takes the process down with it when it runs out of
 * stack), so each token is measured before it is parsed; aliases are expanded here, against a budget.
 */
import {
  Composer,
  type CST,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  Lexer,
  LineCounter,
  type Node,
  Parser,
  type YAMLMap,
} from 'yaml';
import { type Excess, Extent } from './extent.ts';
import { type Complaints, printSpot, type Source, type Spot } from './problem.ts';
import { explainSyntax } from './syntax.ts';
import type { Entry, Written } from './written.ts';

/** How deep aliases may make it. */
const ALIAS_DEPTH_MAX = 64;
/** How many values all aliases of a file together may stand for. */
const ALIASED_VALUES_MAX = 50_000;

/** The tree, or null where the file says nothing or its syntax is broken (and was complained of). */
export function parseText(text: string, source: Source, complaints: Complaints): Written | null {
  const lines = new LineCounter();
  const spotAt = (offset: number): Spot => {
    const { line, col } = lines.linePos(offset);
    return { source, line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const read = documents(text, lines);
  if ('text' in read) {
    complaints.add({ source, line: read.line, column: read.column }, read.text);
    return null;
  }
  const [doc, second] = read;
  if (doc === undefined) return null;
  if (doc.directives.yaml.explicit === true && doc.directives.yaml.version !== '1.2') {
    complaints.add(spotAt(0), 'is read as YAML 1.2: remove the %YAML directive');
    return null;
  }
  const faults = [...doc.errors, ...doc.warnings];
  for (const fault of explainSyntax(text, faults)) complaints.add(spotAt(fault.offset), fault.text);
  if (second !== undefined) complaints.add(spotAt(second.range[0]), SECOND_DOCUMENT);
  if (faults.length > 0 || second !== undefined || doc.contents === null) return null;
  const before = complaints.count;
  const tree = new Walk(spotAt, complaints).node(doc.contents, ALIAS_DEPTH_MAX);
  return complaints.count === before ? tree : null;
}

const SECOND_DOCUMENT = 'a second document starts here ("---"): one file is one document';

/** Lexed once, for measuring and for parsing: it is a third of the work. */
function documents(text: string, lines: LineCounter): Document.Parsed[] | Excess {
  const parser = new Parser(lines.addNewLine);
  lines.addNewLine(0);
  const extent = new Extent();
  const tokens: CST.Token[] = [];
  for (const lexeme of new Lexer().lex(text)) {
    const excess = extent.add(lexeme);
    if (excess !== null) return excess;
    for (const token of parser.next(lexeme)) tokens.push(token);
  }
  for (const token of parser.end()) tokens.push(token);
  // Keys given twice are found while walking: the composer compares each key with every other, and
  // names one place.
  const composer = new Composer({ prettyErrors: false, stringKeys: true, uniqueKeys: false });
  return [...composer.compose(tokens, true, text.length)];
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
