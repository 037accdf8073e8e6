import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { EtudeError } from '../../errors.ts';
import { generateNotes, GENERATION_SAMPLING, instrumentOf, midiOf, musicModel } from '../../music/index.ts';
import { type Checkpoint, type EpochRecord, type StepReport, type TrainerCallbacks } from '../../nn/index.ts';
import { FileError, writeFileAtomic } from '../files.ts';
import type { LogFile } from '../log-file.ts';
import { createProgress, type Figures, type Progress } from '../progress.ts';
import { writeCheckpoint, type RunPaths } from '../run-folder.ts';
import type { Terminal } from '../terminal.ts';
import type { SampleLength } from './run-config.ts';
import { notesOf } from './sample.ts';

/** For how long steps may follow each other before Ctrl-C and timers have their turn, in milliseconds. */
const SLICE_MS = 50;

/** Steps between two lines of the log inside an epoch; the first has a line, too. */
const STEPS_PER_LINE = 50;

/** What a recorder keeps of a run. */
export interface RecorderOptions {
  terminal: Terminal;
  paths: RunPaths;
  log: LogFile;
  /** The names of the heads, in order. */
  heads: readonly string[];
  /** Notes of the samples on the way; null draws none. */
  sampleNotes: SampleLength;
  seed: number;
}

/** Shows a training run and puts it on disk: progress, log, checkpoints, samples. */
export class RunRecorder implements TrainerCallbacks {
  readonly #options: RecorderOptions;
  readonly #progress: Progress;
  #sliceEnd = 0;
  /** The epoch that the bar is at. */
  #shown = 0;
  #round?: string;
  #epochBegan = performance.now();
  #newest?: Checkpoint;

  constructor(options: RecorderOptions) {
    this.#options = options;
    this.#progress = createProgress(options.terminal);
  }

  async onStep(report: StepReport): Promise<void> {
    const { epoch, epochs, batch, batches, step, meanLoss, meanLosses, secondsLeft } = report;
    const label = `Epoch ${epoch}${epochs === null ? '' : `/${epochs}`}`;
    if (epoch !== this.#shown) this.#progress.start(batches, label, batch - 1);
    this.#shown = epoch;
    if (this.#round !== undefined) this.#progress.relabel(`${label}, ${this.#round}`);
    this.#progress.update(batch, this.#figures(meanLoss, meanLosses), secondsLeft);
    if (step === 1 || step % STEPS_PER_LINE === 0) this.#logStep(report);
    if (performance.now() < this.#sliceEnd) return;
    await setImmediate();
    this.#sliceEnd = performance.now() + SLICE_MS;
  }

  onCheckpoint(kind: 'best' | 'last', checkpoint: Checkpoint): void {
    writeCheckpoint(this.#options.paths[kind], checkpoint);
    this.#newest = checkpoint;
  }

  async onEpoch(record: EpochRecord): Promise<void> {
    const { terminal, log } = this.#options;
    const seconds = (performance.now() - this.#epochBegan) / 1000;
    this.#epochBegan = performance.now();
    this.#progress.finish(this.#epochFigures(record));
    log.append({ event: 'epoch', ...record, seconds });
    if (terminal.json) terminal.printJson({ event: 'epoch', ...record, seconds });
    if (this.#options.sampleNotes !== null && isMilestone(record.epoch)) this.#writeSample(record.epoch);
    await setImmediate();
  }

  /** Names the round that the next steps are of, where there are rounds. */
  showRound(round: string): void {
    this.#round = round;
  }

  /** Removes the bar of an epoch that will not be finished. */
  stop(): void {
    this.#progress.abandon();
  }

  #logStep({ epoch, step, loss, losses, learningRate, gradientNorm, clipped }: StepReport): void {
    const named = Object.fromEntries(this.#options.heads.map((name, k) => [name, losses[k]]));
    this.#options.log.append({ event: 'step', step, epoch, loss, losses: named, learningRate, gradientNorm, clipped });
  }

  #figures(loss: number, losses: readonly number[]): Figures {
    return { loss, ...Object.fromEntries(this.#options.heads.map((name, k) => [name, losses[k]])) };
  }

  #epochFigures({ loss, losses, validation }: EpochRecord): Figures {
    if (!validation) return { loss, ...losses };
    const validated = Object.entries(validation.losses).map(([name, value]) => [`val_${name}`, value]);
    return { loss, ...losses, val_loss: validation.loss, ...Object.fromEntries(validated) };
  }

  /** What the model of this moment plays, always after the same primer and with the same seed. */
  #writeSample(epoch: number): void {
    const { paths, sampleNotes, seed, terminal } = this.#options;
    const { spec, parameters, extra } = this.#newest!;
    const model = musicModel({ spec, parameters, extra });
    const path = join(paths.samples, sampleName(epoch));
    try {
      const { played, beats } = generateNotes(model, {
        ...GENERATION_SAMPLING,
        notes: notesOf(model, sampleNotes!),
        seed,
      });
      writeFileAtomic(path, midiOf(played, instrumentOf(model), beats), { force: true });
    } catch (thrown) {
      // Music on the way is not worth a run; a full disk is told by the next checkpoint.
      if (!(thrown instanceof EtudeError) || thrown instanceof FileError) throw thrown;
      terminal.warn(`No sample of epoch ${epoch}: ${thrown.message}`);
    }
  }
}

/** `epoch-005.mid` */
export function sampleName(epoch: number): string {
  return `epoch-${String(epoch).padStart(3, '0')}.mid`;
}

/** The epochs 1, 2, 5, 10, 20, 50, 100 and so on: enough to hear it learn. */
export function isMilestone(epoch: number): boolean {
  return /^[125]0*$/.test(String(epoch));
}
