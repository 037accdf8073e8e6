import { Command, InvalidArgumentError, Option, type CommanderError } from 'commander';
import { UsageError } from '../errors.ts';
import type { CommandSpec } from './command.ts';
import { flagName, type OptionSpec, type OptionTable, type OptionValues } from './options.ts';
import { Terminal, wantsColor, type Io } from './terminal.ts';
import { etudeVersion } from './package-folder.ts';

/** The widest line of a help text. */
const HELP_WIDTH = 100;

const EXIT_CODES = `
Exit codes:
  0    done
  1    data or files that cannot serve, or a check that failed
  2    usage: an unknown word or a value out of range
  3    training diverged
  130  interrupted, after saving`;

/**
 * The parser of the command line, made from the table of commands.
 *
 * @param finish told the exit code of the command that ran
 */
export function buildProgram(commands: readonly CommandSpec[], io: Io, finish: (exitCode: number) => void): Command {
  const program = new Command('etude')
    .description('Learns music from MIDI files with a from-scratch LSTM in pure TypeScript.')
    .version(etudeVersion(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show this help')
    .helpCommand('help [command]', 'show the help of a command')
    .configureOutput({
      writeOut: (text) => void io.stdout.write(text),
      writeErr: (text) => void io.stderr.write(text),
      // What went wrong is in the error that is thrown, and is printed once, by whoever catches it.
      outputError: () => undefined,
      getOutHelpWidth: () => Math.min(HELP_WIDTH, io.stdout.columns ?? 80),
      getErrHelpWidth: () => Math.min(HELP_WIDTH, io.stderr.columns ?? 80),
      getOutHasColors: () => wantsColor(io.stdout, io.env),
      getErrHasColors: () => wantsColor(io.stderr, io.env),
    })
    .configureHelp({ styleTitle: (title) => `\u001b[1m${title}\u001b[22m` })
    .exitOverride()
    .addHelpText('after', EXIT_CODES);
  for (const spec of commands) addCommand(program, spec, io, finish);
  return program;
}

/** The sentence for an error of the parser, with the way to the help. */
export function parserMessage(
  error: CommanderError,
  argv: readonly string[],
  commands: readonly CommandSpec[],
): string {
  const sentence = error.message
    .replace(/^error: /, '')
    .replace(/\n\(Did you mean (.*?)\?\)/s, '. Did you mean $1?')
    .replace(/[^.?]$/, '$&.');
  const command = commands.find(({ name }) => name === argv[0])?.name;
  return `${sentence} See ${command === undefined ? '"etude --help"' : `"etude ${command} --help"`}.`;
}

function addCommand(program: Command, spec: CommandSpec, io: Io, finish: (exitCode: number) => void): void {
  const command = program
    .command(spec.name)
    .summary(spec.summary)
    .description(spec.description)
    .helpOption('-h, --help', 'show this help')
    .addHelpText('after', examplesOf(spec));
  for (const { name, required, variadic, help } of spec.args) {
    const word = variadic ? `${name}...` : name;
    command.argument(required ? `<${word}>` : `[${word}]`, help);
  }
  for (const [key, option] of Object.entries(spec.options)) command.addOption(parserOption(key, option));
  command.action(async () => {
    const options = readValues(spec.options, command.opts());
    const action = await spec.load();
    const terminal = new Terminal(io, options as { quiet?: boolean; json?: boolean });
    io.begun?.();
    finish((await action({ args: command.args, options, terminal })) ?? 0);
  });
}

function parserOption(key: string, spec: OptionSpec<unknown>): Option {
  const flags = `${spec.short ? `-${spec.short}, ` : ''}${flagName(key)}${spec.value ? ` <${spec.value}>` : ''}`;
  const option = new Option(flags, spec.help);
  if (spec.default !== undefined) {
    const text = typeof spec.default === 'string' ? spec.default : JSON.stringify(spec.default);
    option.default(spec.default, spec.because ? `${text}: ${spec.because}` : text);
  }
  if (spec.group !== undefined) option.helpGroup(spec.group);
  const { parse } = spec;
  return parse ? option.argParser((given: string) => parseOrRefuse(parse, given)) : option;
}

function parseOrRefuse(parse: (text: string) => unknown, given: string): unknown {
  try {
    return parse(given);
  } catch (thrown) {
    throw thrown instanceof UsageError ? new InvalidArgumentError(thrown.message) : thrown;
  }
}

/** Every option of the table: the parser's value, and false for switches that were not given. */
function readValues<Table extends OptionTable>(table: Table, given: Record<string, unknown>): OptionValues<Table> {
  return Object.fromEntries(
    Object.entries(table).map(([key, spec]) => [key, valueOf(parserOption(key, spec), given)]),
  ) as OptionValues<Table>;
}

/** The parser counts `--no-sample` as `sample` being false; for us it is a switch that was given. */
function valueOf(option: Option, given: Record<string, unknown>): unknown {
  const value = given[option.attributeName()];
  if (option.negate) return value === false;
  return value ?? (option.isBoolean() ? false : undefined);
}

function examplesOf({ examples }: CommandSpec): string {
  if (examples.length === 0) return '';
  const widest = Math.max(...examples.map(([line]) => line.length));
  const lines = examples.map(([line, effect]) => `  ${effect ? `${line.padEnd(widest)}   ${effect}` : line}`);
  return `\nExamples:\n${lines.join('\n')}`;
}
