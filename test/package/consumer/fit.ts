// What `fit` gives has the type of what it was given.
import { fit, loadModel, type FittedModel, type Prediction } from 'etude-lstm';
import type { Loss } from 'etude-lstm/nn';

const numbers: FittedModel<number> = await fit({ sequences: Float32Array.of(1, 2, 3) });
const next: number = numbers.forecast([1, 2], 3)[0]!.value;
const text: FittedModel<string> = await fit({ sequences: 'to be or not to be', validation: 0 });
const rows: FittedModel<Float64Array> = await fit({ sequences: [[[1, 2], [3, 4]]] }); // prettier-ignore
const labels: FittedModel<string> = await fit({ sequences: [[1, 2], [3]], answers: [['x', 'y'], ['z']], units: 8 }); // prettier-ignore
const classes: FittedModel<string> = await fit({ sequences: ['ab', 'c'], answers: ['x', 'y'], classWeights: { x: 2 } });
const own: Loss = { outputs: 1, targets: 1, row: ([y], [t], g) => ((g[0] = 2 * (y! - t!)), (y! - t!) ** 2) };
const regression: FittedModel<number> = await fit({ sequences: ['ab', 'c'], answers: [1, 2], loss: own });
const stream = await (await loadModel<number>(numbers.save(), { loss: own })).stream();
const prediction: Prediction<number> = stream.push(next);
export const used = [prediction.quantiles?.[0], prediction.deviation, text, rows, labels, classes, regression];
// @ts-expect-error: there is no such option.
void fit({ sequences: 'ab', unit: 3 });
