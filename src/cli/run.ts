import { CommanderError } from 'commander';
import { EtudeError } from '../errors.ts';
import type { CommandSpec } from './command.ts';
import { COMMANDS } from './commands.ts';
import { EXIT, exitCodeFor } from './exit-codes.ts';
import { buildProgram, parserMessage } from './program.ts';
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
    await program.parseAsync([...argv], { from: 'user' });
    return exitCode;
  } catch (thrown) {
    report(thrown, argv, io, commands);
    return argv.length === 0 ? EXIT.usage : exitCodeFor(thrown);
  }
}

function report(thrown: unknown, argv: readonly string[], io: Io, commands: readonly CommandSpec[]): void {
  const terminal = new Terminal(io);
  if (thrown instanceof CommanderError) {
    // Help and version have been printed; they come as errors too.
    const isHelp = thrown.exitCode === 0 || thrown.code === 'commander.help';
    if (!isHelp) terminal.error(parserMessage(thrown, argv, commands));
  } else if (thrown instanceof EtudeError) {
    terminal.error(thrown.message);
  } else {
    terminal.error('this is a defect of Etude, not of your data. Please report it with the lines below.');
    io.stderr.write(`${thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)}\n`);
  }
}
