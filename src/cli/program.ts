/**
 * The commands, one line each. Wrong usage is exit code 2 and says what would have been right;
 * everything else is the command's own to say.
 */
import { Command, CommanderError } from 'commander';
import { VERSION } from '../system/version.ts';
import { addAck } from './ack.ts';
import { addBackup } from './backup.ts';
import { addChecks } from './checks.ts';
import { addDrill, addDrills } from './drill.ts';
import { addDoctor } from './doctor.ts';
import { addHealthcheck } from './healthcheck.ts';
import { addIncidents } from './incidents.ts';
import { addNote } from './note.ts';
import { addOncall } from './oncall.ts';
import { addOverride, addOverrides, addUnoverride } from './override.ts';
import { addOpen } from './open.ts';
import { addPage } from './page.ts';
import { addPlan } from './plan.ts';
import { addProbe } from './probe.ts';
import { addResolve } from './resolve.ts';
import { addRun } from './run.ts';
import { addSchema } from './schema.ts';
import { addSeverity } from './severity.ts';
import { addSilence, addSilences, addUnsilence } from './silence.ts';
import type { AddCommand, ExitCode, Terminal } from './terminal.ts';
import { addTest } from './test.ts';
import { addValidate } from './validate.ts';

/** They work with the configuration alone. */
const COMMANDS: readonly AddCommand[] = [addRun, addValidate, addProbe, addTest, addSchema];
/** They ask the running daemon. */
const ASKING: readonly AddCommand[] = [
  addChecks,
  addIncidents,
  addAck,
  addResolve,
  addNote,
  addPlan,
  addPage,
  addSeverity,
  addOpen,
  addSilence,
  addSilences,
  addUnsilence,
  addDrill,
  addDrills,
  addOncall,
  addBackup,
  addOverride,
  addOverrides,
  addUnoverride,
  addHealthcheck,
  addDoctor,
];

/** What others call it, too far from our word for a suggestion. */
const OTHER_WORDS: ReadonlyMap<string, string> = new Map([
  ['status', '`tocsin checks`, or `tocsin incidents`'],
  ['list', '`tocsin incidents`, or `tocsin checks`'],
  ['acknowledge', '`tocsin ack`'],
  ['mute', '`tocsin silence`'],
  ['close', '`tocsin resolve`'],
]);

export async function runCommandLine(argv: readonly string[]): Promise<number> {
  const terminal: Terminal = {
    env: process.env,
    out: (line) => process.stdout.write(`${line}\n`),
    err: (line) => process.stderr.write(`${line}\n`),
  };
  for (const stream of [process.stdout, process.stderr]) stream.on('error', carryOn);
  let code: ExitCode = 0;
  const program = new Command('tocsin')
    .description('Uptime checks that page a person until somebody answers')
    .version(VERSION)
    .exitOverride()
    .showHelpAfterError('(--help says more)')
    .configureHelp({ showGlobalOptions: true });
  const end = (ended: ExitCode): void => {
    code = ended;
  };
  for (const add of ASKING) add(program, terminal, end);
  for (const command of program.commands) {
    command
      .option('--url <url>', "the operator listener (default: the configuration's, TOCSIN_URL)")
      .option('--token <token>', "its token (default: the configuration's, TOCSIN_TOKEN)");
  }
  for (const add of COMMANDS) add(program, terminal, end);
  for (const command of program.commands) {
    command.option('--config <file>', 'the configuration', 'checks.yml').exitOverride();
  }
  const wanted = OTHER_WORDS.get(argv[0] ?? '');
  if (wanted !== undefined) {
    terminal.err(`unknown command '${argv[0] ?? ''}': did you mean ${wanted}?`);
    return 2;
  }
  try {
    await program.parseAsync(argv, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? 0 : 2;
  }
  return code;
}

/**
 * `validate | head -1` has what it wanted, and the daemon pages on when its terminal is closed:
 * whoever wrote hears of it by the callback of that write.
 */
function carryOn(): void {
  // Without a listener the error would end the process.
}
