import { noteTable, type Corpus } from 'etude-lstm/midi';
import { createTrainingRun, prepareData, resolveSettings, type TrainingRun } from 'etude-lstm/music';
import type { StepReport } from 'etude-lstm/nn';

/** A piece as the build wrote it: its notes column by column. */
export interface SongbookPiece {
  name: string;
  pitch: number[];
  velocity: number[];
  start: number[];
  end: number[];
}

/** What the reader of the page can choose. */
export interface Choice {
  backend: string;
  hiddenSize: number;
  batchSize: number;
}

/** A run that is ready, and why it is not what was asked for, where it is not. */
export interface ReadyRun {
  run: TrainingRun;
  heads: string[];
  fallback?: string;
}

/** The page draws and listens at least so often, in milliseconds. */
const BREATH_MS = 40;

/**
 * Lays out a training run on the songbook. Where `gpu` finds no GPU it takes SIMD and says why; a mode that was asked for by
 * its name is not replaced.
 */
export async function prepareRun(
  pieces: readonly SongbookPiece[],
  { backend, ...sizes }: Choice,
  onStep: (report: StepReport) => void,
): Promise<ReadyRun> {
  const settings = resolveSettings('quick', { ...sizes, seqLength: 24, stepsPerEpoch: 100, validationWindows: 256 });
  const data = prepareData(corpusOf(pieces), settings);
  const breathe = breather();
  const callbacks = {
    onStep: (report: StepReport): Promise<void> => {
      onStep(report);
      return breathe();
    },
  };
  const create = (name: string): Promise<TrainingRun> =>
    createTrainingRun(data, settings, 'quick', { backend: name, threads: 1 }, callbacks);
  const heads = data.spec.heads.map(({ name }) => name);
  try {
    return { run: await create(backend), heads };
  } catch (error) {
    if (backend !== 'gpu' || !isMissingGpu(error)) throw error;
    return { run: await create('simd'), heads, fallback: error.message };
  }
}

/** No GPU, or one that is too small; by name, since each entry of the package has errors of its own. */
function isMissingGpu(error: unknown): error is Error {
  return error instanceof Error && ['GpuUnavailableError', 'GpuLimitError'].includes(error.name);
}

function corpusOf(pieces: readonly SongbookPiece[]): Corpus {
  return {
    pieces: pieces.map(({ name, pitch, velocity, start, end }) => ({
      path: name,
      name,
      digest: name,
      problems: [],
      table: noteTable(pitch.map((_, n) => ({ pitch: pitch[n], velocity: velocity[n], start: start[n], end: end[n] }))),
    })),
    skipped: [],
    missing: [],
    duplicates: [],
    cached: 0,
  };
}

/** Lets the browser do its own work every now and then: kernels on the processor would leave it no time. */
function breather(): () => Promise<void> {
  let last = performance.now();
  return async () => {
    if (performance.now() - last < BREATH_MS) return;
    await new Promise((resolve) => setTimeout(resolve));
    last = performance.now();
  };
}
