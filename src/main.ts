#!/usr/bin/env node
/** Command line in, exit code out. There is no logic here. */
import { runCommandLine } from './cli/program.ts';

process.exitCode = await runCommandLine(process.argv.slice(2));
