/**
 * Training through gpu.js, on a GPU where there is one. `createEngine` loads this when a backend asks for it; here is what
 * benchmarks and pages need beside. gpu.js itself is loaded when a device is opened.
 *
 * @module etude-lstm/gpu
 */
export { createGpuEngine } from './create-gpu-engine.ts';
export { GpuEngine, type GpuEngineOptions } from './gpu-engine.ts';
export { countEvaluationPlan, type EvaluationPlanCounts, type EvaluationShape } from './evaluation-plan.ts';
export { assertFits, planEvaluationsFor, planStepsFor } from './fit.ts';
export { countTrainingPlan, type TrainingPlanCounts, type TrainingPlanShape } from './plans.ts';
export { describeRun } from './what-ran.ts';
export { GpuDevice } from '../../tensor/gpu/device.ts';
export { listGpuModes, openGpu, type GpuModeReport } from '../../tensor/gpu/open.ts';
export { PlanRecorder, type PlanCounts, type RecordedLaunch } from '../../tensor/gpu/recorder.ts';
