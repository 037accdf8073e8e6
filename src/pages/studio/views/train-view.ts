import { headName } from '../../../music/head-words.ts';
import { windowsOfStep } from '../../../music/settings.ts';
import type { EpochRecord } from '../../../nn/index.ts';
import { formatSeconds } from '../../../text/words.ts';
import { byId, element } from '../../kit/browser/elements.ts';
import { LossHistory, Pace, type Curves } from '../history.ts';
import type { ModelInfo, StepNews } from '../protocol.ts';
import { LineChart } from '../../kit/browser/line-chart.ts';
import type { Tooltip } from '../../kit/browser/tooltip.ts';

/** Losses, pace and buttons of the training. */
export class TrainView {
  readonly start = byId<HTMLButtonElement>('start');
  readonly step = byId<HTMLButtonElement>('step');
  readonly reset = byId<HTMLButtonElement>('reset');
  /** Shown where the network has learned other music than what is there. */
  readonly trainOn = byId<HTMLButtonElement>('train-on');
  readonly #losses: LineChart;
  readonly #norms: LineChart;
  readonly #facts = new Map<string, HTMLElement>();
  readonly #status = element('p', { class: 'status', id: 'status', role: 'status' });
  #history = new LossHistory([]);
  #pace = new Pace();
  #model?: ModelInfo;
  #frames = new FrameMeter();

  constructor(tooltip: Tooltip) {
    this.#losses = new LineChart('Loss of each head', 'nats, or squared error', 'training step', tooltip);
    this.#norms = new LineChart('Norm of the gradient', 'before clipping', 'training step', tooltip);
    const list = element('dl', { class: 'facts' });
    for (const name of [
      'step',
      'time left',
      'epoch',
      'loss',
      'validation',
      'ms a step',
      'notes a second',
      'frames a second',
    ]) {
      const value = element('dd', {}, '–');
      this.#facts.set(name, value);
      list.append(element('div', {}, element('dt', {}, name), value));
    }
    byId('train').append(this.#status, list, element('div', { class: 'pair' }, this.#losses.root, this.#norms.root));
  }

  /** What is going on, in words. */
  say(text: string): void {
    this.#status.textContent = text;
  }

  /** Begins anew with a network. */
  setModel(model: ModelInfo): void {
    this.#model = model;
    this.#pace = new Pace();
    const heads = model.spec.heads.map(({ name }) => name);
    this.#history = new LossHistory(heads);
    this.#losses.setLines(heads.map(headName));
    this.#norms.setLines(['norm']);
    for (const value of this.#facts.values()) value.textContent = '–';
    this.#fact('step', stepOf(model.step, model.mostSteps));
    // Only where the clock ends the run somebody knows.
    this.#facts.get('time left')!.parentElement!.hidden = model.settings.minutes === null || !model.trainable;
  }

  /** The curves so far, to be kept. */
  get curves(): Curves {
    return this.#history.curves;
  }

  /** Goes on from curves that were kept, for the network that is there. */
  goOn(curves: Curves): void {
    this.#history = LossHistory.from(curves, this.#history.heads);
    this.#drawCurves();
  }

  setRunning(running: boolean): void {
    this.start.textContent = running ? 'Pause' : 'Start';
    this.start.setAttribute('aria-pressed', String(running));
    this.step.disabled = running;
    this.#frames.run(running, (frames) => this.#fact('frames a second', String(frames)));
  }

  addSteps(news: readonly StepNews[]): void {
    const last = news.at(-1);
    if (!last || !this.#model) return;
    for (const step of news) {
      this.#history.add(step);
      this.#pace.add(step.milliseconds);
    }
    this.#drawCurves();
    const { settings, stepsPerEpoch, mostSteps, windows } = this.#model;
    const notes = Math.min(windowsOfStep(settings), windows) * settings.seqLength;
    this.#fact('step', stepOf(last.step, mostSteps));
    if (last.secondsLeft !== undefined) this.#fact('time left', formatSeconds(last.secondsLeft));
    this.#fact('epoch', `${last.epoch}, step ${((last.step - 1) % stepsPerEpoch) + 1} of ${format(stepsPerEpoch)}`);
    this.#fact('loss', last.loss.toFixed(4));
    this.#fact('ms a step', this.#pace.median.toFixed(1));
    this.#fact('notes a second', format(Math.round((notes * 1000) / this.#pace.median)));
  }

  addEpoch({ epoch, validation }: EpochRecord): void {
    if (validation) this.#fact('validation', `${validation.loss.toFixed(4)}, epoch ${epoch}`);
  }

  #drawCurves(): void {
    this.#losses.setData(this.#history.losses);
    this.#norms.setData(this.#history.norms);
  }

  #fact(name: string, text: string): void {
    this.#facts.get(name)!.textContent = text;
  }
}

/** Counts the frames that the page really draws. */
class FrameMeter {
  #frames = 0;
  #since = 0;
  #request = 0;

  run(running: boolean, tell: (frames: number) => void): void {
    cancelAnimationFrame(this.#request);
    if (!running) return;
    this.#frames = 0;
    this.#since = performance.now();
    const tick = (): void => {
      this.#frames++;
      const passed = performance.now() - this.#since;
      if (passed > 1000) {
        tell(Math.round((1000 * this.#frames) / passed));
        this.#frames = 0;
        this.#since = performance.now();
      }
      this.#request = requestAnimationFrame(tick);
    };
    this.#request = requestAnimationFrame(tick);
  }
}

/** A run that the clock ends has no number of steps. */
function stepOf(step: number, most: number): string {
  return Number.isFinite(most) ? `${format(step)} of ${format(most)}` : format(step);
}

function format(value: number): string {
  return Number.isFinite(value) ? value.toLocaleString('en') : '∞';
}
