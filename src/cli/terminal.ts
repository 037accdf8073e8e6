import picocolors from 'picocolors';
import { finiteJson } from './finite-json.ts';

/** The part of process.stdout that the command line uses; tests pass a string collector. */
export interface OutputStream {
  write(content: string | Uint8Array): unknown;
  isTTY?: boolean;
  columns?: number;
  rows?: number;
}

/** The world outside a run of the command line. */
export interface Io {
  stdout: OutputStream;
  stderr: OutputStream;
  env: Readonly<Record<string, string | undefined>>;
  /**
   * Sends Ctrl-C, SIGTERM and SIGHUP here instead of ending the process at once. A command that calls it promises to watch the
   * signal, to save, and to return soon. Without a call the process ends as any other does.
   */
  interrupts(): AbortSignal;
  /** Told when the code of a command is loaded and it begins: Ctrl-C before that is said to have done nothing. */
  begun?(): void;
}

/** The two switches that every command has. */
export interface Verbosity {
  quiet?: boolean;
  json?: boolean;
}

export type Colors = ReturnType<typeof picocolors.createColors>;

/** Where a command writes: data to stdout, chatter to stderr. */
export class Terminal {
  readonly io: Io;
  readonly quiet: boolean;
  readonly json: boolean;
  /** For text on stdout. */
  readonly colors: Colors;
  /** For text on stderr. */
  readonly chatterColors: Colors;
  #promise: string | undefined;

  constructor(io: Io, { quiet = false, json = false }: Verbosity = {}) {
    this.io = io;
    this.quiet = quiet;
    this.json = json;
    this.colors = picocolors.createColors(wantsColor(io.stdout, io.env));
    this.chatterColors = picocolors.createColors(wantsColor(io.stderr, io.env));
  }

  /** A line of data on stdout. */
  print(text: string): void {
    this.io.stdout.write(`${text}\n`);
  }

  /**
   * One JSON value on a line of its own on stdout.
   * @throws NotFiniteError when a number in it is not finite: JSON would say null
   */
  printJson(value: unknown): void {
    this.print(finiteJson(value));
  }

  /** A line for people on stderr; nothing with --quiet. */
  say(text = ''): void {
    if (!this.quiet) this.io.stderr.write(`${text}\n`);
  }

  /** A line for people that should be noticed; nothing with --quiet. */
  warn(text: string): void {
    this.say(this.chatterColors.yellow(text));
  }

  /** What went wrong, as one paragraph on stderr, whatever --quiet says. */
  error(text: string): void {
    const paragraph = text.trim().replace(/\s*\n\s*/g, ' ');
    this.io.stderr.write(`${this.chatterColors.red('etude:')} ${paragraph}\n`);
  }

  /**
   * Takes Ctrl-C, SIGTERM and SIGHUP over; see {@link Io.interrupts}. The first one prints what is going to happen.
   * @param promise for instance `saving the model after this step`; that of a later call takes its place
   */
  interrupts(promise: string): AbortSignal {
    const signal = this.io.interrupts();
    if (this.#promise === undefined) {
      const announce = (): void => {
        this.say(`\netude: ${this.#promise}; press Ctrl-C again to end at once.`);
      };
      signal.addEventListener('abort', announce, { once: true });
    }
    this.#promise = promise;
    return signal;
  }

  /** Whether a line on stderr can be drawn again and again. */
  get redraws(): boolean {
    return this.io.stderr.isTTY === true && this.io.env.TERM !== 'dumb';
  }

  /** The height of stderr in lines. */
  get height(): number {
    return this.io.stderr.rows ?? 24;
  }

  /** The width of stderr in characters. */
  get width(): number {
    return this.io.stderr.columns ?? 80;
  }
}

/** See https://no-color.org: a NO_COLOR that is not empty wins; FORCE_COLOR asks for colour where there is no terminal. */
export function wantsColor(stream: OutputStream, env: Io['env']): boolean {
  if (env.NO_COLOR) return false;
  if (env.FORCE_COLOR && env.FORCE_COLOR !== '0') return true;
  return stream.isTTY === true && env.TERM !== 'dumb';
}

/** Whether the terminal shows more than ASCII, as its locale says. */
export function showsUnicode(env: Io['env'], platform: string = process.platform): boolean {
  const locale = env.LC_ALL || env.LC_CTYPE || env.LANG || '';
  return /utf-?8/i.test(locale) || platform === 'win32' || platform === 'darwin';
}
