import { Command, InvalidArgumentError, Option, type CommanderError, type Help } from 'commander';
import { UsageError } from '../errors.ts';
import { cacheFolder } from './cache-folder.ts';
import type { CommandSpec } from './command.ts';
import { refuseContradictions } from './contradictions.ts';
import { formatExample, formatItem, helpWidth, termColumn, wrapText } from './help-layout.ts';
import { flagName, type OptionSpec, type OptionTable, type OptionValues } from './options.ts';
import { commandsWith, meantCommand, meantFlag } from './suggestions.ts';
import { Terminal, wantsColor, type Io } from './terminal.ts';
import { etudeVersion } from '../package-folder.ts';

const EXIT_CODES = `
Exit codes:
  0    done
  1    unusable data or files, or a check that failed
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
      getOutHelpWidth: () => helpWidth(io.stdout.columns),
      getErrHelpWidth: () => helpWidth(io.stderr.columns),
      getOutHasColors: () => wantsColor(io.stdout, io.env),
      getErrHasColors: () => wantsColor(io.stderr, io.env),
    })
    .configureHelp(HELP_LAYOUT)
    .showSuggestionAfterError(false)
    .exitOverride()
    .addHelpText('after', () => wrapText(EXIT_CODES, helpWidth(io.stdout.columns)));
  for (const spec of commands) addCommand(program, spec, io, finish);
  return program;
}

/** How help texts are laid out: bold titles, and every line as wide as the terminal. */
const HELP_LAYOUT: Partial<Help> = {
  styleTitle: (title) => `\u001b[1m${title}\u001b[22m`,
  padWidth: (command, helper) =>
    termColumn([
      ...helper.visibleOptions(command).map((option) => helper.optionTerm(option).length),
      ...helper.visibleCommands(command).map((child) => helper.subcommandTerm(child).length),
      ...helper.visibleArguments(command).map((argument) => helper.argumentTerm(argument).length),
    ]),
  formatItem: (term, column, meaning, helper) => formatItem(term, column, meaning, helper.helpWidth ?? 80),
  boxWrap: wrapText,
};

/** The sentence for an error of the parser, with what was probably meant, and the way to the help. */
export function parserMessage(
  error: CommanderError,
  argv: readonly string[],
  commands: readonly CommandSpec[],
): string {
  const sentence = error.message.replace(/^error: /, '').replace(/[^.?]$/, '$&.');
  const command = commands.find(({ name }) => name === argv[0]);
  const hint = hintFor(error, command, commands);
  return `${sentence}${hint} See ${command === undefined ? '"etude --help"' : `"etude ${command.name} --help"`}.`;
}

/** @throws UsageError when `etude help` is asked about a command that is not there */
export function checkHelpWord(argv: readonly string[], commands: readonly CommandSpec[]): void {
  const [first, word] = argv;
  if (first !== 'help' || word === undefined || word.startsWith('-') || word === 'help') return;
  if (commands.some(({ name }) => name === word)) return;
  const meant = meantCommand(word, commands);
  throw new UsageError(`unknown command '${word}'.${meant ? ` Did you mean ${meant}?` : ''} See "etude --help".`);
}

function hintFor(
  { code, message }: CommanderError,
  command: CommandSpec | undefined,
  commands: readonly CommandSpec[],
): string {
  const word = /'(.*?)'/s.exec(message)?.[1] ?? '';
  if (code === 'commander.unknownCommand') {
    const meant = meantCommand(word, commands);
    return meant === undefined ? '' : ` Did you mean ${meant}?`;
  }
  if (code !== 'commander.unknownOption' || command === undefined) return '';
  const meant = meantFlag(word, command);
  if (meant !== undefined) return ` Did you mean ${meant}?`;
  const others = commandsWith(word, commands).map((name) => `"etude ${name}"`);
  return others.length === 0 ? '' : ` It is an option of ${others.join(', ')}.`;
}

function addCommand(program: Command, spec: CommandSpec, io: Io, finish: (exitCode: number) => void): void {
  const command = program
    .command(spec.name)
    .summary(spec.summary)
    .description(spec.description)
    .helpOption('-h, --help', 'show this help')
    .addHelpText('after', () => examplesOf(spec, helpWidth(io.stdout.columns)));
  for (const { name, required, variadic, help } of spec.args) {
    const word = variadic ? `${name}...` : name;
    command.argument(required ? `<${word}>` : `[${word}]`, help);
  }
  for (const [key, option] of Object.entries(spec.options)) command.addOption(parserOption(key, option));
  command.action(async () => {
    refuseContradictions(spec.name, spec.options, givenOptions(spec.options, command));
    const options = readValues(spec.options, command.opts());
    const action = await spec.load();
    const terminal = new Terminal(io, options as { quiet?: boolean; json?: boolean });
    io.begun?.();
    const run = () => action({ args: command.args, options, terminal });
    finish((await (spec.options.backend === undefined ? run() : withKernels(options, io, run))) ?? 0);
  });
}

/** Runs a command that computes, with what is known of the kernels here. */
async function withKernels<T>(options: object, { env }: Io, run: () => Promise<T>): Promise<T> {
  const { withWideKnowledge } = await import('./wide-knowledge.ts');
  return withWideKnowledge(cacheFolder((options as { cache?: string }).cache, env), run);
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

/** The keys of the options that were typed. */
function givenOptions(table: OptionTable, command: Command): Set<string> {
  const given = ([key, spec]: [string, OptionSpec<unknown>]): boolean =>
    command.getOptionValueSource(parserOption(key, spec).attributeName()) === 'cli';
  return new Set(
    Object.entries(table)
      .filter(given)
      .map(([key]) => key),
  );
}

function examplesOf({ examples }: CommandSpec, width: number): string {
  if (examples.length === 0) return '';
  const widest = Math.max(...examples.map(([line]) => line.length));
  return `\nExamples:\n${examples.map(([line, effect]) => formatExample(line, effect, widest, width)).join('\n')}`;
}
