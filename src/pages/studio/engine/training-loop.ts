import { EtudeError, messageOf } from '../../../errors.ts';
import type { StepReport, Trainer, TrainerCallbacks } from '../../../nn/index.ts';
import type { StepNews, Tell } from '../protocol.ts';
import { Gate } from './gate.ts';

/** How often the page hears of steps, in milliseconds: more than it can show would only cost time. */
const NEWS_EVERY = 100;

/** What is done at points of a training, and waited for. */
export interface LoopHooks {
  /** When news have just been told: the time to look at the network. */
  onNews(): Promise<void>;
  /**
   * When the run is over, before that is told; ends when the signal is aborted.
   * @returns why the memory could not be fitted
   */
  onEnd(signal: AbortSignal): Promise<string | undefined>;
}

/** Runs a trainer step by step: lets it go on and stops it, and tells the page what happens. */
export class TrainingLoop {
  /** What the trainer calls. */
  readonly callbacks: TrainerCallbacks;
  readonly #tell: Tell;
  readonly #hooks: LoopHooks;
  readonly #gate = new Gate();
  readonly #abort = new AbortController();
  #trainer?: Trainer;
  #finished?: Promise<void>;
  #ended = false;
  #news: StepNews[] = [];
  #lastNews = 0;
  #stepBegan = 0;
  /** How long it has stood still, in milliseconds. */
  #paused = 0;
  /** Whether no step is being taken, nor will be before somebody says so. */
  #still = true;
  #between: (() => Promise<void>)[] = [];
  /** Steps that the network has taken. */
  step = 0;

  constructor(tell: Tell, hooks: LoopHooks) {
    this.#tell = tell;
    this.#hooks = hooks;
    this.callbacks = {
      onStep: (report) => this.#afterStep(report),
      onEpoch: (record) => this.#tell('epoch', record),
    };
  }

  attach(trainer: Trainer): void {
    this.#trainer = trainer;
  }

  /** A clock that stands still while the training does, in milliseconds: only then is time that was not trained. */
  now(): number {
    return performance.now() - this.#paused;
  }

  /** Takes so many steps, or goes on until told otherwise. */
  start(steps: number): void {
    if (this.#ended) {
      this.#tell('trouble', {
        name: 'RunEnded',
        message: 'This run has ended: reset to start again, with more epochs or patience if it ended too soon.',
      });
      return;
    }
    this.#gate.allow(steps);
    this.#stepBegan = performance.now();
    this.#finished ??= this.#run();
  }

  pause(): void {
    this.#gate.close();
  }

  /**
   * Does something while no step is being taken: at once where the training stands still, or else after the step that is.
   * What reads the trainer's state must go this way: threads take their steps while messages come in.
   */
  between<T>(work: () => Promise<T>): Promise<T> {
    if (this.#still) return work();
    return new Promise((resolve, reject) => {
      this.#between.push(() => work().then(resolve, reject));
    });
  }

  /** Ends the run where it stands; returns when no step is being taken any more. */
  async end(): Promise<void> {
    this.#abort.abort();
    this.#gate.allow(Infinity);
    await this.#finished;
  }

  async #run(): Promise<void> {
    this.#still = false;
    try {
      const { reason, step, best } = await this.#trainer!.run(this.#abort.signal);
      this.#ended = true;
      await this.#standStill();
      this.#tellNews();
      if (this.#abort.signal.aborted) return;
      const notFitted = await this.#hooks.onEnd(this.#abort.signal);
      this.#tell('ended', { reason, step, best, ...(notFitted !== undefined && { notFitted }) });
    } catch (thrown) {
      // Whoever ends it while it is being finished does not want to hear of it.
      if (this.#ended && this.#abort.signal.aborted) return;
      this.#ended = true;
      await this.#standStill();
      this.#tellNews();
      const name = thrown instanceof EtudeError ? thrown.name : 'Error';
      this.#tell('trouble', { name, message: messageOf(thrown) });
    }
  }

  async #afterStep(report: StepReport): Promise<void> {
    const { step, epoch, losses, loss, gradientNorm, clipped, learningRate, secondsLeft } = report;
    const now = performance.now();
    const milliseconds = now - this.#stepBegan;
    this.step = step;
    this.#news.push({ step, epoch, losses, loss, gradientNorm, clipped, learningRate, secondsLeft, milliseconds });
    if (now - this.#lastNews > NEWS_EVERY && this.#gate.left > 1) await this.#tellAndLook();
    let stopped = Infinity;
    await this.#gate.pass(async () => {
      stopped = performance.now();
      await this.#standStill();
      if (this.#abort.signal.aborted) return;
      await this.#tellAndLook();
      this.#tell('paused', { step });
    });
    this.#still = false;
    await this.#doBetween();
    this.#stepBegan = performance.now();
    this.#paused += Math.max(0, this.#stepBegan - stopped);
  }

  async #standStill(): Promise<void> {
    this.#still = true;
    await this.#doBetween();
  }

  async #doBetween(): Promise<void> {
    for (const work of this.#between.splice(0)) await work();
  }

  async #tellAndLook(): Promise<void> {
    this.#tellNews();
    await this.#hooks.onNews();
  }

  #tellNews(): void {
    this.#lastNews = performance.now();
    if (this.#news.length === 0) return;
    this.#tell('steps', this.#news);
    this.#news = [];
  }
}
