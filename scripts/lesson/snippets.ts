import { extractSnippet, type SnippetPlace } from './extract.ts';
import { fenced } from './format.ts';

/** The code that the lesson shows, by the names of its markers. */
export const SNIPPETS: Readonly<Record<string, SnippetPlace>> = {
  'song-text': { file: 'data/songbook/bach-prelude-c.txt', from: 'right: 2x(r:8 g4:16 c5 e', to: 'left:' },
  'write-features': { file: 'src/midi/codec/codec.ts', symbol: 'featuresOf' },
  'project-input': { file: 'src/nn/cells/cell.ts', symbol: 'Cell.projectInput' },
  'cell-forward': { file: 'src/tensor/reference/lstm-cell.ts', symbol: 'lstmCell' },
  'sequence-forward': { file: 'src/tensor/reference/kernels.ts', symbol: 'ReferenceKernels.lstmForward' },
  'head-forward': { file: 'src/nn/heads.ts', symbol: 'Head.forward' },
  'softmax-forward': { file: 'src/tensor/reference/losses.ts', symbol: 'softmaxCrossEntropy' },
  'softmax-backward': { file: 'src/tensor/reference/losses.ts', symbol: 'softmaxCrossEntropyBackward' },
  'pressure-forward': {
    file: 'src/tensor/reference/losses.ts',
    symbol: 'mseWithPositivePressure',
    from: 'let loss',
    to: 'return loss',
  },
  'pressure-backward': {
    file: 'src/tensor/reference/losses.ts',
    symbol: 'mseWithPositivePressureBackward',
    from: 'for (let j',
    to: '  }',
  },
  'cell-backward': { file: 'src/tensor/reference/lstm-cell.ts', symbol: 'lstmCellBackward' },
  'sequence-backward': { file: 'src/tensor/reference/kernels.ts', symbol: 'ReferenceKernels.lstmBackward' },
  'weight-gradients': { file: 'src/nn/cells/cell.ts', symbol: 'Cell.addWeightGradients' },
  'numeric-gradient': { file: 'src/nn/gradient-check.ts', symbol: 'numericGradient' },
  'forget-bias': { file: 'src/nn/initializers.ts', symbol: 'unitForgetBias' },
  clip: { file: 'src/nn/trained-weights.ts', symbol: 'TrainedWeights.#clip' },
  update: { file: 'src/nn/trained-weights.ts', symbol: 'TrainedWeights.update' },
  adam: { file: 'src/tensor/reference/optimizers.ts', symbol: 'adam' },
  'simd-cell': {
    file: 'src/tensor/simd/assembly/lstm.ts',
    symbol: 'lstmCell',
    from: 'const input = f32x4.mul',
    to: 'v128.store(h',
  },
  'simd-madd': { file: 'src/tensor/simd/assembly/vector.ts', symbol: 'madd', from: 'export function madd' },
};

/** A snippet as it stands in the page: the code, and a link to where it comes from. */
export function snippetBlock(root: string, place: SnippetPlace): string {
  const { code } = extractSnippet(root, place);
  const name = place.symbol === undefined ? '' : `, \`${place.symbol}\``;
  const from = place.from !== undefined && place.symbol !== undefined ? 'Out of ' : '';
  return `${fenced(code, place.file.endsWith('.ts') ? 'ts' : 'text')}\n\n${from}[${place.file}](../${place.file})${name}`;
}
