/**
 * The words, help and options of the command that writes a model for other programs; see command-table.ts.
 *
 * @module
 */
import { FORMATS, type FormatName } from '../interop/formats.ts';
import { defineCommand } from './command.ts';
import { COMMON, FORCE, choice } from './options.ts';
import { outFile } from './output-kinds.ts';

export const exportModel = defineCommand({
  name: 'export',
  summary: 'write a trained model for other programs: ONNX, PyTorch, TensorFlow.js',
  description:
    'Writes a model in a format of other programs. ONNX: one file that runs whole sequences and single steps in onnxruntime, also in browsers, ' +
    'with the codec and the settings in its metadata; the states of the layers go in and come out. PyTorch: a safetensors file with the names of a state_dict. TensorFlow.js: a model.json for tf.loadLayersModel, ' +
    'and its weights in a second file beside it (mine.json and mine.weights.bin). "etude import" reads both of these again. docs/interop.md describes ' +
    'each format, and what does not travel.\n\n' +
    'What goes in and out, or stands in the file, is printed as a table; with --json as one object.',
  args: [{ name: 'model', required: true, help: 'a run folder or a checkpoint file' }],
  options: {
    to: choice(Object.keys(FORMATS) as FormatName[], { help: 'the format (required)' }),
    out: outFile('model', 'the file to write (required)'),
    force: FORCE,
    ...COMMON,
  },
  examples: [
    ['etude export runs/first --to onnx --out first.onnx', 'for onnxruntime'],
    ['etude export runs/first --to pytorch --out first.safetensors', 'for safetensors.torch.load_file'],
    [
      'etude export runs/first --to tfjs --out page/first.json',
      'for tf.loadLayersModel; the weights are page/first.weights.bin',
    ],
  ],
});
