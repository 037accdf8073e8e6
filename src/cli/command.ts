import type { OptionTable, OptionValues } from './options.ts';
import type { Terminal } from './terminal.ts';

/** A word after the command's name. */
export interface ArgumentSpec {
  /** As in the help: `paths`, `model`. */
  name: string;
  help: string;
  required: boolean;
  /** Whether several may follow; only the last argument can. */
  variadic?: boolean;
}

/** What a command is given when it runs. */
export interface Call<Table extends OptionTable> {
  /** The words after the command's name, without the options. */
  args: string[];
  options: OptionValues<Table>;
  terminal: Terminal;
}

/** A command at work. Returns the exit code; nothing means 0. */
export type Action<Table extends OptionTable> = (call: Call<Table>) => Promise<number | undefined>;

/** A command as the help shows it, without its code. */
export interface CommandWords<Table extends OptionTable = OptionTable> {
  name: string;
  /** One line for the list of commands. */
  summary: string;
  /** The first paragraphs of the command's own help. */
  description: string;
  args: readonly ArgumentSpec[];
  options: Table;
  /** Command lines, and what they do. */
  examples: readonly (readonly [line: string, effect: string])[];
}

/** A command and where its code comes from, which is loaded only when it runs. */
export interface CommandSpec<Table extends OptionTable = OptionTable> extends CommandWords<Table> {
  load: () => Promise<Action<Table>>;
}

/** Fixes the type of a command's options, so that its code is checked against its table. */
export function defineCommand<const Table extends OptionTable>(words: CommandWords<Table>): CommandWords<Table> {
  return words;
}

/** The code that a command needs: `const inspect: ActionOf<typeof words>`. */
export type ActionOf<Words> = Words extends CommandWords<infer Table> ? Action<Table> : never;
