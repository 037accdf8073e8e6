import type { Dialect } from '../keras-layers/settings.ts';

/** What TensorFlow.js takes where a setting is not written down. */
export const TFJS: Dialect = {
  recurrentActivation: 'hard_sigmoid',
  resetAfter: false,
  remedy: "recurrentActivation: 'sigmoid'",
};
