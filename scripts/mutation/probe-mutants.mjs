// Errors planted into what probes do with each cell: the step forward that says its pre-activations and holds numbers, and the step back.
import { mutantsOf } from './mutants-of.mjs';

const CELLS = 'src/nn/probe/cells';

export const PROBE_MUTANTS = [
  ...mutantsOf(`${CELLS}/lstm.ts`, 'probes', [
    [
      'dL/dh of the step before is not cleared',
      'kernels.fill(dh, 0);\n    kernels.matmulBackwardA(dh, dInput, this.recurrentKernel);',
      'kernels.matmulBackwardA(dh, dInput, this.recurrentKernel);',
    ],
    ['cellGradient: the slope of tanh dropped', ' * (1 - t * t);', ';'],
    ['pre-activations are taken after the cell', 'if (z) kernels.copy(z, gates);', '', 'probe-steps'],
    [
      'a held cell is not heard',
      'if (changes || !Number.isNaN(opens)) out',
      'if (!Number.isNaN(opens)) out',
      'holding',
    ],
    ['a held gate leaves the cell as it was', 'if (!changes) return false;', 'return changes;', 'holding'],
  ]),
  ...mutantsOf(`${CELLS}/lstm-peephole.ts`, 'probes', [
    ['the way back begins with what another step left', 'kernels.copy(dInput, gates);', ''],
    ['cellGradient: the output gate’s peephole dropped', '* o * (1 - o) * peephole[2 * H + j]', '* 0'],
    ['pre-activations without the peephole of o', 'z[i0 + 3 * H] += p[2 * H + j] * after[at];', '', 'probe-steps'],
    [
      'a held cell leaves the output gate as it was',
      'holdLstm(rows, each, outputGate)',
      'holdLstm(rows, each)',
      'holding',
    ],
  ]),
  ...mutantsOf(`${CELLS}/lstm-norm.ts`, 'probes', [
    ['the input’s part goes back without its norm', 'kernels.copy(dInput, rows.input);', ''],
    ['the norm of the recording’s cell is not recalled', 'kernels.layerNorm(ofCell, cellGain, cell, cellInverse);', ''],
    [
      'the norm of the recording’s input is not recalled',
      'kernels.layerNorm(ofGates, inputGain, input, inputInverse);',
      '',
    ],
    ['cellGradient: the mean dropped', '(to[j] - mean - normalised', '(to[j] - normalised'],
    ['cellGradient: what goes along the norm dropped', ' - normalised[at] * along', ''],
    ['a held cell leaves the norm as it was', 'kernels.layerNorm(tanhC, cellGain, cell, cellInverse);', '', 'holding'],
  ]),
  ...mutantsOf(`${CELLS}/gru.ts`, 'probes', [
    [
      'dL/dhPrev keeps what another step left',
      'kernels.fill(dPrevious, 0);\n    kernels.fill(dCandidate, 0);',
      'kernels.fill(dCandidate, 0);',
    ],
    ['the candidate’s part is added to what another step left', 'kernels.fill(dCandidate, 0);', ''],
    ['before: the reset’s part keeps what another step left', 'kernels.fill(dReset, 0);', ''],
    [
      'nothing goes back through r and z',
      'this.kernels.matmulBackwardA(dPrevious, dRecurrent, this.#recurrentKernel);',
      '',
    ],
    [
      'pre-activations of r and z without the state’s part',
      'if (z) addBlock(z, gates, recurrent, 0, 2 * H);',
      '',
      'probe-steps',
    ],
    ['a held r leaves its product as it was', 'after[row * H + j] = r * factor[row * H + j];', '', 'holding'],
    [
      'a held n leaves the output as it was',
      'out[row * H + j] = (1 - z) * n + z * before[row * H + j];',
      '',
      'holding',
    ],
  ]),
  ...mutantsOf(`${CELLS}/rnn.ts`, 'probes', [
    [
      'the slope is that of another number',
      'kernels.tanhBackward(dInput, dh, h);',
      'kernels.tanhBackward(dInput, dh, dh);',
    ],
    ['dL/d(input) is added to what another step left', 'kernels.fill(dInput, 0);', ''],
    ['a held output is not held', 'h[row * H + j] = held.h[j];', ';', 'holding'],
  ]),
];
