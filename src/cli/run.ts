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
const SECOND_SIGNAL_EXIT = { SIGINT: 130, SIGTERM: 143 } as const;

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
  const daemon = await startDaemon({ file, env: terminal.env, log });
  if ('invalid' in daemon) {
    for (const problem of daemon.invalid) terminal.err(problem);
    return 2;
  }
  if ('refused' in daemon) {
    terminal.err(daemon.refused);
    return 1;
  }
  log.info('started', {
    version: VERSION,
    operatorPort: daemon.operatorPort,
    publicPort: daemon.publicPort,
  });
  await untilStopped(daemon, log);
  return 0;
}

function untilStopped(daemon: Daemon, log: Log): Promise<void> {
  return new Promise((resolve) => {
    let isStopping = false;
    const forget = onSignals(['SIGHUP', 'SIGTERM', 'SIGINT'], (signal) => {
      if (signal === 'SIGHUP') {
        void daemon.reload();
        return;
      }
      if (isStopping) process.exit(SECOND_SIGNAL_EXIT[signal]);
      isStopping = true;
      log.info('stopping', { signal });
      const clock = systemClock();
      const patience = clock.alarm(clock.now() + STOP_PATIENCE_MS, () => {
        void giveUp(log);
      });
      void daemon.stop().then(() => {
        patience.cancel();
        forget();
        resolve();
      });
    });
  });
}

async function giveUp(log: Log): Promise<void> {
  log.error('the store does not answer: ending without it');
  await log.flush();
  process.kill(process.pid, 'SIGKILL');
}
