#!/usr/bin/env node
/**
 * Command line in, exit code out. There is no logic here. What is compiled once is kept for the next
 * start, in the system's temporary directory: a daemon that was killed looks again sooner. All else is
 * imported after a daemon hears signals: a reload that comes meanwhile would end it.
 */
import nodeModule from 'node:module';
import { keepHeapSmall } from './system/heap.ts';
import { holdSignals } from './system/process.ts';

const NEEDED = 26;
// An older one would stop at the first name that it does not have, and say nothing that helps.
if (Number.parseInt(process.versions.node, 10) >= NEEDED) {
  if (process.argv[2] === 'run') {
    holdSignals(['SIGHUP', 'SIGTERM', 'SIGINT']);
    keepHeapSmall();
  }
  nodeModule.enableCompileCache();
  // Threads take it from here; one that has to strip types itself is 16 MB bigger.
  process.env['NODE_COMPILE_CACHE'] ??= nodeModule.getCompileCacheDir();
  const { runCommandLine } = await import('./cli/program.ts');
  process.exitCode = await runCommandLine(process.argv.slice(2));
} else {
  process.stderr.write(
    `tocsin needs Node ${String(NEEDED)} or later: this is ${process.version}\n`,
  );
  process.exitCode = 1;
}
