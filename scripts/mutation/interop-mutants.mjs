// Errors planted into what writes models for other programs, and reads theirs.
import { mutantsOf } from './mutants-of.mjs';

export const INTEROP_MUTANTS = [
  ...mutantsOf('src/interop/onnx/layers.ts', 'onnx', [
    ['gates of the LSTM in our order', "lstm: ['i', 'o', 'f', 'g']", "lstm: ['i', 'f', 'g', 'o']"],
    ['gates of the LSTM: output and forget swapped', "lstm: ['i', 'o', 'f', 'g']", "lstm: ['i', 'f', 'o', 'g']"],
    ['gates of the GRU in our order', "gru: ['z', 'r', 'n']", "gru: ['r', 'z', 'n']"],
    ['peepholes in our order', "peephole: ['i', 'o', 'f']", "peephole: ['i', 'f', 'o']"],
    ['biases the wrong way round', '[inputBias, recurrentBias]', '[recurrentBias, inputBias]'],
    ['reset gate before the product', "cell === 'gru' &&", "cell === 'gru-before' &&"],
    ['the directions are not joined in front of each other', '[0, 2, 1, 3]', '[0, 2, 3, 1]'],
    ['states forgotten', 'lengths, ...before]', "lengths, ...before.map(() => '')]"],
  ]),
  ...mutantsOf('src/interop/cell-weights.ts', 'onnx', [
    ['the first bias twice', 'recurrentBias: new Float32Array(inputBias.length)', 'recurrentBias: inputBias.slice()'],
    ['the bias of the candidate’s product forgotten', "if (bias) putGates(weights.recurrentBias, bias, ['n'], to, H);", ''],
    ['the bias of the candidate’s product beside its own', 'putGates(weights.recurrentBias, bias', 'putGates(weights.inputBias, bias'],
    ['the candidate’s kernel forgotten', "if (candidate) putGates(weights.recurrent, candidate, ['n'], to, H);", ''],
    ['rows and columns swapped', 'visit(n * width + column + j,', 'visit((column + j) * N + n,'],
  ]),
  ...mutantsOf('src/interop/cell-weights.ts', 'torch', [
    ['the second bias dropped', 'recurrentBias[k] === 0 ? b : b + recurrentBias[k]', 'b'],
    ['the second bias twice', 'recurrentBias[k] === 0 ? b : b + recurrentBias[k]', '2 * recurrentBias[k]'],
    ['the sign of a zero lost', 'recurrentBias[k] === 0 ? b : b + recurrentBias[k]', 'b + recurrentBias[k]'],
    ['both biases of the candidate added', 'if (isGru) bias.set(first.subarray(2 * H), 2 * H);', ''],
    ['the bias of the candidate’s product from what comes in', 'second.slice(2 * H)', 'first.slice(2 * H)'],
    ['the candidate’s kernel is that of another gate', "candidate_kernel: columns(recurrent, ['n'])", "candidate_kernel: columns(recurrent, ['z'])"],
    ['reset and update gate swapped', "columns(recurrent, isGru ? ['r', 'z'] : gates)", "columns(recurrent, isGru ? ['z', 'r'] : gates)"],
  ]),
  ...mutantsOf('src/interop/pytorch/names.ts', 'torch', [
    ['gates of the LSTM as ONNX has them', "lstm: ['i', 'f', 'g', 'o']", "lstm: ['i', 'o', 'f', 'g']"],
    ['gates of the LSTM: candidate and output swapped', "lstm: ['i', 'f', 'g', 'o']", "lstm: ['i', 'f', 'o', 'g']"],
    ['gates of the GRU as Keras has them', "gru: ['r', 'z', 'n']", "gru: ['z', 'r', 'n']"],
    ['the directions swapped', "reverse ? '_reverse' : ''", "reverse ? '' : '_reverse'"],
    ['a head as it is', '`heads.${name}.weight`, [inputs, size], true)', '`heads.${name}.weight`, [inputs, size], false)'],
  ]),
  ...mutantsOf('src/interop/pytorch/torch-file.ts', 'torch', [
    ['offsets ignored', 'from = offset;', 'from = 0;'],
    ['strides ignored', 'from += strides[axis];', 'from += 1;'],
    ['always little-endian', "this.#littleEndian = order !== 'big';", 'this.#littleEndian = true;'],
  ]),
  ...mutantsOf('src/interop/number-types.ts', 'torch', [
    ['float16 with the exponent of bfloat16', 'littleEndian), 5)', 'littleEndian), 8)'],
    ['subnormal numbers lost', 'return sign * fraction * 2 ** (1 - bias)', 'return 0'],
    ['the sign lost', 'const sign = bits >> 15 ? -1 : 1', 'const sign = 1'],
  ]),
  ...mutantsOf('src/interop/keras-layers/cell-columns.ts', 'keras', [
    ['gates of the LSTM as ONNX has them', "lstm: ['i', 'f', 'g', 'o']", "lstm: ['i', 'o', 'f', 'g']"],
    ['gates of the LSTM as tfjs’s basic cell', "lstm: ['i', 'f', 'g', 'o']", "lstm: ['i', 'g', 'f', 'o']"],
    ['gates of the GRU as PyTorch has them', "gru: ['z', 'r', 'n']", "gru: ['r', 'z', 'n']"],
    ['the rows of biases swapped', '[bias.subarray(0, 3 * H), bias.subarray(3 * H)]', '[bias.subarray(3 * H), bias.subarray(0, 3 * H)]'],
    ['the first row of biases twice', '[bias.subarray(0, 3 * H), bias.subarray(3 * H)]', '[bias.subarray(0, 3 * H), bias.subarray(0, 3 * H)]'],
    ['the second row of biases is not added', 'b : b + second[k]', 'b : b'],
    ['the bias of the candidate’s product forgotten', "candidate_bias: columns(second, ['n'])", 'candidate_bias: new Float32Array(H)'],
  ]),
  ...mutantsOf('src/interop/keras-layers/recurrent.ts', 'keras', [
    ['reset gate behind the product', "kind === 'gru' && resetAfter !== true", "kind === 'gru' && resetAfter === true"],
    ['asked at every step', "own(config, 'return_sequences') === true", "own(config, 'return_sequences') !== undefined"],
  ]),
  ...mutantsOf('src/interop/keras-layers/read-layers.ts', 'keras', [
    ['the relu layer forgotten', '`${name}.hidden.out`] = Float32Array.from(kernel)', '`${name}.hidden.out`] = new Float32Array(kernel.length)'],
    ['the rows of the kernel as they come', 'layer === 0 ? found.inOrder(kernel) : kernel', 'kernel'],
  ]),
  ...mutantsOf('src/interop/keras/weights.ts', 'keras', [
    ['the directions swapped', "['forward', 'forward_layer/cell/vars'], ['backward', 'backward_layer/cell/vars']", "['forward', 'backward_layer/cell/vars'], ['backward', 'forward_layer/cell/vars']"],
    ['the kernel for the recurrent kernel', "CELL = ['kernel', 'recurrent_kernel', 'bias']", "CELL = ['recurrent_kernel', 'kernel', 'bias']"],
  ]),
  ...mutantsOf('src/interop/keras/config.ts', 'keras', [
    ['layers of a class are not counted', 'used.set(stem, number + 1)', 'used.set(stem, number)'],
  ]),
  ...mutantsOf('src/interop/keras/hdf5.ts', 'keras', [
    ['bfloat16 as float16', 'marked()) return FLOAT_TYPES.BF16', 'marked()) return FLOAT_TYPES.F16'],
  ]),
  ...mutantsOf('src/interop/onnx/norm-layer.ts', 'onnx', [
    ['forget and output gate swapped', '[0, 1, 3].map', '[0, 3, 1].map'],
    ['the cell is not normalised', "normalise(body, inside('c1'), inside('seen'), cellGain, cellBias)", "inside('c1')"],
    ['another epsilon', 'float: LAYER_NORM_EPSILON', 'float: 1e-3'],
    ['the normalised cell goes on', "['h1', 'c1', 'y']", "['h1', 'seen', 'y']"],
  ]),
  ...mutantsOf('src/interop/onnx/heads.ts', 'onnx', [
    ['the relu layer does not know what is read', 'dense(`${prefix}.hidden`, reads, units)', 'dense(`${prefix}.hidden`, [], units)'],
    ['heads read nothing', 'dense(prefix, reads, size)', 'dense(prefix, [], size)'],
  ]),
  ...mutantsOf('src/interop/onnx/to-onnx.ts', 'onnx', [
    ['features before classes', '[...oneHot, ...together, ...numbers]', '[...numbers, ...oneHot, ...together]'],
    ['embeddings before classes', '[...oneHot, ...together, ...numbers]', '[...together, ...oneHot, ...numbers]'],
  ]),
  ...mutantsOf('src/interop/keras-layers/cell-columns.ts', 'tfjs', [
    ['gates of the LSTM as ONNX has them', "lstm: ['i', 'f', 'g', 'o']", "lstm: ['i', 'o', 'f', 'g']"],
    ['gates of the LSTM: candidate and output swapped', "lstm: ['i', 'f', 'g', 'o']", "lstm: ['i', 'f', 'o', 'g']"],
    ['gates of the GRU as PyTorch has them', "gru: ['z', 'r', 'n']", "gru: ['r', 'z', 'n']"],
    ['the candidate’s kernel is that of another gate', "candidate_kernel: columns(recurrent_kernel, ['n'])", "candidate_kernel: columns(recurrent_kernel, ['z'])"],
    ['reset and update gate swapped on the way back', "columns(recurrent_kernel, ['r', 'z'])", "columns(recurrent_kernel, ['z', 'r'])"],
    ['the candidate’s kernel forgotten on the way out', "put('candidate_kernel', ['n'], put('recurrent_kernel', ['r', 'z']))", "put('recurrent_kernel', ['r', 'z'])"],
    ['the sign of a zero lost', "cell !== 'gru' || second[k] === 0 ? b", "cell === 'none' ? b"],
    ['rows and gates swapped', '(n * to.length + at) * H', '(at * N + n) * H'],
  ]),
  ...mutantsOf('src/interop/keras-layers/read-layers.ts', 'tfjs', [
    ['the directions swapped', "direction === 'backward' ? `${layer}.reverse`", "direction === 'forward' ? `${layer}.reverse`"],
    ['the rows of the kernel as they come', 'layer === 0 ? found.inOrder(kernel) : kernel', 'kernel'],
    ['the relu layer’s way out in the direct path', '`${name}.hidden.out`] = Float32Array.from(kernel)', '`${name}.hidden.out`] = new Float32Array(kernel.length)'],
  ]),
  ...mutantsOf('src/interop/keras-layers/inputs.ts', 'tfjs', [
    ['embeddings behind numbers', '[...blocks.filter(({ isTable }) => isTable), ...blocks.filter(({ isTable }) => !isTable)]', '[...blocks.filter(({ isTable }) => !isTable), ...blocks.filter(({ isTable }) => isTable)]'],
  ]),
  ...mutantsOf('src/interop/tfjs/manifest.ts', 'tfjs', [
    ['quantised numbers without their least', 'value : value * scale + min', 'value : value * scale'],
    ['whole numbers of two bytes read from the wrong end', 'view.getUint16(at, true)', 'view.getUint16(at)'],
  ]),
  ...mutantsOf('src/interop/tfjs/plan-of.ts', 'tfjs', [
    ['the directions swapped', "['forward', 'backward'][direction]", "['backward', 'forward'][direction]"],
  ]),
]; // prettier-ignore
