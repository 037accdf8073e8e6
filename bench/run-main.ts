import { EtudeError, UsageError } from '../src/errors.ts';

/** Runs a program of the benchmarks: what a user can mend is said in a sentence, with exit code 2 for a wrong call and else 1. */
export async function runMain(main: () => Promise<void> | void): Promise<void> {
  try {
    await main();
  } catch (thrown) {
    if (!(thrown instanceof EtudeError)) throw thrown;
    console.error(thrown.message);
    process.exitCode = thrown instanceof UsageError ? 2 : 1;
  }
}
