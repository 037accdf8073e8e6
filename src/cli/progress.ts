import { formatBytes } from './files.ts';
import { showsUnicode, type Terminal } from './terminal.ts';
import { formatSeconds } from '../text/words.ts';

/** Numbers shown behind the bar, in order: `{ loss: 2.31, pitch: 4.02 }`. */
export type Figures = Readonly<Record<string, number>>;

/**
 * Tells how far a long piece of work is: a bar that is drawn again and again on a terminal, one line at the end of each
 * stage elsewhere, nothing with --quiet or --json.
 */
export interface Progress {
  /**
   * Begins a stage of `total` units, for instance an epoch of so many steps; Infinity where nobody knows how many.
   * @param done how many of them were finished before; the time of a unit does not count them
   */
  start(total: number, label: string, done?: number): void;
  /** Gives the stage another label. */
  relabel(label: string): void;
  /** `done` of the units are finished; `figures` are shown beside, and how long the whole work will still take, if that is known. */
  update(done: number, figures?: Figures, secondsLeft?: number): void;
  /** Ends the stage. `figures` replace those of the last update; without them those stay. */
  finish(figures?: Figures): void;
  /** Ends a stage that will not be completed, for instance because of an error. Without a stage it does nothing. */
  abandon(): void;
}

export interface ProgressOptions {
  /** What a unit is called in `13 ms/step`; of `byte` it is told how many come in a second. @default 'step' */
  unit?: string;
  /** Milliseconds, rising. @default performance.now */
  now?: () => number;
}

/** Where a stage stands, for the formatting functions. */
export interface StageState {
  label: string;
  unit: string;
  done: number;
  /** How many were done when the stage began. */
  before: number;
  total: number;
  /** Seconds since the stage began. */
  seconds: number;
  figures: Figures;
  /** Of the whole work; otherwise what is left of the stage is judged by what it took so far. */
  secondsLeft?: number;
}

/** Milliseconds between two drawings. */
const REDRAW_MS = 100;

/** The bar's width in characters, as in Keras; narrower where the terminal is, down to the least that can be read. */
const BAR_WIDTH = 30;
const NARROWEST_BAR = 10;

/** Figures with names, four significant digits: ` - loss: 2.314 - pitch: 4.02`. */
export function formatFigures(figures: Figures): string {
  return Object.entries(figures)
    .map(([name, value]) => ` - ${name}: ${formatFigure(value)}`)
    .join('');
}

/** Four decimals, or scientific notation for what they would hide: `0.0512`, `2.5000e-5`. */
export function formatFigure(value: number): string {
  if (value === 0 || !Number.isFinite(value)) return String(value);
  const size = Math.abs(value);
  return size < 1e-3 || size >= 1e6 ? value.toExponential(4) : value.toFixed(4);
}

/** The unit of which there are many in a second: what is told of it is not how long one takes. */
const BYTE = 'byte';

/** The time one unit took: `13 ms/step`, `1.25 s/step`, `80 us/step`; of bytes `2.5 MB/s`. */
export function formatRate(seconds: number, units: number, unit: string): string {
  const each = seconds / units;
  if (!(units > 0) || !Number.isFinite(each)) return '';
  if (unit === BYTE) return seconds > 0 ? `${formatBytes(Math.round(1 / each))}/s` : '';
  if (each >= 1) return `${each.toFixed(2)} s/${unit}`;
  if (each >= 1e-3) return `${(each * 1e3).toFixed(0)} ms/${unit}`;
  return `${(each * 1e6).toFixed(0)} us/${unit}`;
}

/** `120/669`, `12.3 MB/59.2 MB`; only what is done where nobody knows of how many. */
function formatDone({ unit, done, total }: StageState): string {
  const shown = unit === BYTE ? formatBytes : String;
  if (total === Infinity) return shown(done);
  return `${shown(done).padStart(shown(total).length)}/${shown(total)}`;
}

/** A bar of `width` characters, `done / total` of them full. */
export function formatBar(done: number, total: number, width: number, unicode: boolean): string {
  const part = total > 0 ? Math.min(1, Math.max(0, done / total)) : 1;
  const full = Math.floor(part * width);
  if (unicode) return '━'.repeat(full) + '─'.repeat(width - full);
  const head = full < width && full > 0 ? '>' : '';
  return '='.repeat(full - head.length) + head + '.'.repeat(width - full);
}

/**
 * The line that is drawn again and again, never wider than `width`. Where not all has room, figures are left out from the
 * right until the bar is wide enough to be read, but for the first; then the bar goes.
 */
export function formatStage(state: StageState, width: number, unicode: boolean): string {
  const { label, unit, done, before, total, seconds, figures } = state;
  const goes = done > before && done < total && total < Infinity;
  const { secondsLeft = goes ? (seconds / (done - before)) * (total - done) : undefined } = state;
  const left = secondsLeft === undefined ? formatSeconds(seconds) : `${formatSeconds(secondsLeft)} left`;
  const rate = formatRate(seconds, done - before, unit);
  const front = `${label ? `${label} ` : ''}${formatDone(state)} `;
  const back = ` ${left}${rate ? ` ${rate}` : ''}`;
  const room = width - front.length - back.length;
  const shown = fittingFigures(figures, room - NARROWEST_BAR);
  const barWidth = room - shown.length;
  const bar = barWidth >= NARROWEST_BAR ? formatBar(done, total, Math.min(BAR_WIDTH, barWidth), unicode) : '';
  return ((bar ? front + bar : front.trimEnd()) + back + shown).slice(0, Math.max(0, width));
}

/** The first figure, and as many more as have room. */
function fittingFigures(figures: Figures, room: number): string {
  const entries = Object.entries(figures);
  let shown = formatFigures(Object.fromEntries(entries.slice(0, 1)));
  for (let count = 2; count <= entries.length; count++) {
    const more = formatFigures(Object.fromEntries(entries.slice(0, count)));
    if (more.length > room) break;
    shown = more;
  }
  return shown;
}

/** The line that stays when a stage has ended: `Epoch 3/50 669/669 9s 13 ms/step - loss: 1.234`. */
export function formatFinished(state: StageState): string {
  const { label, unit, done, before, seconds, figures } = state;
  const rate = formatRate(seconds, done - before, unit);
  return `${label ? `${label} ` : ''}${formatDone(state).trimStart()} ${formatSeconds(seconds)}${rate ? ` ${rate}` : ''}${formatFigures(figures)}`;
}

/** A progress that suits the terminal. */
export function createProgress(terminal: Terminal, options: ProgressOptions = {}): Progress {
  return terminal.quiet || terminal.json ? SILENT : new StageProgress(terminal, options);
}

const SILENT: Progress = {
  start: () => undefined,
  relabel: () => undefined,
  update: () => undefined,
  finish: () => undefined,
  abandon: () => undefined,
};

class StageProgress implements Progress {
  readonly #terminal: Terminal;
  readonly #unit: string;
  readonly #now: () => number;
  readonly #unicode: boolean;
  #state: StageState | undefined;
  #began = 0;
  #drawn = -Infinity;

  constructor(terminal: Terminal, { unit = 'step', now = () => performance.now() }: ProgressOptions) {
    this.#terminal = terminal;
    this.#unit = unit;
    this.#now = now;
    this.#unicode = showsUnicode(terminal.io.env);
  }

  start(total: number, label: string, done = 0): void {
    this.abandon();
    this.#began = this.#now();
    this.#drawn = -Infinity;
    this.#state = { label, unit: this.#unit, done, before: done, total, seconds: 0, figures: {} };
    this.#draw();
  }

  relabel(label: string): void {
    if (this.#state) this.#state.label = label;
  }

  update(done: number, figures?: Figures, secondsLeft?: number): void {
    if (!this.#state) return;
    this.#state.done = done;
    this.#state.secondsLeft = secondsLeft;
    if (figures) this.#state.figures = figures;
    this.#draw();
  }

  finish(figures?: Figures): void {
    if (!this.#state) return;
    const state = this.#advance(figures);
    this.#state = undefined;
    this.#erase();
    this.#terminal.say(formatFinished(state));
  }

  abandon(): void {
    if (!this.#state) return;
    this.#state = undefined;
    this.#erase();
  }

  #advance(figures?: Figures): StageState {
    const state = this.#state!;
    state.seconds = (this.#now() - this.#began) / 1000;
    if (figures) state.figures = figures;
    return state;
  }

  #draw(): void {
    if (!this.#terminal.redraws) return;
    const now = this.#now();
    if (now - this.#drawn < REDRAW_MS) return;
    this.#drawn = now;
    // One character less than the width: a full line makes some terminals wrap.
    const line = formatStage(this.#advance(), this.#terminal.width - 1, this.#unicode);
    this.#terminal.io.stderr.write(`\r${this.#coloured(line)}\u001b[K`);
  }

  #coloured(line: string): string {
    const { green } = this.#terminal.chatterColors;
    return line.replace(/━+|=+>?/, (bar) => green(bar));
  }

  #erase(): void {
    if (this.#terminal.redraws) this.#terminal.io.stderr.write('\r\u001b[K');
  }
}
