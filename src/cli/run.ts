/**
 * `tocsin run`: the daemon until a signal ends it. SIGTERM and SIGINT drain and exit 0, a second one
 * ends it at once; a store that does not answer within the drain is said, and not waited for.
 */
import { startDaemon, type Daemon } from '../daemon.ts';
import { systemClock } from '../system/clock.ts';
import { createLog, type Log } from '../system/log.ts';
import { onSignals } from '../system/process.ts';
import { VERSION } from '../system/version.ts';
import type { AddCommand, CommonOptions, ExitCode, Terminal } from './terminal.ts';

/** A drain that takes longer hangs on a disk: waiting on would not save anything. */
const STOP_PATIENCE_MS = 10_000;
type StopSignal = 'SIGTERM' | 'SIGINT';

export const addRun: AddCommand = (program, terminal, end) => {
  program
    .command('run')
    .description('run the daemon')
    .action(async ({ config }: CommonOptions) => {
      end(await run(config, terminal));
    });
};

async function run(file: string, terminal: Terminal): Promise<ExitCode> {
  const level = terminal.env['TOCSIN_LOG_LEVEL'] === 'debug' ? 'debug' : 'info';
  const log = createLog({ level, pretty: process.stdout.isTTY });
  // Heard from the first moment on: what comes during the start is done after it.
  const { promise: signalled, resolve: stop } = Promise.withResolvers<StopSignal>();
  const starting = startDaemon({ file, env: terminal.env, log });
  const forget = onSignals(['SIGHUP', 'SIGTERM', 'SIGINT'], (signal) => {
    if (signal !== 'SIGHUP') stop(signal);
    else void starting.then((started) => ('reload' in started ? started.reload() : null));
  });
  const daemon = await starting;
  if ('invalid' in daemon || 'refused' in daemon) {
    forget();
    const why = 'invalid' in daemon ? daemon.invalid : [daemon.refused];
    for (const line of why) terminal.err(line);
    return 'invalid' in daemon ? 2 : 1;
  }
  const { operatorPort, publicPort } = daemon;
  log.info('started', { version: VERSION, operatorPort, publicPort });
  log.info('stopping', { signal: await signalled });
  forget();
  await stopWithin(daemon, log);
  return 0;
}

/** A second signal ends it at once; a store that does not answer is not waited for. */
async function stopWithin(daemon: Daemon, log: Log): Promise<void> {
  const forget = onSignals(['SIGTERM', 'SIGINT'], (signal) => {
    process.exit(signal === 'SIGINT' ? 130 : 143);
  });
  const clock = systemClock();
  const patience = clock.alarm(clock.now() + STOP_PATIENCE_MS, () => {
    void giveUp(log);
  });
  await daemon.stop();
  patience.cancel();
  forget();
}

async function giveUp(log: Log): Promise<void> {
  log.error('the store does not answer: ending without it');
  await log.flush();
  process.kill(process.pid, 'SIGKILL');
}
