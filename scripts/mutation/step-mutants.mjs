// Errors in what turns gradients into steps: optimizers, clipping, accumulation, the average of the weights.
import { mutantsOf } from './mutants-of.mjs';

const optimizers = mutantsOf('src/tensor/reference/optimizers.ts', 'descent', [
  ['adam: gradient not scaled into m', 'beta1 * m[j] + (1 - beta1) * g[j]', 'beta1 * m[j] + g[j]', 'adam'],
  ['adam: gradient not squared', '(1 - beta2) * g[j] * g[j]', '(1 - beta2) * g[j]', 'adam'],
  ['adam: β₁ and β₂ mixed up', 'beta2 * v[j]', 'beta1 * v[j]', 'adam'],
  ['adam: v not kept', 'v[j] = vj;', '', 'adam'],
  ['adam: m not kept', 'm[j] = mj;', '', 'adam'],
  ['adam: ε under the root', 'Math.sqrt(vj) + epsilon', 'Math.sqrt(vj + epsilon)', 'adam'],
  ['adam: gradient instead of m', 'rate * mj', 'rate * g[j]', 'adam'],
  ['adam: uphill', 'w[j] -= (rate', 'w[j] += (rate', 'adam'],
  ['sgd: uphill', 'w[j] -= learningRate * g[j];', 'w[j] += learningRate * g[j];'],
  ['sgd: learning rate dropped', 'w[j] -= learningRate * g[j];', 'w[j] -= g[j];'],
  ['momentum: velocity not kept', 'velocity[j] = u;', ''],
  ['momentum: velocity does not slow down', 'momentum * velocity[j] + g[j]', 'velocity[j] + g[j]'],
  ['momentum: gradient damped', 'momentum * velocity[j] + g[j]', 'momentum * velocity[j] + (1 - momentum) * g[j]'],
  ['momentum: gradient instead of velocity', 'g[j] + momentum * u : u', 'g[j] + momentum * u : g[j]'],
  ['momentum: uphill', 'w[j] -= learningRate * (nesterov', 'w[j] += learningRate * (nesterov'],
  ['nesterov: the same as momentum', 'nesterov ? g[j] + momentum * u : u', 'u'],
  ['nesterov: always', 'nesterov ? g[j] + momentum * u : u', 'g[j] + momentum * u'],
  ['nesterov: two steps ahead', 'nesterov ? g[j] + momentum * u', 'nesterov ? u + momentum * u'],
  ['rmsprop: gradient not squared', '(1 - decay) * g[j] * g[j]', '(1 - decay) * g[j]'],
  ['rmsprop: mean square not scaled', 'square[j] + (1 - decay) * g[j]', 'square[j] + g[j]'],
  ['rmsprop: mean square not kept', 'square[j] = s;', ''],
  ['rmsprop: ε under the root', 'Math.sqrt(s) + epsilon', 'Math.sqrt(s + epsilon)'],
  ['rmsprop: no root', 'Math.sqrt(s) + epsilon', 's + epsilon'],
  ['rmsprop: uphill', 'w[j] -= (learningRate', 'w[j] += (learningRate'],
  ['clip: from below only', 'Math.max(-limit, Math.min(limit, a[j]))', 'Math.max(-limit, a[j])'],
  ['clip: from above only', 'Math.max(-limit, Math.min(limit, a[j]))', 'Math.min(limit, a[j])'],
  ['clip: does not see negative numbers', 'Math.abs(a[j]) > limit', 'a[j] > limit'],
  ['clip: says nothing', 'outside = true', 'outside = false'],
]);

const steps = [
  ...mutantsOf('src/nn/optimizers/adam.ts', 'engine', [
    ['adam: m and v mixed up', "kept['adam.m'].flat, kept['adam.v'].flat", "kept['adam.v'].flat, kept['adam.m'].flat"],
  ]),
  ...mutantsOf('src/nn/optimizers/adamw.ts', 'pytorch', [
    ['adamw: ε before the bias correction', 'spec.epsilon * Math.sqrt(1 - beta2 ** step)', 'spec.epsilon'],
    ['adamw: biases decay', 'if (decays(parameter)) kernels', 'kernels'],
    ['adamw: nothing decays', 'weightDecay > 0', 'weightDecay < 0'],
    ['adamw: decay without the learning rate', '1 - learningRate * weightDecay', '1 - weightDecay'],
    ['adamw: weights grow', '1 - learningRate * weightDecay', '1 + learningRate * weightDecay'],
    ['adamw: step not counted', 'epsilon, learningRate, step }', 'epsilon, learningRate, step: 1 }'],
  ]),
  ...mutantsOf('src/nn/optimizers/sgd.ts', 'pytorch', [
    ['sgd: momentum dropped', 'if (momentum === 0)', 'if (momentum >= 0)', 'steps'],
    ['sgd: nesterov dropped', '{ learningRate, momentum, nesterov }', '{ learningRate, momentum, nesterov: false }'],
  ]),
  ...mutantsOf('src/nn/optimizers/rmsprop.ts', 'pytorch', [
    ['rmsprop: ε dropped', '{ decay, epsilon, learningRate }', '{ decay, epsilon: 1e-3, learningRate }'],
    ['rmsprop: decay of Keras', '{ decay, epsilon, learningRate }', '{ decay: 0.9, epsilon, learningRate }'],
  ]),
];

const rate = mutantsOf('src/tensor/adam-rate.ts', 'adam', [
  ['adam: correction of m dropped', '/ (1 - beta1 ** step)', ''],
  ['adam: correction of v dropped', 'learningRate * Math.sqrt(1 - beta2 ** step)', 'learningRate'],
]);

const update = mutantsOf('src/nn/trained-weights.ts', 'engine', [
  ['clipping: to the wrong length', 'clipNorm / norm', '1 / norm'],
  ['clipping: always', 'clipNorm !== null && norm > clipNorm', 'clipNorm !== null'],
  ['clipping: never', 'if (isLong) for', 'if (false) for'],
  [
    'norm: not the root',
    'Math.sqrt(squares.reduce((sum, each) => sum + each, 0))',
    'squares.reduce((sum, each) => sum + each, 0)',
  ],
  [
    'frozen: counted in the norm',
    'this.#trained.map(({ gradients }) => this.#kernels.sumOfSquares',
    '[this].map(({ gradients }) => this.#kernels.sumOfSquares',
    'pytorch',
  ],
  ['frozen: handed out', 'this.#kernels.fill(flat, 0)', '0', 'frozen'],
  ['frozen: trained all the same', 'trainedIn(spec, optimizer.freeze)', 'trainedIn(spec)', 'frozen'],
  ['clipping by value: not seen by the norm', 'isCut ? this.gradientNorm() : gradientNorm', 'gradientNorm', 'steps'],
  ['clipping by value: not said', 'return isCut || isLong', 'return isLong', 'steps'],
  ['clipping by value: never', 'clipValue !== null && all', 'false && all', 'steps'],
  ['steps not counted', 'this.#step++', 'this.#step = 1'],
]);

const frozen = [
  ...mutantsOf('src/nn/parameters.ts', 'frozen', [
    ['frozen: padding forgotten', 'at += paddedSize(spec)', 'at += sizeOf(spec.shape)'],
    ['frozen: all one stretch', 'last?.to !== from', '!last'],
  ]),
  ...mutantsOf('src/nn/optimizers/frozen.ts', 'frozen', [
    ['frozen: lstm.10 with lstm.1', 'name.startsWith(`${part}.`)', 'name.startsWith(part)'],
  ]),
];

const carried = [
  ...mutantsOf('src/nn/carried-state.ts', 'carried', [
    ['carried: into rows that begin anew', 'if (carry[from + b] === 0)', 'if (false)'],
    ['carried: nothing', 'if (carry[from + b] === 0)', 'if (true)'],
    ['carried: to the rows of another part', 'const at = (from + b) * width;', 'const at = b * width;'],
    ['carried: the state before the window', 'k, network.shape.steps)', 'k, 0)'],
    ['carried: a step too few', 'k, network.shape.steps)', 'k, network.shape.steps - 1)'],
    ['carried: c mixed up with h', 'layers[layer].states[state]', 'layers[layer].states[0]'],
    ['carried: state known, product left out', 'network.keepState();', ''],
    ['carried: not written', 'this.#values = arrays && ', 'this.#values = undefined && '],
  ]),
  ...mutantsOf('src/nn/cells/cell.ts', 'carried', [
    [
      'carried: the first rows left out of the gradient',
      'this.fromZero ? this.gates.shape[1] : 0',
      'this.gates.shape[1]',
    ],
  ]),
  ...mutantsOf('src/nn/local-engine.ts', 'carried', [
    ['carried: by evaluation', 'this.#judged.end(own, parts);', 'this.#carried.end(own, parts);'],
    ['carried: not kept', 'this.#carried.end(batch, parts);', ''],
  ]),
  ...mutantsOf('src/nn/threads/threaded-engine.ts', 'carried', [
    ['carried: not by other threads', 'WORDS.goesOn, Number(goesOn)', 'WORDS.goesOn, 0'],
    ['carried: by evaluation', 'this.#judged.end(batch, parts);', 'this.#carried.end(batch, parts);'],
  ]),
  ...mutantsOf('src/nn/stream-dataset.ts', 'streams', [
    ['streams: pieces go on from each other', 'number === 0 ? 0 : 1', '1'],
    ['streams: windows stand alone', 'number === 0 ? 0 : 1', '0'],
    ['streams: rows that have run out count', 'weights[b] = isNone ? 0 : 1;', 'weights[b] = 1;'],
    ['streams: the target that is read', 'start + this.#ahead)', 'start)'],
    ['streams: a step too many', 'piece.length - this.#ahead - start', 'piece.length - start'],
    [
      'streams: another form for each window',
      'const random = randomOf(piece);',
      'const random = randomOf(piece + 100 * this.#forms.length++);',
    ],
    ['streams: all pieces in one row', 'loads.indexOf(Math.min(...loads))', '0'],
  ]),
];

const gradient = mutantsOf('src/nn/find-gradient.ts', 'engine', [
  ['gradients: those of the step before kept', 'kernels.fill(gradients.flat, 0);', ''],
]);

const accumulation = [
  ...mutantsOf('src/nn/accumulate.ts', 'accumulate', [
    ['accumulation: sum instead of mean', 'total / batches.length', 'total'],
    ['accumulation: only the last batch', 'sum[j] += gradients[j]', 'sum[j] = gradients[j]'],
    ['accumulation: losses added up', 'loss / batches.length', 'loss'],
  ]),
  ...mutantsOf('src/nn/trainer.ts', 'accumulate', [
    ['accumulation: windows of the step before', 'batch * accumulate + index', 'batch + index'],
  ]),
];

const average = [
  ...mutantsOf('src/nn/weight-average.ts', 'average', [
    ['average: of the wrong share', '1 - Math.min(', 'Math.min('],
    ['average: no shorter in the beginning', 'Math.min(this.#decay, (1 + step) / (10 + step))', 'this.#decay'],
    [
      'average: always as in the beginning',
      'Math.min(this.#decay, (1 + step) / (10 + step))',
      '(1 + step) / (10 + step)',
    ],
    ['average: away from the weights', 'average[j] += share', 'average[j] -= share'],
    ['average: weights not given back', 'await engine.writeParameters(weights);', ''],
    ['average: not what is evaluated', 'await engine.writeParameters(this.#arrays);', ''],
  ]),
  ...mutantsOf('src/nn/trainer.ts', 'average', [
    ['average: not resumed', 'if (training.trainer.step > 0) this.#average?.restore(checkpoint.parameters);', ''],
    ['average: resumed before the first step', 'if (training.trainer.step > 0) this', 'this'],
    ['average: the wrong step', 'observe(this.#engine, step + 1)', 'observe(this.#engine, step)'],
    [
      'average: not the best',
      'this.#average?.arrays ?? (await this.#engine.readParameters())',
      'await this.#engine.readParameters()',
    ],
    [
      'average: not in the file',
      'parameters: this.#average?.arrays ?? engine.parameters',
      'parameters: engine.parameters',
    ],
  ]),
  ...mutantsOf('src/nn/checkpoint.ts', 'average', [
    [
      'average: trained on instead of the weights',
      "has('raw/') ? take('raw/') : checkpoint.parameters",
      'checkpoint.parameters',
    ],
  ]),
];

export const STEP_MUTANTS = [
  ...optimizers,
  ...steps,
  ...rate,
  ...update,
  ...frozen,
  ...carried,
  ...gradient,
  ...accumulation,
  ...average,
];
