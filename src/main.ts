#!/usr/bin/env node
/**
 * Command line in, exit code out. There is no logic here. What is compiled once is kept for the next
 * start, in the system's temporary directory: a daemon that was killed looks again sooner. All else is
 * imported after a daemon hears signals: a reload that comes meanwhile would end it.
 */
import { enableCompileCache } from 'node:module';
import { holdSignals } from './system/process.ts';

if (process.argv[2] === 'run') holdSignals(['SIGHUP', 'SIGTERM', 'SIGINT']);
enableCompileCache();
const { runCommandLine } = await import('./cli/program.ts');
process.exitCode = await runCommandLine(process.argv.slice(2));
