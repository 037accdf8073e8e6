#!/usr/bin/env node
import { EXIT } from './exit-codes.ts';
import { interruptsOf, quietPipes } from './process.ts';
import { run } from './run.ts';

// The only place that decides how the process ends.
const interrupts = interruptsOf(process, (code) => process.exit(code));
quietPipes(process.stdout, process.stderr, interrupts, () => process.exit(EXIT.ok));
process.exitCode = await run(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  interrupts: interrupts.take,
});
