#!/usr/bin/env node
/**
 * Command line in, exit code out. There is no logic here. What is compiled once is kept for the next
 * start, in the system's temporary directory: a daemon that was killed looks again sooner.
 */
import { enableCompileCache } from 'node:module';

enableCompileCache();
const { runCommandLine } = await import('./cli/program.ts');
process.exitCode = await runCommandLine(process.argv.slice(2));
