import { CommanderError } from 'commander';
import { EtudeError, UsageError } from '../errors.ts';
import { DivergedError } from '../nn/errors.ts';
import type { CommandSpec } from './command.ts';
import { COMMANDS } from './commands.ts';
import { EXIT, InterruptedError } from './exit-codes.ts';
import { buildProgram, checkHelpWord, parserMessage } from './program.ts';
import { describeSystemFailure } from './system-failure.ts';
import { Terminal, type Io } from './terminal.ts';

/**
 * Runs a command line and returns its exit code; see EXIT. Throws nothing: whatever goes wrong is said on stderr.
 *
 * @param argv the words after `etude`
 */
export async function run(
  argv: readonly string[],
  io: Io,
  commands: readonly CommandSpec[] = COMMANDS,
): Promise<number> {
  let exitCode: number = EXIT.ok;
  const program = buildProgram(commands, io, (code) => (exitCode = code));
  try {
    checkHelpWord(argv, commands);
    const words = argv[0] === 'help' && argv[1] === 'help' ? ['--help'] : [...argv];
    await program.parseAsync(words, { from: 'user' });
    return exitCode;
  } catch (thrown) {
    if (thrown instanceof CommanderError) reportUsage(thrown, argv, io, commands);
    else reportFailure(thrown, io);
    return argv.length === 0 ? EXIT.usage : exitCodeFor(thrown);
  }
}

/** The exit code for whatever a command threw. */
function exitCodeFor(thrown: unknown): number {
  if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? EXIT.ok : EXIT.usage;
  if (thrown instanceof UsageError) return EXIT.usage;
  if (thrown instanceof DivergedError) return EXIT.diverged;
  if (thrown instanceof InterruptedError) return EXIT.interrupted;
  return EXIT.failure;
}

function reportUsage(thrown: CommanderError, argv: readonly string[], io: Io, commands: readonly CommandSpec[]): void {
  // Help and version have been printed; they come as errors too.
  const isHelp = thrown.exitCode === 0 || thrown.code === 'commander.help';
  if (!isHelp) new Terminal(io).error(parserMessage(thrown, argv, commands));
}

/** Says what went wrong: in a sentence where it is the user's or the system's affair, with all there is to know where it is ours. */
export function reportFailure(thrown: unknown, io: Io): void {
  const terminal = new Terminal(io);
  const sentence = thrown instanceof EtudeError ? thrown.message : describeSystemFailure(thrown);
  if (sentence !== undefined) {
    terminal.error(sentence);
    return;
  }
  terminal.error('this is a defect of Etude, not of your data. Please report it with the lines below.');
  io.stderr.write(`${thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)}\n`);
}
