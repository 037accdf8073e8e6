/** Probes: what a model does inside, as numbers. None of it runs, or costs anything, unless it is asked for. */
export { ProbedModel, type HeadWeights, type LayerWeights, type ReluWeights } from './model.ts';
export { ablationParts, type Ablation } from './ablation.ts';
export { recordModel, recordSequence, type RecordingOptions } from './recording.ts';
export {
  recordedQuantities,
  type HeadRecording,
  type LayerRecording,
  type NetworkState,
  type ProbedSequence,
  type Recording,
} from './recorded.ts';
export type { Prediction } from './prediction.ts';
export {
  gradientThroughTime,
  type ChosenLoss,
  type GradientThroughTime,
  type GradientThroughTimeOptions,
  type LayerGradient,
} from './gradient-through-time.ts';
export {
  saliency,
  SaliencyProbe,
  songSaliency,
  type Attribution,
  type HeadSaliency,
  type SaliencyOptions,
  type SongSaliency,
  type SongSaliencyOptions,
} from './saliency.ts';
export {
  integratedGradients,
  IntegratedGradientsProbe,
  type IntegratedAttribution,
  type IntegratedGradientsOptions,
} from './integrated-gradients.ts';
export { AblationProbe, evaluateAblations, type AblationLosses, type AblationOptions } from './ablation-probe.ts';
export {
  describeNumbers,
  describeParameters,
  type Distribution,
  type ParameterDescription,
} from './describe-parameters.ts';
