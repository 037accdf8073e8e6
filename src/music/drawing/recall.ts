import { UsageError } from '../../errors.ts';
import type { Codec } from '../../midi/index.ts';
import { createKernels, type Kernels } from '../../tensor/index.ts';
import { GENERATION_RECALL, MATCH_PARAMETERS, needsStates, PieceMemory, type RecallOptions } from '../memory/index.ts';
import type { MusicModel } from '../music-model.ts';

/** How strongly a model's music recalls itself unless somebody says: models that draw a note part by part, in an order, do. */
export function defaultRecall({ codec }: Pick<MusicModel, 'codec'>): number {
  return codec.spec.order ? GENERATION_RECALL.recall : 0;
}

/** Whether a model's notes are classes throughout, so that they can be recalled. */
export function canRecall({ heads }: Codec): boolean {
  return heads.every(({ name, kind }) => kind === 'categorical' || name === 'velocity');
}

/**
 * A memory for a model: with the numbers that were fitted for it, the defaults where none were.
 *
 * @param kernels compute the likeness of states, where the memory compares them
 * @throws UsageError when the model's notes are no classes, or an option is out of range
 */
export function createMemory(model: MusicModel, recall: RecallOptions, kernels?: Kernels): PieceMemory {
  const { codec, spec, memory: parameters = MATCH_PARAMETERS } = model;
  if (!canRecall(codec)) {
    throw new UsageError(
      'recall: this model predicts times as numbers, and only classes can be recalled. Take --recall 0, or train with --step bins --duration bins.',
    );
  }
  const keys = { kernels: kernels ?? createKernels('reference'), width: spec.lstm.hiddenSize };
  return new PieceMemory({
    parameters,
    stepSeconds: stepSeconds(codec),
    recall,
    ...(needsStates(parameters) && { keys }),
  });
}

/** The seconds of each class of steps. */
export function stepSeconds(codec: Codec): Float64Array {
  const classes = codec.heads.find(({ name }) => name === 'step')?.size ?? 0;
  return Float64Array.from({ length: classes }, (_, step) =>
    step === codec.endClass ? 0 : codec.secondsOf('step', step),
  );
}
