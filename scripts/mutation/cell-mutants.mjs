// Errors planted into the cells beside the LSTM, and into their kernels.
import { mutantsOf } from './mutants-of.mjs';

export const CELL_MUTANTS = [
  ...mutantsOf('src/tensor/reference/gru-cell.ts', 'cells', [
    ['dz of r: derivative of σ', 'by[at] * r * (1 - r)', 'by[at] * r'],
    ['dz of r: sign of the derivative', 'by[at] * r * (1 - r)', 'by[at] * r * (1 + r)'],
    ['dz of r: what it was applied to', 'dProduct[at] * by[at] * r', 'dProduct[at] * r'],
    ['by: overwritten instead of added', 'dBy[at] += dProduct', 'dBy[at] = dProduct'],
    ['by: reset gate dropped', 'dProduct[at] * r;', 'dProduct[at];'],
    ['recurrent: z of the wrong gate', 'gates[r0 + hidden + j];', 'gates[r0 + j];'],
    ['recurrent: r left out', 'dRecurrent[u0 + j] = dr;', ''],
    ['dn: update gate dropped', 'dh[at] * (1 - z) * (1 - n * n)', 'dh[at] * (1 - n * n)'],
    ['dn: derivative of tanh', '(1 - n * n)', '(1 - n)'],
    ['dz of z: sign', '(hPrev[at] - n) * z', '(n - hPrev[at]) * z'],
    ['dz of z: state before dropped', '(hPrev[at] - n) * z', '-n * z'],
    ['dz of z: derivative of σ', 'n) * z * (1 - z)', 'n) * z'],
    ['dhPrev: overwritten instead of added', 'dhPrev[at] += dh', 'dhPrev[at] = dh'],
    ['dhPrev: update gate dropped', 'dh[at] * z;', 'dh[at];'],
    ['candidate: left out', 'dCandidate[at] = dn;', ''],
    [
      'forward: update gate the wrong way round',
      '(1 - z) * n + z * hPrev[at]',
      'z * n + (1 - z) * hPrev[at]',
      'pytorch-cells',
    ],
    [
      'forward: candidate without what the reset gate left',
      'Math.tanh(gates[n0 + j] + candidate[at])',
      'Math.tanh(gates[n0 + j])',
      'pytorch-cells',
    ],
  ]),
  ...mutantsOf('src/tensor/reference/peephole-cell.ts', 'cells', [
    ['dc: what the output gate saw dropped', ' + dzo * peephole[2 * hidden + j];', ';'],
    ['dc: through h dropped', 'dc[at] + dh[at] * o * (1 - t * t) +', 'dc[at] +'],
    ['dcPrev: through the input gate dropped', ' + dzi * peephole[j]', ''],
    ['dcPrev: through the forget gate dropped', ' + dzf * peephole[hidden + j];', ';'],
    [
      'dcPrev: peepholes swapped',
      'dzi * peephole[j] + dzf * peephole[hidden + j]',
      'dzi * peephole[hidden + j] + dzf * peephole[j]',
    ],
    [
      'peepholes: output gate with the cell before',
      'dGates[i + 3 * hidden] * c[at]',
      'dGates[i + 3 * hidden] * cPrev[at]',
    ],
    ['peepholes: overwritten instead of added', 'dPeephole[j] += di', 'dPeephole[j] = di'],
    [
      'forward: output gate sees the cell before',
      'peephole[2 * hidden + j] * cell)',
      'peephole[2 * hidden + j] * cPrev[at])',
      'pytorch-cells',
    ],
  ]),
  ...mutantsOf('src/nn/cells/lstm-peephole.ts', 'cells', [
    ['dc not cleared', 'kernels.fill(dc, 0);', ''],
    ['nothing goes back in time', 'if (t > 0) kernels', 'if (t > 99) kernels'],
    ['the peepholes learn nothing', 'kernels.peepholeBackward(peephole, z, cPrev, c);', ''],
    [
      'the peepholes see the wrong cell',
      'kernels.peepholeBackward(peephole, z, cPrev, c);',
      'kernels.peepholeBackward(peephole, z, c, cPrev);',
    ],
  ]),
  ...mutantsOf('src/tensor/reference/kernels.ts', 'cells', [
    ['tanh backward: slope', '(1 - value[j] * value[j])', '(1 - value[j])'],
    ['tanh backward: overwritten instead of added', 'to[j] += from[j] * (1 - value', 'to[j] = from[j] * (1 - value'],
  ]),
  ...mutantsOf('src/nn/cells/gru.ts', 'cells', [
    ['state: the state’s part not cleared', 'this.kernels.fill(this.recurrent, 0);', ''],
    [
      'after: nothing goes back through the candidate’s kernel',
      'kernels.matmulBackwardA(dPrevious, dCandidateRows[t], this.candidateKernel);',
      '',
    ],
    ['after: nothing goes back through the gates', 'if (t === 0) break;', 'if (t < 99) break;'],
    ['after: the candidate’s bias left out', '[{ db: candidateKernel, a: this.previous }]', '[]'],
    ['after: the candidate’s gradient not cleared', 'kernels.fill(dCandidate, 0);', ''],
    [
      'before: the first step goes back',
      'if (t > 0) kernels.matmulBackwardA(dPrevious, dRecurrentRows[t]',
      'if (t > 1) kernels.matmulBackwardA(dPrevious, dRecurrentRows[t]',
    ],
    [
      'before: the candidate’s kernel by the state',
      'asMatrix(this.inner), asMatrix(dCandidate)',
      'this.previous, asMatrix(dCandidate)',
    ],
    ['before: what enters the candidate not cleared', 'kernels.fill(candidate, 0);', ''],
    ['before: what comes from the candidate not cleared', 'kernels.fill(dReset, 0);', ''],
  ]),
  ...mutantsOf('src/nn/cells/rnn.ts', 'cells', [
    ['gates not cleared before the way back', 'kernels.fill(this.gates, 0);', ''],
    [
      'the state before is not heard',
      'if (t > 0 || !this.fromZero) this.kernels.matmul(z[t], h[t], this.#recurrentKernel);',
      '',
      'pytorch-cells',
    ],
    ['nothing goes back in time', 'if (t > 0) kernels', 'if (t > 99) kernels'],
    ['the slope of the step before', 'dh[t], h[t + 1]', 'dh[t], h[t]'],
  ]),
  ...mutantsOf('src/nn/cells/cell.ts', 'cells', [
    ['a state that was given is taken for zero', 'this.fromZero = false;', ''],
    [
      'the state before the first step is not cleared',
      'for (const state of this.#first) this.kernels.fill(state, 0);',
      '',
    ],
  ]),
];
