import type { Dialect } from '../keras-layers/recurrent.ts';

/** What TensorFlow.js takes where a setting is not written down. */
export const TFJS: Dialect = {
  recurrentActivation: 'hard_sigmoid',
  hardSigmoid: 'TensorFlow.js',
  resetAfter: false,
  remedy: "recurrentActivation: 'sigmoid'",
};
