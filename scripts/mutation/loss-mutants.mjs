// Errors planted in the losses that have no kernel, and in what rows count.

import { mutantsOf } from './mutants-of.mjs';

export const LOSS_MUTANTS = [
  ...mutantsOf('src/nn/losses/categorical.ts', 'losses', [
    [
      'classes: smoothing left out',
      '(smoothing / size + (k === target ? 1 - smoothing : 0))',
      '(k === target ? 1 : 0)',
    ],
    ['classes: weights left out of the gradient', 'gradient[k] += all *', 'gradient[k] +='],
    ['classes: sign of the target', 'gradient[k] = -part', 'gradient[k] = part'],
    ['classes: the mean not weighed', 'weight: ([target]: Float64Array) => weightOf(target)', 'weight: () => 1'],
  ]),
  ...mutantsOf('src/nn/losses/pointwise.ts', 'losses', [
    ['numbers: sum instead of mean', 'gradient[k] = derivative / size', 'gradient[k] = derivative'],
    ['squared: half the slope', '2 * (p - target) - (p < 0', '(p - target) - (p < 0'],
    ['squared: pressure left out', '(p < 0 ? positivePressure : 0)', '0'],
    ['absolute: sign', 'Math.sign(p - target)', 'Math.sign(target - p)'],
    ['huber: a line everywhere', '[d * d / 2, d]', '[delta * Math.abs(d), delta * Math.sign(d)]'],
    ['binary: target left out', 'sigmoid(z) - target', 'sigmoid(z)'],
  ]),
  ...mutantsOf('src/nn/losses/quantile.ts', 'losses', [
    ['quantile: levels mixed up', 'levels[k % count]', 'levels[0]'],
    ['quantile: targets mixed up', 'targets[Math.floor(k / count)]', 'targets[0]'],
    ['quantile: the same on both sides', '(d > 0 ? -q : d < 0 ? 1 - q : 0)', '-q'],
  ]),
  ...mutantsOf('src/nn/losses/likelihood.ts', 'losses', [
    ['gaussian: slope of the mean', '(-d * Math.exp(-s)) / size', '-d / size'],
    ['gaussian: slope of the deviation', '(1 - d * d) / size', '(d * d) / size'],
    ['mixture: nobody is responsible', 'Math.exp(parts[c] - logDensity)', '1 / components'],
    ['mixture: sum instead of mean', 'gradient[k] /= size', 'gradient[k] /= 1'],
  ]),
  ...mutantsOf('src/nn/losses/row-losses.ts', 'ragged', [
    ['rows: weights left out of the loss', 'sum += weight * this', 'sum += this'],
    ['rows: weights left out of the gradient', 'scale * (weights ? weights.data[row] : 1)', 'scale'],
  ]),
  ...mutantsOf('src/nn/row-weights.ts', 'ragged', [
    ['rows: one step too many', 't === length - 1 : t < length', 't === length - 1 : t <= length'],
    ['rows: not the last step', 't === length - 1 : t < length', 't === 0 : t < length'],
    ['rows: what is ignored counts', 'classes.every((each) => each[row] >= 0)', 'true'],
    ['rows: a head that is read may be ignored', '[head.name, ...(head.reads ?? [])]', '[head.name]'],
    ['rows: weights of the sequences left out', '(weights?.[b] ?? 1)', '1'],
    ['rows: those of another thread', 'b >= from && b < from + count', 'b < from + count'],
  ]),
];
