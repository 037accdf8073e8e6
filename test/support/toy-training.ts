import {
  decodeCheckpoint,
  encodeCheckpoint,
  Trainer,
  type Checkpoint,
  type Engine,
  type ModelSpec,
  type TrainerCallbacks,
  type TrainingConfig,
  type Vary,
} from '../../src/nn/index.ts';
import { TOY_CONFIG, TOY_SPEC, toyData, toyEngine } from './toy-model.ts';

export interface ToyOptions {
  from?: Uint8Array;
  callbacks?: TrainerCallbacks;
  signal?: AbortSignal;
  engine?: Engine;
  vary?: Vary;
  spec?: ModelSpec;
}

/** Trains the toy model and keeps every checkpoint as bytes, the way a run folder would. */
export async function train(change: Partial<TrainingConfig> = {}, options: ToyOptions = {}) {
  const files: Record<'best' | 'last', Uint8Array[]> = { best: [], last: [] };
  const engine = options.engine ?? (await toyEngine());
  const callbacks = {
    ...options.callbacks,
    onCheckpoint: (kind: 'best' | 'last', checkpoint: Checkpoint) =>
      void files[kind].push(encodeCheckpoint(checkpoint)),
  };
  const data = toyData(options.spec ?? TOY_SPEC, options.vary);
  const trainer = new Trainer(engine, data, { ...TOY_CONFIG, ...change }, callbacks, { note: 'toy' });
  if (options.from) await trainer.resume(decodeCheckpoint(options.from));
  const result = await trainer.run(options.signal);
  return { result, files, engine, last: files.last.at(-1)!, best: files.best.at(-1)! };
}
