import type { Codec } from '../midi/index.ts';
import { validateSpec, type HeadSpec, type ModelSpec, type ScheduleSpec } from '../nn/index.ts';
import type { Settings } from './settings.ts';

/** The network for what a codec reads and predicts. */
export function modelSpecFor(codec: Codec, settings: Settings): ModelSpec {
  const { layers, hiddenSize, dropout, lossOn } = settings;
  const lossWeights: Record<string, number> = {
    pitch: settings.pitchWeight,
    step: settings.stepWeight,
    duration: settings.durationWeight,
    velocity: settings.velocityWeight,
  };
  const heads = codec.heads.map(({ name, kind, size, positive }): HeadSpec => {
    const lossWeight = lossWeights[name];
    if (kind === 'categorical') return { name, kind, size, lossWeight };
    return { name, kind, lossWeight, positivePressure: positive ? settings.positivePressure : 0 };
  });
  return validateSpec({ inputs: codec.inputs, lstm: { layers, hiddenSize, dropout }, heads, lossOn });
}

/** The schedule that a setting's name stands for, with the numbers that are no settings. */
export function scheduleFor(name: Settings['schedule']): ScheduleSpec {
  switch (name) {
    case 'constant':
      return { kind: 'constant' };
    case 'cosine':
      // Down to a hundredth: the last steps only polish.
      return { kind: 'cosine', final: 0.01 };
    case 'plateau':
      // Halve after two epochs without a gain, down to a hundred-thousandth.
      return { kind: 'plateau', factor: 0.5, patience: 2, minDelta: 0.001, minimum: 1e-5 };
  }
}
