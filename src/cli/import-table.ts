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
  summary: 'read a model of PyTorch (safetensors, .pt), Keras (.keras, .weights.h5) or TensorFlow.js (model.json)',
  description:
    'Reads a model of another program and writes it as one of Etude. What a file is, it says itself, whatever its name.\n\n' +
    'PyTorch: the weights of nn.LSTM, nn.GRU or nn.RNN with Linear heads and Embeddings, from a safetensors file or from a .pt that ' +
    'torch.save(model.state_dict(), ...) wrote. Modules may have any names; what a tensor is follows from its name and shape.\n\n' +
    'Keras 3: a .keras of model.save, or a .weights.h5 of model.save_weights: Sequential, or Functional with any number of Dense heads. ' +
    'This needs the package h5wasm: npm install h5wasm.\n\n' +
    'TensorFlow.js: a layers model, model.json, with the files of weights that it names beside it.\n\n' +
    'Nothing in a file is executed. What has no place in a model of Etude, or would change what it says, is refused by its name. ' +
    'A file of "etude export --to pytorch" or "--to tfjs" becomes the model that it was. ' +
    'A model of plain sequences is one that loadModel of the library takes; it has no codec for music.',
  args: [
    { name: 'file', required: true, help: 'a .safetensors, .pt, .pth, .keras or .weights.h5 file, or a model.json' },
  ],
  options: {
    out: outFile('checkpoint', 'the model to write (required)'),
    head: text({
      value: 'names',
      help: 'the Linear modules that predict, in order, with commas between them; ":numbers" or ":classes" behind a name says what (default: found by shape; one output is a number, several are classes). Keras and TensorFlow.js say themselves which they are; there it is what they predict, where nothing else says it',
    }),
    embedding: text({
      value: 'names',
      help: 'of PyTorch the Embedding modules, in the order in which the first layer reads them (default: found by shape)',
    }),
    vocabulary: text({
      value: 'file',
      help: 'what the classes that go in are called: a JSON list of texts, in the order of their indices (default: 0, 1, 2, ...)',
    }),
    config: text({
      value: 'file',
      help: 'what model.to_json() of Keras writes, for a .weights.h5, which says no more than classes and shapes of layers',
    }),
    like: {
      ...text({
        value: 'model',
        help: 'a model whose tensors these are, under the names that "etude export" gives them: keep its layers, codec and settings',
      }),
      excludes: Object.fromEntries(
        ['head', 'embedding', 'vocabulary', 'config'].map((key) => [key, 'that model says it']),
      ),
    },
    force: FORCE,
    ...COMMON,
  },
  examples: [
    ['etude import words.pt --out words.safetensors --vocabulary letters.json', 'a language model of characters'],
    ['etude import words.keras --out words.safetensors', 'the same of Keras'],
    ['etude import page/model.json --out words.safetensors', 'what model.save of TensorFlow.js wrote'],
    ['etude import tuned.pt --like runs/first --out tuned.safetensors', 'what PyTorch has trained on'],
  ],
});
