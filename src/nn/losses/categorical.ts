import { logSumExp } from '../log-sum-exp.ts';
import type { Loss } from './loss.ts';

/** What can be asked of the cross-entropy of classes beside its plain form. */
export interface CategoricalOptions {
  /** The part of the target that is spread over all classes, in [0, 1) (Szegedy et al. 2016). @default 0 */
  smoothing?: number;
  /** How much a row of each class counts; 1 each unless given. The loss is then the weighted mean, as PyTorch has it. */
  classWeights?: readonly number[];
}

/**
 * Softmax and cross-entropy from logits, in nats. With smoothing ε the target of a row is 1 - ε + ε/V for its class and ε/V
 * for each other; with class weights w each class's part counts w times (PyTorch's CrossEntropyLoss).
 */
export function categorical(size: number, { smoothing = 0, classWeights }: CategoricalOptions = {}): Loss {
  const weightOf = (k: number): number => classWeights?.[k] ?? 1;
  return {
    outputs: size,
    targets: 1,
    row(values, [target], gradient) {
      const log = logSumExp(values);
      let loss = 0;
      let all = 0;
      for (let k = 0; k < size; k++) {
        const part = weightOf(k) * (smoothing / size + (k === target ? 1 - smoothing : 0));
        loss += part === 0 ? 0 : part * (log - values[k]);
        all += part;
        gradient[k] = -part;
      }
      for (let k = 0; k < size; k++) gradient[k] += all * Math.exp(values[k] - log);
      return loss;
    },
    ...(classWeights && { weight: ([target]: Float64Array) => weightOf(target) }),
    predict(values) {
      const log = logSumExp(values);
      for (let k = 0; k < size; k++) values[k] = Math.exp(values[k] - log);
    },
  };
}
