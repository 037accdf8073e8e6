// The errors that scripts/mutation/check.mjs plants, one at a time, and the tests that must find each.

import { CELL_MUTANTS } from './cell-mutants.mjs';
import { INTEROP_MUTANTS } from './interop-mutants.mjs';
import { mutantsOf } from './mutants-of.mjs';
import { LOSS_MUTANTS } from './loss-mutants.mjs';
import { PROBE_MUTANTS } from './probe-mutants.mjs';
import { STEP_MUTANTS } from './step-mutants.mjs';

const CONFORMANCE = 'test/tensor/conformance/reference.test.ts';

/** Which tests judge a mutant: files, and a pattern of test names. */
export const JUDGES = {
  /** Nothing but derivatives: every backward operation, and whole models, against numeric differences. */
  differences: {
    files: [CONFORMANCE, 'test/nn/gradient-check.test.ts', 'test/nn/chained-heads.test.ts'],
    pattern: 'are the derivatives of the forward ones|the gradients of a whole model|agree with differences',
  },
  /** That gradients are added to what is there, that buffers are cleared, that batches may follow one another. */
  accumulation: {
    files: [
      CONFORMANCE,
      'test/nn/lstm.test.ts',
      'test/nn/heads.test.ts',
      'test/nn/dropout.test.ts',
      'test/nn/network.test.ts',
    ],
    pattern: 'adds|added|one by one|gradients back',
  },
  adam: { files: [CONFORMANCE], pattern: 'adam' },
  descent: { files: [CONFORMANCE], pattern: 'clip|sgd|sgdMomentum|rmsprop' },
  /** That an engine hands each optimizer what it needs. */
  steps: { files: ['test/nn/optimizers.test.ts'], pattern: '' },
  frozen: { files: ['test/nn/frozen.test.ts'], pattern: '' },
  carried: { files: ['test/nn/carried-state.test.ts'], pattern: '' },
  streams: { files: ['test/nn/stream-dataset.test.ts', 'test/nn/stream-training.test.ts'], pattern: '' },
  accumulate: { files: ['test/nn/accumulate.test.ts'], pattern: '' },
  average: {
    files: ['test/nn/weight-average.test.ts'],
    pattern: 'formula|decay itself|validated|plain kernels|anew|the model of',
  },
  pytorch: { files: ['test/nn/pytorch-optimizers.test.ts'], pattern: '' },
  dropout: { files: ['test/nn/dropout.test.ts'], pattern: '' },
  losses: { files: ['test/nn/losses/losses.test.ts'], pattern: '' },
  ragged: { files: ['test/nn/ragged.test.ts'], pattern: '' },
  directions: {
    files: ['test/nn/bidirectional.test.ts'],
    pattern: 'differences give|one by one|two networks|beyond the ends|forget how|one answer a window',
  },
  'pytorch-directions': { files: ['test/nn/bidirectional-golden.test.ts'], pattern: '' },
  chained: { files: ['test/nn/chained-heads.test.ts', 'test/nn/network.test.ts'], pattern: '' },
  relu: { files: [CONFORMANCE], pattern: 'relu' },
  cells: {
    files: [CONFORMANCE, 'test/nn/cells/cells.test.ts'],
    pattern:
      'derivatives of the forward|adds them|goes back|differences give|are anything|one after the other|carried state',
  },
  'pytorch-cells': { files: ['test/nn/cells/cells.test.ts'], pattern: 'PyTorch|ONNX' },
  /** That the way back of probes is that of differences and of training. */
  probes: {
    files: ['test/nn/probe/gradient-through-time.test.ts', 'test/nn/probe/saliency.test.ts'],
    pattern: 'numeric difference|training sends back|across blocks|mean norms',
  },
  'probe-steps': { files: ['test/nn/probe/recording.test.ts'], pattern: 'formulas of|bit for bit' },
  holding: { files: ['test/nn/probe/ablation.test.ts'], pattern: '' },
  /** That what is exported says the same in onnxruntime. */
  torch: {
    files: ['import-pytorch', 'to-pytorch', 'torch-file'].map((name) => `test/interop/pytorch/${name}.test.ts`),
    pattern: 'says what PyTorch says|bit for bit|the weights that it had|whatever their order|bits of',
  },
  keras: { files: ['test/interop/keras/import-keras.test.ts'], pattern: 'definitions' },
  onnx: { files: ['test/interop/onnx/to-onnx.test.ts'], pattern: 'says what ours says' },
  /** That networks of TensorFlow.js say here what they said there, and that what is exported is what was imported. */
  tfjs: {
    files: ['import-tfjs', 'to-tfjs'].map((name) => `test/interop/tfjs/${name}.test.ts`),
    pattern: 'says what it said there|bit for bit|the weights that it had|reset gate behind the product',
  },
  engine: {
    files: ['test/nn/local-engine.test.ts', 'test/nn/golden.test.ts'],
    pattern: 'clipping|saved state|tutorial-small|two-layers',
  },
};

const cell = mutantsOf('src/tensor/reference/lstm-cell.ts', 'differences', [
  ['dc: what later steps sent is dropped', 'dc[at + j] + dhj * o * (1 - t * t)', 'dhj * o * (1 - t * t)'],
  ['dc: what comes through h is dropped', 'dc[at + j] + dhj * o * (1 - t * t)', 'dc[at + j]'],
  ['dc: sign', 'dc[at + j] + dhj * o', 'dc[at + j] - dhj * o'],
  ['dc: derivative of tanh dropped', 'dhj * o * (1 - t * t)', 'dhj * o'],
  ['dc: derivative of tanh of the wrong number', '(1 - t * t)', '(1 - t)'],
  ['dc: output gate dropped', 'dhj * o * (1', 'dhj * (1'],
  ['dz of i: derivative of σ', 'dcj * g * i * (1 - i)', 'dcj * g * i'],
  ['dz of i: sign of the derivative', 'dcj * g * i * (1 - i)', 'dcj * g * i * (1 + i)'],
  ['dz of i: candidate dropped', 'dcj * g * i * (1 - i)', 'dcj * i * (1 - i)'],
  ['dz of i: another gate', 'dcj * g * i * (1 - i)', 'dcj * g * f * (1 - f)'],
  ['dz of i: added to the activations', 'dGates[i0 + j] = dcj', 'dGates[i0 + j] += dcj'],
  ['dz of f: cell before dropped', 'dcj * cPrev[at + j] * f', 'dcj * f'],
  ['dz of f: derivative of σ', 'f * (1 - f)', 'f'],
  ['dz of f: the next unit’s cell', 'cPrev[at + j] * f * (1', 'cPrev[at + ((j + 1) % hidden)] * f * (1'],
  ['dz of g: derivative of tanh dropped', 'dcj * i * (1 - g * g)', 'dcj * i'],
  ['dz of g: derivative of σ instead', '(1 - g * g)', '(g * (1 - g))'],
  ['dz of g: input gate dropped', 'dcj * i * (1 - g * g)', 'dcj * (1 - g * g)'],
  ['dz of o: through c instead of h', 'dhj * t * o * (1 - o)', 'dcj * t * o * (1 - o)'],
  ['dz of o: tanh of the cell dropped', 'dhj * t * o * (1 - o)', 'dhj * o * (1 - o)'],
  ['dz of o: sign', 'dGates[o0 + j] = dhj', 'dGates[o0 + j] = -dhj'],
  ['dz of i and f mixed up', 'dGates[f0 + j] = dcj * cPrev[at + j] * f * (1 - f);', 'dGates[f0 + j] = dGates[i0 + j]; dGates[i0 + j] = dcj * cPrev[at + j] * f * (1 - f);'], // prettier-ignore
  ['dcPrev: forget gate dropped', 'dc[at + j] = dcj * f;', 'dc[at + j] = dcj;'],
  ['dcPrev: input gate instead', 'dc[at + j] = dcj * f;', 'dc[at + j] = dcj * i;'],
  ['dcPrev: added instead of written', 'dc[at + j] = dcj * f;', 'dc[at + j] += dcj * f;'],
  ['dcPrev: not written', 'dc[at + j] = dcj * f;', ''],
]);

const products = mutantsOf('src/tensor/reference/matmul.ts', 'differences', [
  ['tile: one sum takes the wrong column', 's21 += x2 * y1', 's21 += x2 * y0'],
  ['tile: one sum takes the wrong row', 's20 += x2 * y0', 's20 += x1 * y0'],
  ['tile: a row overwritten instead of added', 'out[at] += s0', 'out[at] = s0', 'accumulation'],
  ['tile: the last row not stored', 'addFour(out, at + 2 * n, s20, s21, s22, s23);', ''],
  [
    'tile: the second factor’s stride',
    'i * rowStride + column * columnStride',
    'i * columnStride + column * rowStride',
  ],
  ['row: overwritten instead of added', 'out[o + 2] += s2', 'out[o + 2] = s2', 'accumulation'],
  ['row: a column taken twice', 's3 += value * y[q + 3 * yNext]', 's3 += value * y[q + 2 * yNext]'],
  [
    'last columns: overwritten instead of added',
    'out[row * n + column] += sum',
    'out[row * n + column] = sum',
    'accumulation',
  ],
  ['last columns: the strides of the first factor', 'x[row * rowStride + i * xStep]', 'x[row * xStep + i * rowStride]'],
  ['last columns left out', 'if (tiledColumns < n) for', 'if (tiledColumns > n) for'],
]);

const operations = mutantsOf('src/tensor/reference/kernels.ts', 'differences', [
  [
    'matmulBackwardA: second factor not transposed',
    '{ data: b.data, rowStride: 1, columnStride: n }',
    '{ data: b.data, rowStride: n, columnStride: 1 }',
  ],
  ['matmulBackwardA: stride of dOut', '{ data: dOut.data, rowStride: n, columnStride: 1 };', '{ data: dOut.data, rowStride: k, columnStride: 1 };'], // prettier-ignore
  [
    'matmulBackwardB: first factor not transposed',
    '{ data: a.data, rowStride: 1, columnStride: k }',
    '{ data: a.data, rowStride: k, columnStride: 1 }',
  ],
  ['matmulBackwardB: one row too few', 'addProduct(db.data, k, n, m, left', 'addProduct(db.data, k, n, m - 1, left'],
  ['biasBackward: the first row left out', 'let at = j; at < from.length', 'let at = j + columns; at < from.length'],
  ['biasBackward: sign', 'sum += from[at]', 'sum -= from[at]'],
  ['biasBackward: overwritten instead of added', 'to[j] += sum', 'to[j] = sum', 'accumulation'],
  ['affineBackward: bias left out', 'this.biasBackward(dBias, dOut);', ''],
  [
    'affineBackward: rows of a shifted against dOut',
    'dOut.slice(zeroRows, dOut.rows)',
    'dOut.slice(0, dOut.rows - zeroRows)',
  ],
  ['embeddingBackward: a class seen twice counts once', 'to[target + j] += from', 'to[target + j] = from'],
  ['embeddingBackward: always the first row', 'to[target + j] += from[row * columns + j]', 'to[target + j] += from[j]'],
  ['embeddingBackward: the row’s own number as class', 'to[target + j] +=', 'to[(row % classes) * columns + j] +='],
  [
    'dropoutBackward: mask dropped',
    "sameSize('dropoutBackward', da, dOut, mask);\n    const [to, from, factor] = [da.data, dOut.data, mask.data];",
    "sameSize('dropoutBackward', da, dOut, mask);\n    const [to, from, factor] = [da.data, dOut.data, da.data.map(() => 1)];",
  ],
  [
    'dropoutBackward: overwritten instead of added',
    'to[j] += from[j] * factor[j]',
    'to[j] = from[j] * factor[j]',
    'accumulation',
  ],
  [
    'lstmBackward: h’s gradient to the same step',
    'this.matmulBackwardA(dh.row(t - 1)',
    'this.matmulBackwardA(dh.row(t)',
  ],
  ['lstmBackward: nothing goes back to the first step', 'if (t > 0) this', 'if (t > 1) this'],
  ['lstmBackward: the first step left out', 't = steps - 1; t >= 0; t--', 't = steps - 1; t > 0; t--'],
  ['lstmBackward: the last step left out', 't = steps - 1; t >= 0; t--', 't = steps - 2; t >= 0; t--'],
  ['lstmBackward: forwards in time', 'let t = steps - 1; t >= 0; t--', 'let t = 0; t < steps; t++'],
  ['lstmBackward: the cell after instead of before', 'dz, c.row(t), tanhC.row(t)', 'dz, c.row(t + 1), tanhC.row(t)'],
]);

const losses = mutantsOf('src/tensor/reference/losses.ts', 'differences', [
  ['softmax backward: target not taken off', "target')] -= scale", "target')] -= 0"],
  ['softmax backward: target added', "target')] -= scale", "target')] += scale"],
  ['softmax backward: scale dropped', '+= scale * probabilities[at + j]', '+= probabilities[at + j]'],
  ['softmax backward: the first row’s probabilities', 'scale * probabilities[at + j]', 'scale * probabilities[j]'],
  [
    'softmax backward: overwritten instead of added',
    'dLogits[at + j] += scale',
    'dLogits[at + j] = scale',
    'accumulation',
  ],
  ['mse backward: factor 2 dropped', '2 * (p - targets[j])', '(p - targets[j])'],
  ['mse backward: sign of the difference', '2 * (p - targets[j])', '2 * (targets[j] - p)'],
  ['mse backward: sign of the pressure', '- (p < 0 ? pressure : 0)', '+ (p < 0 ? pressure : 0)'],
  ['mse backward: pressure on the wrong side', '- (p < 0 ? pressure : 0)', '- (p > 0 ? pressure : 0)'],
  ['mse backward: pressure dropped', ' - (p < 0 ? pressure : 0)', ''],
  ['mse backward: scale dropped', 'scale * (2 * (p', '(2 * (p'],
  ['mse backward: overwritten instead of added', 'dPredictions[j] +=', 'dPredictions[j] =', 'accumulation'],
]);

const layers = mutantsOf('src/nn/cells/cell.ts', 'differences', [
  ['recurrent kernel: outputs of the wrong time', 'this.h.slice(0, T)', 'this.h.slice(1, T + 1)'],
  ['recurrent kernel: gradient left out', '[{ db: recurrent, a: this.previous, zeroRows }] :', '[] :'],
  ['recurrent kernel: the second step left out too', '? this.gates.shape[1] : 0', '? 2 * this.gates.shape[1] : 0'],
  ['all gradients left out', 'kernels.affineBackward(bias, dz, products);', ''],
  [
    'kernel: gradient of the features left out',
    'for (const [k, { values }] of dense.entries()) products.push({ db: denseKernels[k], a: values });',
    '',
  ],
  ['kernel: categories all into the first table', 'embeddingBackward(tables[k]', 'embeddingBackward(tables[0]'],
  ['kernel: the indices of the first category', 'dz, categories[k].indices', 'dz, categories[0].indices'],
  ['kernel: joined inputs all into the first rows', 'db: denseKernels[k], a: values', 'db: denseKernels[0], a: values'],
  [
    'input: gradient left out',
    'if (gradient) kernels.matmulBackwardA(gradient, dz, this.#weights.denseKernels[k]);',
    '',
  ],
  ['input: by the gradient’s kernel', 'dz, this.#weights.denseKernels[k]', 'dz, this.#gradients!.denseKernels[k]'],
  ['input: joined inputs by the first rows', 'dz, this.#weights.denseKernels[k]', 'dz, this.#weights.denseKernels[0]'],
]);

const lstm = mutantsOf('src/nn/cells/lstm.ts', 'accumulation', [
  ['dc: not cleared before the way back', 'this.kernels.fill(dc, 0);', ''],
]);

const heads = mutantsOf('src/nn/heads.ts', 'differences', [
  ['loss weight dropped', 'spec.lossWeight / this.#count', '1 / this.#count'],
  ['sum instead of mean', 'spec.lossWeight / this.#count', 'spec.lossWeight'],
  ['bias and kernel: gradient left out', 'kernels.affineBackward(dBias, dOut, products);', ''],
  ['kernel: gradient left out', 'const products = [{ db: dKernel, a: this.#hidden }];', 'const products = [];'],
  ['tables: gradient left out', 'kernels.embeddingBackward(table, dOut, this.#read[k].classes);', ''],
  ['tables: the classes of the first head that is read', 'dOut, this.#read[k].classes', 'dOut, this.#read[0].classes'],
  [
    'relu layer: its way out left out',
    'if (this.#relu) products.push({ db: this.#relu.dOut, a: this.#relu.output });',
    '',
  ],
  ['relu layer: nothing goes back into it', 'this.#relu?.backward(dOut);', ''],
  [
    'tables: read for the first head only',
    'k < this.#tables.length; k++',
    'k < Math.min(1, this.#tables.length); k++',
    'chained',
  ],
  ['hidden: gradient left out', 'kernels.matmulBackwardA(dHidden, dOut, this.#kernel);', ''],
  ['hidden: by the gradient’s kernel', 'dHidden, dOut, this.#kernel', 'dHidden, dOut, dKernel'],
  ['pressure forgotten', 'this.targetValues!, pressureOf(spec), scale', 'this.targetValues!, 0, scale'],
  ['dOut: not cleared', 'kernels.fill(dOut, 0);', '', 'accumulation'],
]);

const relu = mutantsOf('src/nn/relu-layer.ts', 'differences', [
  ['dOutput: not cleared', 'kernels.fill(dOutput, 0);', '', 'chained'],
  ['dz: not cleared', 'kernels.fill(dz, 0);', '', 'chained'],
  ['the way out left out', 'kernels.matmulBackwardA(dOutput, dOut, this.#weights.out);', ''],
  ['by the gradient’s way out', 'dOutput, dOut, this.#weights.out', 'dOutput, dOut, gradients.out'],
  ['every unit is on', 'kernels.reluBackward(dz, dOutput, this.output);', 'kernels.add(dz, dOutput);'],
  [
    'kernel and bias: gradient left out',
    'kernels.affineBackward(gradients.bias, dz, [{ db: gradients.kernel, a: this.#hidden }]);',
    '',
  ],
  ['tables: gradient left out', 'kernels.embeddingBackward(table, dz, this.#read[k].classes);', ''],
  ['tables: from the outputs', 'kernels.embeddingBackward(table, dz,', 'kernels.embeddingBackward(table, dOutput,'],
  ['hidden: gradient left out', 'kernels.matmulBackwardA(dHidden, dz, this.#weights.kernel);', ''],
]);

const embeddings = mutantsOf('src/nn/embeddings.ts', 'differences', [
  ['tables: gradient left out', 'this.#kernels.embeddingBackward(dTable!, into.gradient!, indices);', ''],
  ['sums: not cleared', 'for (const { values } of this.inputs) this.#kernels.fill(values, 0);', '', 'chained'],
  [
    'gradients: not cleared',
    'for (const { gradient } of this.inputs) if (gradient) this.#kernels.fill(gradient, 0);',
    '',
    'chained',
  ],
  ['joined as a sum', "this.inputs.length === 0 || combine === 'join'", 'this.inputs.length === 0', 'chained'],
]);

const reluKernel = mutantsOf('src/tensor/reference/kernels.ts', 'relu', [
  ['relu: below 0 passes', 'to[j] = Math.max(from[j], 0);', 'to[j] = from[j];'],
  [
    'relu backward: overwritten instead of added',
    'to[j] += from[j] * (value[j] > 0 ? 1 : 0);',
    'to[j] = from[j] * (value[j] > 0 ? 1 : 0);',
  ],
  ['relu backward: through units that are off', '(value[j] > 0 ? 1 : 0)', '(value[j] > 0 ? 0 : 1)'],
  [
    'relu backward: NaN hidden behind a unit that is off',
    'to[j] += from[j] * (value[j] > 0 ? 1 : 0);',
    'if (value[j] > 0) to[j] += from[j];',
  ],
]);

const dropout = mutantsOf('src/nn/dropout.ts', 'differences', [
  [
    'backward: mask left out',
    'dropoutBackward(this.#dInput, this.dOutput, this.#mask)',
    'add(this.#dInput, this.dOutput)',
  ],
  ['backward: by the numbers instead of the mask', 'this.dOutput, this.#mask', 'this.dOutput, this.output'],
  ['forward: what is kept is not scaled', '1 / (1 - this.#rate)', '1', 'dropout'],
]);

const network = mutantsOf('src/nn/network.ts', 'differences', [
  [
    'the lowest layer left out',
    'index = this.#stack.length - 1; index >= 0',
    'index = this.#stack.length - 1; index > 0',
  ],
  [
    'layers in the wrong order',
    'index = this.#stack.length - 1; index >= 0; index--',
    'index = 0; index < this.#stack.length; index++',
  ],
  ['dropout left out', 'this.#dropouts[index]?.backward();', ''],
  [
    'dropout after its layer',
    'this.#dropouts[index]?.backward();\n      this.#stack[index].backward();',
    'this.#stack[index].backward();\n      this.#dropouts[index]?.backward();',
  ],
  ['dropout on inputs left out', 'for (const dropout of this.#inputDropouts) dropout.backward();', ''],
  ['embeddings left out', 'if (this.#training) this.#embeddings.backward();', ''],
  ['only the first head', 'for (const head of this.heads) head.backward()', 'this.heads[0].backward()'],
  ['heads’ gradients to the wrong steps', 'dHidden: dTop!.slice(from, rows)', 'dHidden: dTop!.slice(0, rows - from)'],
  ['dh: not cleared', 'for (const layer of this.#stack) this.#kernels.fill(layer.dOutput!, 0);', '', 'accumulation'],
  [
    'dropout’s dOutput: not cleared',
    'for (const dropout of this.#dropouts) this.#kernels.fill(dropout.dOutput, 0);',
    '',
    'engine',
  ],
]);

export const MUTANTS = [
  ...cell,
  ...products,
  ...operations,
  ...losses,
  ...layers,
  ...lstm,
  ...CELL_MUTANTS,
  ...PROBE_MUTANTS,
  ...LOSS_MUTANTS,
  ...heads,
  ...relu,
  ...embeddings,
  ...reluKernel,
  ...dropout,
  ...network,
  ...STEP_MUTANTS,
  ...INTEROP_MUTANTS,
];
