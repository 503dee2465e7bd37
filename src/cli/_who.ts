/**
 * Who says so, where a command tells the daemon something. A name that nobody has is taken as it is:
 * whoever is no responder may say things too; but one that is nearly a responder's is a slip.
 */
import { nearest } from '../config/suggest.ts';
import type { ReachView } from '../incident/drill-view.ts';
import { accountName } from '../system/process.ts';
import { askAll } from './_operator.ts';
import type { AskOptions, Terminal } from './terminal.ts';

const NAMELESS = 'cli';

/** `--by`, else whose account this is. Says on stderr what may not be meant. */
export async function whoSays(
  options: AskOptions & { readonly by?: string },
  terminal: Terminal,
): Promise<string> {
  const { by } = options;
  if (by !== undefined) {
    await warnOfSlip(by, options, terminal);
    return by;
  }
  const account = accountName() ?? terminal.env['USER'];
  if (account === undefined) terminal.err(`said by "${NAMELESS}": --by WHO says who you are`);
  return account ?? NAMELESS;
}

async function warnOfSlip(by: string, options: AskOptions, terminal: Terminal): Promise<void> {
  // That nobody answers is said by whatever is asked next.
  const silent: Terminal = { ...terminal, err: () => undefined };
  const reach = await askAll(options, silent, '/api/v1/reach');
  if ('failed' in reach) return;
  const people = reach.items as readonly ReachView[];
  const names = people.flatMap(({ responder, name }) => [responder, name.toLowerCase()]);
  if (names.includes(by.toLowerCase())) return;
  const like = nearest(by, new Set(people.map(({ responder }) => responder)));
  if (like !== null) terminal.err(`no responder is called "${by}": did you mean --by ${like}?`);
}
