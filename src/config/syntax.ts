/**
 * What is wrong with the syntax of a YAML file, in words and at the place to mend. The parser says
 * where it gave up: for a quote that is not closed that is the end of the file, for `*\/5 * * * *` it
 * is the second star.
 */
import type { YAMLParseError, YAMLWarning } from 'yaml';

type Fault = Pick<YAMLParseError | YAMLWarning, 'code' | 'message' | 'pos'>;

export interface SyntaxFault {
  /** Into the text. */
  readonly offset: number;
  readonly text: string;
}

/** Of each kind of fault the first: the others are mostly its consequence. */
export function explainSyntax(text: string, faults: readonly Fault[]): SyntaxFault[] {
  const meant = slipIn(text, faults[0]);
  if (meant !== null) return [meant];
  const first = new Map(faults.toReversed().map((fault) => [fault.code, fault]));
  return [...first.values()].map(({ code, message, pos: [offset] }) => ({
    offset,
    text: KNOWN[code] ?? `is not valid YAML: ${oneLine(message)}`,
  }));
}

const KNOWN: Readonly<Record<string, string>> = {
  NON_STRING_KEY: 'a key must be plain text',
};

function oneLine(message: string): string {
  return message.replace(/\s+/g, ' ').slice(0, 200);
}

/** A value that is right but for its quotes: what all faults of its line come from. */
function slipIn(text: string, fault: Fault | undefined): SyntaxFault | null {
  if (fault === undefined) return null;
  const [offset] = fault.pos;
  const quote = /^Missing closing (["'])quote/.exec(fault.message)?.[1];
  if (quote !== undefined) {
    return { offset: openingOf(quote, text, offset), text: `this ${quote} is never closed` };
  }
  if (
    fault.message.startsWith('Unexpected scalar at node end') &&
    /["']/.test(text[offset - 1] ?? '')
  ) {
    return { offset, text: `the ${text[offset - 1] ?? ''} before this ends the text: ${DOUBLED}` };
  }
  const from = Math.max(text.lastIndexOf('\n', offset - 1) + 1, offset - NEAR);
  const [line = ''] = text.slice(from, offset + NEAR).split('\n', 1);
  for (const { pattern, words } of UNQUOTED) {
    for (const { index, 1: before = '', 2: value = '' } of line.matchAll(pattern)) {
      const start = from + index + before.length;
      if (start <= offset && offset <= start + value.length) {
        return { offset: start, text: words(value) };
      }
    }
  }
  return null;
}

/** Characters on each side of a fault: a file may be one line of 8 MiB. */
const NEAR = 300;
const DOUBLED = `inside of '…' write it twice, inside of "…" as \\"`;

/** What stands before a value, and a value that YAML takes for something else. */
const UNQUOTED: readonly { readonly pattern: RegExp; words(value: string): string }[] = [
  {
    pattern: /([:[,-] +|^ *)(\*\S*(?: +[\w*,/-]+){2,})/g,
    words: (value) => `a text cannot begin with * without quotes: write "${value}"`,
  },
  {
    pattern: /([:[,-] +|^ *)(\[[\da-fA-F:.]*:[\da-fA-F:.]*\]:\d+)/g,
    words: (value) => `a text cannot begin with [ without quotes: write "${value}"`,
  },
  {
    pattern: /^( *(?:- +)?[\w-]+: +)([^\s"'#[\]{}&*!|>%@`][^"'#{}[\]]*: [^#]*?) *$/g,
    words: () => 'a text with ": " in it needs quotes: put all that follows the key in \'…\'',
  },
  {
    // Only the reference is repeated: what stands beside it may be a secret.
    pattern: /([:[,] *)([^\s"'#,[\]{}]*(?: [^\s"'#,[\]{}]+)* ?\$\{(?:env|file):[^}]*\})/g,
    words: (value) => {
      const reference = value.slice(value.indexOf('${'));
      return `a text that holds ${reference} needs quotes inside of { } and [ ]: "${reference}"`;
    },
  },
];

/** The quote that opened what ends here: the last one that is neither escaped nor one of two. */
function openingOf(quote: string, text: string, end: number): number {
  const [sign, width] = quote === '"' ? ['\\', 1] : ["'", 2];
  let at = text.lastIndexOf(quote, end - 1);
  while (text[at - 1] === sign && at > width) at = text.lastIndexOf(quote, at - width);
  return Math.max(at, 0);
}
