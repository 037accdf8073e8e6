import { IntegratedGradientsProbe, ProbedModel, SaliencyProbe, type Recording, type Weights } from '../nn/index.ts';
import type { Kernels } from '../tensor/index.ts';
import { quantise, type ByteMatrix } from './byte-matrix.ts';
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

/** Which past notes, and what of them, each prediction of the detail rests on; and a way to ask the same of other details. */
export function studySaliency(request: SaliencyRequest): {
  saliency: StudySaliency;
  of: (detail: { from: number; to: number }) => StudySaliency['heads'];
} {
  const { spec, parameters, recording, detail, at, kernels, onHead } = request;
  const model = new ProbedModel(spec, parameters, kernels);
  const lags = Math.min(request.lags, recording.steps);
  const probe = new SaliencyProbe(model, recording, lags);
  const inputs = [...spec.inputs.categories.map(({ name }) => name), ...spec.inputs.features];
  const of = (part: { from: number; to: number }, done?: SaliencyRequest['onHead']): StudySaliency['heads'] =>
    spec.heads.map(({ name }, k) => {
      const values = headValues(probe, name, part, inputs.length);
      done?.(k + 1, spec.heads.length + at.length * spec.heads.length);
      return { name, values };
    });
  const heads = of(detail, onHead);
  const integrated = at.length > 0 ? integrate(model, request, lags, inputs.length) : [];
  return { saliency: { lags, inputs, heads, integrated }, of };
}

/** The saliency of one head's predictions of the notes `from` to `to`: row r is about note `from` + r. */
function headValues(
  probe: SaliencyProbe,
  head: string,
  { from, to }: { from: number; to: number },
  inputs: number,
): ByteMatrix {
  const width = probe.window * inputs;
  // Note n is predicted by step n - 1, and nothing predicts note 0.
  const first = Math.max(1, from);
  const values = new Float32Array((to - from) * width).fill(NaN);
  if (to > first) {
    const [{ attributions }] = probe.song({ heads: [head], steps: [first - 1, to - 1] }).heads;
    values.set(attributions, (first - from) * width);
  }
  for (let note = first; note < Math.min(to, probe.window); note++) {
    const row = (note - from) * width;
    values.fill(NaN, row + note * inputs, row + width);
  }
  return quantise(values, to - from, width, { byRow: true });
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
