/**
 * A model in one call: `fit` makes and trains one from arrays, `loadModel` reads one that was saved. Knows the network, and no files, no
 * screen and no music.
 *
 * @module
 */
export { fit } from './fit.ts';
export { FittedModel, type FitReason, type ForecastSampling } from './fitted-model.ts';
export { loadModel } from './load-model.ts';
export type { Metrics } from './measure.ts';
export type { FitEpoch, FitOptions } from './options.ts';
export type { Task } from './problem.ts';
export type { Component, Prediction, Value } from './prediction.ts';
export type { Stream } from './stream.ts';
export type {
  Answers,
  AnySequence,
  Classes,
  ClassSequences,
  Numbers,
  NumberSequences,
  RowSequences,
  Sequences,
} from './table.ts';
