import { IntegratedGradientsProbe, ProbedModel, SaliencyProbe, type Recording, type Weights } from '../nn/index.ts';
import type { Kernels } from '../tensor/index.ts';
import { quantise } from './byte-matrix.ts';
import type { StudyIntegrated, StudySaliency } from './study-data.ts';

export interface SaliencyRequest extends Weights {
  /** Of the whole song. */
  recording: Recording;
  detail: { from: number; to: number };
  lags: number;
  /** Notes whose predictions get integrated gradients. */
  at: readonly number[];
  kernels: Kernels;
  onHead?: (done: number, total: number) => void;
}

/** Which past notes, and what of them, each prediction of the detail rests on. */
export function studySaliency(request: SaliencyRequest): StudySaliency {
  const { spec, parameters, recording, detail, at, kernels, onHead } = request;
  const model = new ProbedModel(spec, parameters, kernels);
  const lags = Math.min(request.lags, recording.steps);
  const probe = new SaliencyProbe(model, recording, lags);
  // Note n is predicted by step n - 1, and nothing predicts note 0.
  const first = Math.max(1, detail.from);
  const inputs = [...spec.inputs.categories.map(({ name }) => name), ...spec.inputs.features];
  const heads = spec.heads.map(({ name }, k) => {
    const [{ attributions }] = probe.song({ heads: [name], steps: [first - 1, detail.to - 1] }).heads;
    onHead?.(k + 1, spec.heads.length + at.length * spec.heads.length);
    const width = lags * inputs.length;
    const values = new Float32Array((detail.to - detail.from) * width).fill(NaN);
    values.set(attributions, (first - detail.from) * width);
    for (let note = first; note < Math.min(detail.to, lags); note++) {
      const row = (note - detail.from) * width;
      values.fill(NaN, row + note * inputs.length, row + width);
    }
    return { name, values: quantise(values, detail.to - detail.from, width, { byRow: true }) };
  });
  return { lags, inputs, heads, integrated: at.length > 0 ? integrate(model, request, lags, inputs.length) : [] };
}

function integrate(
  model: ProbedModel,
  { recording, at, spec, onHead }: SaliencyRequest,
  lags: number,
  width: number,
): StudyIntegrated[] {
  const probe = new IntegratedGradientsProbe(model, recording, lags);
  const total = spec.heads.length * (1 + at.length);
  let done = spec.heads.length;
  return at.flatMap((note) =>
    spec.heads.map(({ name }): StudyIntegrated => {
      const told = probe.prediction({ head: name, step: note - 1 });
      onHead?.(++done, total);
      return {
        note,
        head: name,
        values: Array.from({ length: told.window }, (_, lag) =>
          Array.from(told.attributions.subarray(lag * width, (lag + 1) * width)),
        ),
        sum: told.attributions.reduce((sum, value) => sum + value, 0),
        difference: told.value - told.baseline,
        error: told.completenessError,
        points: told.points,
      };
    }),
  );
}
