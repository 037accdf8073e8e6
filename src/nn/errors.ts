import { DataError, EtudeError, UsageError } from '../errors.ts';

/** Where a value that is not finite was seen first. */
export interface NonFinitePlace {
  /** `optimizer` is what an optimizer keeps, such as Adam's moments. */
  stage: 'parameters' | 'forward' | 'loss' | 'gradient' | 'optimizer';
  /** The layer or head: `lstm.0`, `heads.pitch`. */
  layer: string;
  /** The gate of a recurrent layer (`i`, `f`, `g`, `o` of an LSTM, `r`, `z`, `n` of a GRU), its cell or its output; undefined for heads. */
  gate?: string;
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

/** The loss has been far above that of knowing nothing, and long enough: what is trained here learns nothing any more. */
export class HighLossError extends EtudeError {
  override name = 'HighLossError';
  /** The head with most of the loss. */
  readonly place: NonFinitePlace;
  readonly loss: number;

  constructor(
    head: string,
    loss: number,
    { limit, nothing, steps }: { limit: number; nothing: number; steps: number },
  ) {
    super(
      `For ${steps} steps the loss has been above ${rounded(limit)}, far above the ${rounded(nothing)} of knowing nothing; ` +
        `it is ${rounded(loss)}, most of it of heads.${head}.`,
    );
    this.place = { stage: 'loss', layer: `heads.${head}` };
    this.loss = loss;
  }
}

/** A run that cannot go on. What was saved of it is finite and whole. */
export class DivergedError extends EtudeError {
  override name = 'DivergedError';
  readonly step: number;
  readonly epoch: number;
  readonly learningRate: number;
  readonly place: NonFinitePlace;

  /**
   * @param kept the step of the newest state that was saved; undefined where none was
   */
  constructor(
    cause: NonFiniteError | HighLossError,
    where: { step: number; epoch: number; learningRate: number },
    kept?: number,
  ) {
    super(
      `Training diverged at step ${where.step} (epoch ${where.epoch}): ${cause.message} ` +
        `The learning rate was ${Number(where.learningRate.toPrecision(6))}. ` +
        `Try a learning rate at least ten times smaller, or clip the gradient (--clip 1). ` +
        (kept === undefined
          ? 'Nothing had been saved yet.'
          : `The last good weights, those after step ${kept}, are kept.`),
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
    case 'optimizer':
      return `What the optimizer keeps for ${layer}${part}`;
  }
}

function rounded(value: number): string {
  return value >= 1e5 ? value.toExponential(2) : value.toPrecision(3);
}
