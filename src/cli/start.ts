import { STOPS_WITH_PARENT } from '../distributed/stops-with-parent.ts';
import { EXIT } from './exit-codes.ts';
import { interruptsOf, watchPipes } from './process.ts';
import { reportFailure, run } from './run.ts';

/**
 * Runs the command line of this process and sets its exit code. With main.ts the only place that decides how it ends.
 *
 * @param begun called when the command begins: until then main.ts listens to signals
 */
export async function start(begun: () => void): Promise<void> {
  const { stdout, stderr, env } = process;
  const interrupts = interruptsOf(process, (code) => process.exit(code));
  const pipes = watchPipes(stdout, stderr, interrupts, (code) => process.exit(code));
  const take = (): AbortSignal => {
    const signal = interrupts.take();
    begun();
    return signal;
  };
  const io = { stdout, stderr, env, begun, interrupts: take };
  // A training of a sweep that was killed: nobody else asks it to stop.
  if (env[STOPS_WITH_PARENT] !== undefined && process.channel) {
    process.on('disconnect', () => {
      if (!interrupts.ask()) process.exit(EXIT.interrupted);
    });
    process.channel.unref();
  }
  // What nobody awaits, such as a thread that cannot be started.
  process.on('uncaughtException', (thrown) => {
    reportFailure(thrown, io);
    process.exit(EXIT.failure);
  });
  // That the last line was lost is known only after the command has ended.
  process.once('exit', () => {
    if (pipes.failed()) process.exitCode = EXIT.failure;
  });
  process.exitCode = await run(process.argv.slice(2), io);
}
