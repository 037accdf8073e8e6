import type { SweepEvent } from '../../distributed/sweep.ts';
import { watchedLoss } from '../../distributed/run-state.ts';
import { settingWords } from '../../music/index.ts';
import { digits } from '../../text/numbers.ts';
import { figure, formatTable, quoted, words } from '../../text/table.ts';
import { counted, formatCount, formatSeconds } from '../../text/words.ts';
import type { Terminal } from '../terminal.ts';
import type { RunRow, SweepProgress } from './progress-of-sweep.ts';

/** Shows a sweep while it runs. */
export interface SweepView {
  /** Told after the progress has been. */
  show(event: SweepEvent): void;
  /** Ends the showing, so that lines can be printed. */
  stop(): void;
  /** Told that something else has been printed: what is on the terminal stays there. */
  leave(): void;
}

/** A table that is drawn again and again on a terminal, a line for each job elsewhere, objects with --json, nothing with --quiet. */
export function sweepView(progress: SweepProgress, terminal: Terminal): SweepView {
  if (terminal.json) return new JsonView(progress, terminal);
  if (terminal.quiet) return { show: () => undefined, stop: () => undefined, leave: () => undefined };
  return terminal.redraws ? new TableView(progress, terminal) : new PlainView(progress, terminal);
}

/** A setting of a run that was drawn, as flags. */
export function drawnWords({ run }: Pick<RunRow, 'run'>): string {
  const keys = Object.keys(run.drawn) as (keyof typeof run.drawn)[];
  return settingWords(run.settings, keys).map(quoted).join(' ');
}

/** Lines that stay: nothing is open, and nothing is drawn over. */
abstract class LineView implements SweepView {
  protected readonly progress: SweepProgress;
  protected readonly terminal: Terminal;

  constructor(progress: SweepProgress, terminal: Terminal) {
    this.progress = progress;
    this.terminal = terminal;
  }

  abstract show(event: SweepEvent): void;

  stop(): void {
    // Nothing is open.
  }

  leave(): void {
    // Nothing is drawn over.
  }
}

class JsonView extends LineView {
  show(event: SweepEvent): void {
    const run = this.progress.runs[event.run].id;
    if (event.event === 'progress') {
      const { machine, step, history } = event.progress;
      const epoch = history.at(-1);
      if (epoch) this.terminal.printJson({ event: 'epoch', run, machine, step, epoch: epoch.epoch, loss: watchedLoss(epoch) }); // prettier-ignore
    } else if (event.event === 'result') {
      const { machine, ended, step, history } = event.result;
      const loss = history.length > 0 ? Math.min(...history.map(watchedLoss)) : null;
      this.terminal.printJson({ event: 'result', run, machine, ended, step, loss });
    } else this.terminal.printJson({ ...event, run });
  }
}

class PlainView extends LineView {
  show(event: SweepEvent): void {
    if (event.event !== 'result' && event.event !== 'failed') return;
    const { id, settings, drawn } = this.progress.runs[event.run];
    const end = event.event === 'failed' ? `failed: ${event.why}` : `${describe(event)}  ${drawnWords({ run: { id, settings, drawn } })}`; // prettier-ignore
    this.terminal.say(`${id}  ${end}`);
  }
}

function describe({ result: { ended, step, history } }: SweepEvent & { event: 'result' }): string {
  const losses = history.map(watchedLoss);
  const loss = losses.length > 0 ? digits(Math.min(...losses)) : '–';
  return `loss ${loss}  ${ended === 'steps' ? 'paused' : ended} at step ${formatCount(step)}`;
}

/** Milliseconds between two drawings. */
const REDRAW_MS = 250;
/** More rows than these are for the page. */
const MOST_ROWS = 15;

class TableView implements SweepView {
  readonly #progress: SweepProgress;
  readonly #terminal: Terminal;
  readonly #timer: NodeJS.Timeout;
  /** Lines of the table that stands on the terminal. */
  #lines = 0;

  constructor(progress: SweepProgress, terminal: Terminal) {
    this.#progress = progress;
    this.#terminal = terminal;
    this.#timer = setInterval(() => {
      this.#draw();
    }, REDRAW_MS);
    this.#timer.unref();
  }

  show(event: SweepEvent): void {
    if (event.event !== 'failed') return;
    this.#erase();
    this.#terminal.warn(`${this.#progress.runs[event.run].id} failed: ${event.why}`);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#erase();
  }

  leave(): void {
    this.#lines = 0;
  }

  #draw(): void {
    const { width, height } = this.#terminal;
    // A table that is higher than the terminal could not be drawn over.
    const lines = sweepTable(this.#progress).split('\n').slice(0, height - 1).map((line) => line.slice(0, Math.max(0, width - 1))); // prettier-ignore
    this.#erase();
    this.#terminal.io.stderr.write(`${lines.join('\n')}\n`);
    this.#lines = lines.length;
  }

  #erase(): void {
    if (this.#lines > 0) this.#terminal.io.stderr.write(`\u001b[${this.#lines}A\u001b[J`);
    this.#lines = 0;
  }
}

/** The table: where the sweep stands, and its runs, the best first. */
export function sweepTable(progress: SweepProgress): string {
  const { rows, rungs, runs, machines, ended, atWork, failed, seconds, secondsLeft } = progress;
  const left = secondsLeft === undefined ? '' : `, about ${formatSeconds(secondsLeft)} left`;
  const amiss = failed.size > 0 ? `, ${failed.size} failed` : '';
  const on = machines === undefined ? '' : ` on ${counted(machines, 'machine')}`;
  const head = `${formatCount(ended)} of ${counted(runs.length, 'run')} ended, ${atWork} training${on}${amiss}; ${formatSeconds(seconds)}${left}`; // prettier-ignore
  const begun = rows.filter(({ status }) => status !== 'waiting');
  const shown = begun.slice(0, MOST_ROWS);
  // Who trains is of interest, however bad it is.
  const others = begun.slice(MOST_ROWS).filter((row) => row.atWork);
  const columns = [
    words('Run', 0),
    words('Now', 0),
    figure('Step'),
    figure('Loss'),
    ...rungs.map((rung) => figure(`at ${formatCount(rung)}`)),
    words('Settings', 0),
  ];
  const cells = [...shown, ...others].map((row) => [
    row.id,
    row.status,
    formatCount(row.step),
    number(row.loss),
    ...rungs.map((_, k) => (k < row.atRungs.length ? number(row.atRungs[k]) : '')),
    drawnWords(row),
  ]);
  const more = rows.length - cells.length;
  return [head, formatTable(columns, cells), ...(more > 0 ? [`and ${counted(more, 'more run')}`] : [])].join('\n');
}

function number(value: number | undefined): string {
  return value === undefined ? '–' : digits(value);
}
