import type { Codec } from '../midi/index.ts';
import {
  OPTIMIZER_DEFAULTS,
  validateSpec,
  type HeadSpec,
  type ModelSpec,
  type OptimizerSpec,
  type ScheduleSpec,
} from '../nn/index.ts';
import { listOf, type Settings } from './settings.ts';

/** The network for what a codec reads and predicts. */
export function modelSpecFor(codec: Codec, settings: Settings): ModelSpec {
  const { cell, layers, dropout, inputDropout, headHidden, lossOn } = settings;
  const lossWeights: Record<string, number> = {
    pitch: settings.pitchWeight,
    step: settings.stepWeight,
    duration: settings.durationWeight,
    velocity: settings.velocityWeight,
  };
  const heads = codec.heads.map(({ name, kind, size, positive }, k): HeadSpec => {
    const lossWeight = lossWeights[name];
    if (kind === 'categorical') {
      const reads = codec.spec.order?.slice(0, k) ?? [];
      const hidden = headHidden;
      return { name, kind, size, lossWeight, ...(reads.length > 0 && { reads }), ...(hidden > 0 && { hidden }) };
    }
    return { name, kind, lossWeight, positivePressure: positive ? settings.positivePressure : 0 };
  });
  const inputs = { ...codec.inputs, ...(inputDropout > 0 && { dropout: inputDropout }) };
  // A model of LSTM says no more than those did that were written before there were other cells.
  const widths = listOf(settings.hiddenSize);
  const hiddenSize = widths[widths.length - 1];
  const differ = widths.some((width) => width !== hiddenSize);
  const lstm = { layers, hiddenSize, dropout, ...(differ && { widths }), ...(cell !== 'lstm' && { cell }) };
  // What is read as a stream is judged so, at every note.
  return validateSpec({ inputs, lstm, heads, lossOn, ...(settings.carryState && { evaluateOn: 'all' as const }) });
}

/** The settings that say how gradients become steps. */
export type OptimizerSettings = Pick<
  Settings,
  'optimizer' | 'momentum' | 'weightDecay' | 'freeze' | 'clip' | 'clipValue'
>;

/** The optimizer that the settings say, with the constants that are no settings. */
export function optimizerFor(settings: OptimizerSettings): OptimizerSpec {
  const { optimizer, momentum, weightDecay, freeze, clip, clipValue } = settings;
  const parts = freeze?.split(',').map((part) => part.trim());
  const common = { clipNorm: clip, clipValue, ...(parts && { freeze: parts }) };
  switch (optimizer) {
    case 'adam':
    case 'rmsprop':
      return { ...OPTIMIZER_DEFAULTS[optimizer], ...common };
    case 'adamw':
      return { ...OPTIMIZER_DEFAULTS.adamw, weightDecay, ...common };
    case 'sgd':
    case 'nesterov':
      return { ...OPTIMIZER_DEFAULTS.sgd, momentum, nesterov: optimizer === 'nesterov', ...common };
  }
}

/** The schedule that the settings say, with the numbers that are no settings. */
export function scheduleFor({ schedule, warmup, flat }: Pick<Settings, 'schedule' | 'warmup' | 'flat'>): ScheduleSpec {
  switch (schedule) {
    case 'constant':
      return { kind: schedule, warmup };
    case 'cosine':
    case 'linear':
      // Down to a hundredth: the last steps only polish.
      return { kind: schedule, final: 0.01, flat, warmup };
    case 'plateau':
      // Halve after two epochs without a gain, down to a hundred-thousandth.
      return { kind: schedule, factor: 0.5, patience: 2, minDelta: 0.001, minimum: 1e-5, warmup };
  }
}
