import { DataError, EtudeError, UsageError } from '../errors.ts';

/** Where a value that is not finite was seen first. */
export interface NonFinitePlace {
  stage: 'parameters' | 'forward' | 'loss' | 'gradient';
  /** The layer or head: `lstm.0`, `heads.pitch`. */
  layer: string;
  /** The gate of an LSTM layer, its cell or its output; undefined for heads. */
  gate?: 'i' | 'f' | 'g' | 'o' | 'c' | 'h';
  /** The step of the sequence, from 0, where that is known. */
  timeStep?: number;
}

/** A training step met a value that is not finite. The engine is as it was before that step. */
export class NonFiniteError extends EtudeError {
  override name = 'NonFiniteError';
  readonly place: NonFinitePlace;
  readonly loss: number;
  readonly gradientNorm: number;

  constructor(place: NonFinitePlace, loss: number, gradientNorm: number) {
    super(`${describePlace(place)} is not finite (loss ${loss}, gradient norm ${gradientNorm}).`);
    this.place = place;
    this.loss = loss;
    this.gradientNorm = gradientNorm;
  }
}

/** A run that cannot go on. The weights before the step that failed are in the checkpoint `last`. */
export class DivergedError extends EtudeError {
  override name = 'DivergedError';
  readonly step: number;
  readonly epoch: number;
  readonly learningRate: number;
  readonly place: NonFinitePlace;

  constructor(cause: NonFiniteError, where: { step: number; epoch: number; learningRate: number }) {
    super(
      `Training diverged at step ${where.step} (epoch ${where.epoch}): ${cause.message} ` +
        `The learning rate was ${where.learningRate}. Try a learning rate ten times smaller, or clip the gradient (--clip 1). ` +
        `The last good weights are kept; resuming from them replays this step.`,
      { cause },
    );
    this.step = where.step;
    this.epoch = where.epoch;
    this.learningRate = where.learningRate;
    this.place = cause.place;
  }
}

/** A worker thread ended while it was needed. The weights are those of the last whole step. */
export class WorkerError extends EtudeError {
  override name = 'WorkerError';

  constructor(thread: number, cause: Error) {
    super(
      `Thread ${thread} of the training engine died (${cause.message}). The weights of the last whole step are kept; ` +
        `resume, with --threads 1 if it happens again.`,
      { cause },
    );
  }
}

/** A number that a network cannot learn from or predict: a class that does not exist, a value that is not finite. */
export class InputError extends DataError {
  override name = 'InputError';
}

/** An engine was called after it had been disposed of. */
export class DisposedError extends UsageError {
  override name = 'DisposedError';

  constructor() {
    super('The engine was disposed of and takes no more calls. Make another with createEngine.');
  }
}

/** A file that is no checkpoint of ours, is torn, or belongs to another architecture. */
export class CheckpointError extends EtudeError {
  override name = 'CheckpointError';
}

function describePlace({ stage, layer, gate, timeStep }: NonFinitePlace): string {
  const part = gate === undefined ? '' : gate === 'c' ? ', cell state' : gate === 'h' ? ', output' : `, gate ${gate}`;
  const when = timeStep === undefined ? '' : ` at time step ${timeStep}`;
  switch (stage) {
    case 'parameters':
      return `A weight of ${layer}${part}`;
    case 'forward':
      return `The forward pass through ${layer}${part}${when}`;
    case 'loss':
      return `The loss of ${layer}`;
    case 'gradient':
      return `The gradient of ${layer}${part}`;
  }
}
