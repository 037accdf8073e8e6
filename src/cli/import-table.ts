/**
 * The words, help and options of the command that reads models of other programs; see command-table.ts.
 *
 * @module
 */
import { defineCommand } from './command.ts';
import { COMMON, FORCE, text } from './options.ts';
import { outFile } from './output-kinds.ts';

export const importModel = defineCommand({
  name: 'import',
  summary: 'read a model of PyTorch (safetensors, .pt) or TensorFlow.js (model.json)',
  description:
    'Reads the weights of nn.LSTM, nn.GRU or nn.RNN with Linear heads and Embeddings, from a safetensors file or from a .pt that ' +
    'torch.save(model.state_dict(), ...) wrote, and writes them as a model of Etude. Modules may have any names; what a tensor is follows from its name and shape. ' +
    'Or reads a layers model of TensorFlow.js: model.json, with the files of weights that it names beside it. ' +
    'Nothing in a file is executed, and a tensor or layer that has no place in a model of Etude is refused by its name. A file of "etude export --to pytorch" or "--to tfjs" ' +
    'becomes the model that it was.\n\n' +
    'A model of plain sequences is one that loadModel of the library takes; it has no codec for music.',
  args: [{ name: 'file', required: true, help: 'a .safetensors, .pt or .pth file, or a model.json' }],
  options: {
    out: outFile('checkpoint', 'the model to write (required)'),
    head: text({
      value: 'names',
      help: 'the Linear modules that predict, in order, with commas between them; ":numbers" or ":classes" behind a name says what (default: found by shape; one output is a number, several are classes). Of TensorFlow.js the Dense layers of which that is to be said',
    }),
    embedding: text({
      value: 'names',
      help: 'of PyTorch the Embedding modules, in the order in which the first layer reads them (default: found by shape)',
    }),
    vocabulary: text({
      value: 'file',
      help: 'what the classes that go in are called: a JSON list of texts, in the order of their indices (default: 0, 1, 2, ...)',
    }),
    like: {
      ...text({
        value: 'model',
        help: 'a model whose tensors these are, under the names that "etude export" gives them: keep its layers, codec and settings',
      }),
      excludes: Object.fromEntries(['head', 'embedding', 'vocabulary'].map((key) => [key, 'that model says it'])),
    },
    force: FORCE,
    ...COMMON,
  },
  examples: [
    ['etude import words.pt --out words.safetensors --vocabulary letters.json', 'a language model of characters'],
    ['etude import page/model.json --out words.safetensors', 'what model.save of TensorFlow.js wrote'],
    ['etude import tuned.pt --like runs/first --out tuned.safetensors', 'what PyTorch has trained on'],
  ],
});
