import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { importCase } from '../../../bench/interop/tfjs-cases.ts';
import { importTfjs, toTfjs, type TfjsModel } from '../../../src/interop/index.ts';
import { CELL_KINDS, parameterSpecs, type CellKind, type ModelSpec, type SavedModel } from '../../../src/nn/index.ts';
import { Random, sizeOf } from '../../../src/tensor/index.ts';

const CELLS = ['lstm', 'gru-before', 'rnn'] as const;
const golden = join(import.meta.dirname, '../../golden/interop-tfjs');

/** A model with everything that layers can hold: chained heads, a relu layer, embeddings, one-hot classes and numbers. */
function modelOf(cell: CellKind, more: Partial<ModelSpec['lstm']> = {}, others: Partial<ModelSpec> = {}): SavedModel {
  const spec: ModelSpec = {
    inputs: { categories: [{ name: 'key', size: 3 }, { name: 'pitch', size: 5, width: 2 }, { name: 'step', size: 4, width: 3 }], features: ['tempo'], combine: 'join', dropout: 0.1 },
    lstm: { layers: 2, hiddenSize: 4, dropout: 0.2, cell, ...more },
    heads: [
      { name: 'pitch', kind: 'categorical', size: 5, lossWeight: 1 },
      { name: 'step', kind: 'categorical', size: 4, lossWeight: 0.5, reads: ['pitch'], hidden: 3 },
      { name: 'length', kind: 'numbers', size: 2, loss: { kind: 'gaussian' }, lossWeight: 1 },
    ],
    lossOn: 'last',
    ...others,
  }; // prettier-ignore
  const random = Random.stream(3, 'init');
  const parameters = parameterSpecs(spec).map(({ name, shape }) => {
    const values = Float32Array.from({ length: sizeOf(shape) }, () => random.normal());
    // Zeros of both signs: adding and reordering must not change even these.
    [values[0], values[values.length - 1]] = [-0, 0];
    return [name, values] as const;
  });
  const extra = { codec: { kind: 'any', list: [1, 2.5] }, settings: { seed: 7 } };
  return { spec, parameters: Object.fromEntries(parameters), extra };
}

const bitsOf = (values: Float32Array): number[] => [
  ...new Uint32Array(values.buffer, values.byteOffset, values.length),
];
const textOf = ({ bytes }: Pick<TfjsModel, 'bytes'>): string => new TextDecoder().decode(bytes);

interface Json {
  modelTopology: { config: { layers: { name: string; class_name: string; config: Record<string, unknown>; inbound_nodes: unknown[] }[]; output_layers: unknown[] } };
  weightsManifest: { paths: string[]; weights: { name: string; shape: number[] }[] }[];
  userDefinedMetadata: { etude: Record<string, unknown> };
} // prettier-ignore

/** The weights of a model.json by their names. */
function tensorsOf(json: Json, bytes: Uint8Array): Map<string, Float32Array> {
  const values = new Float32Array(Uint8Array.from(bytes).buffer);
  let at = 0;
  return new Map(json.weightsManifest.flatMap(({ weights }) => weights.map(({ name, shape }) => [name, values.subarray(at, (at += sizeOf(shape)))]))); // prettier-ignore
}

describe('export to TensorFlow.js', () => {
  it.each(CELLS.flatMap((cell) => [{ cell }, { cell, bidirectional: true as const }, { cell, widths: [6, 4] }]))('and import again give the same model, bit for bit: %j', async ({ cell, ...more }) => {
    const model = modelOf(cell, more);
    const { bytes, weights } = toTfjs(model);
    const { spec, parameters, extra } = await importTfjs(bytes, weights);
    expect({ spec, extra }).toEqual({ spec: model.spec, extra: model.extra });
    expect(Object.keys(parameters)).toEqual(Object.keys(model.parameters));
    for (const [name, values] of Object.entries(model.parameters)) expect(bitsOf(parameters[name]), name).toEqual(bitsOf(values));
  }); // prettier-ignore

  it.each([
    ['characters', ['lstm_LSTM1', 'lstm_LSTM2'], ['lstm.0', 'lstm.1']],
    ['labels', ['bidirectional_Bidirectional1/forward_gru_GRU1', 'bidirectional_Bidirectional1/backward_gru_GRU1', 'bidirectional_Bidirectional2/backward_gru_GRU2'], ['gru.0/forward_gru.0', 'gru.0/backward_gru.0', 'gru.1/backward_gru.1']],
    ['added', ['simple_rnn_SimpleRNN1'], ['rnn.0']],
  ])('of %s, a network of TensorFlow.js, has the weights that it had', async (name, theirs, ours) => {
    const json = JSON.parse(readFileSync(join(golden, name, 'model.json'), 'utf8')) as Json;
    const files = json.weightsManifest[0].paths.map((path) => readFileSync(join(golden, name, path)));
    const before = tensorsOf(json, Buffer.concat(files));
    const exported = toTfjs(await importCase(golden, name));
    const after = tensorsOf(JSON.parse(textOf(exported)) as Json, exported.weights);
    theirs.forEach((layer, k) => {
      for (const part of ['kernel', 'recurrent_kernel', 'bias']) {
        expect(bitsOf(after.get(`${ours[k]}/${part}`)!), `${layer}/${part}`).toEqual(bitsOf(before.get(`${layer}/${part}`)!));
      }
    });
  }); // prettier-ignore

  it('says what goes in and comes out', () => {
    const { parts } = toTfjs(modelOf('lstm'));
    expect(parts.map(({ role, name, type, shape }) => `${role} ${name} ${type} [${shape.join(', ')}]`)).toEqual([
      'input inputs.key int32 [batch, steps]',
      'input inputs.pitch int32 [batch, steps]',
      'input inputs.step int32 [batch, steps]',
      'input features float32 [batch, steps, 1]',
      'input drawn.pitch int32 [batch, steps]',
      'output heads.pitch float32 [batch, steps, 5]',
      'output heads.step float32 [batch, steps, 4]',
      'output heads.length float32 [batch, steps, 4]',
    ]);
  });

  it('has activations, forms of gates and initialisers written down, none left to defaults', () => {
    const json = JSON.parse(textOf(toTfjs(modelOf('gru-before')))) as Json;
    expect(json.modelTopology.config.layers.find(({ name }) => name === 'gru.0')!.config).toMatchObject({
      activation: 'tanh',
      recurrent_activation: 'sigmoid',
      reset_after: false,
      use_bias: true,
      return_sequences: true,
    });
  });

  it('names the file of weights, and is the same bytes each time', () => {
    const [one, two] = [0, 1].map(() => toTfjs({ ...modelOf('rnn'), etude: '9.9' }, 'mine.weights.bin'));
    expect(one).toEqual(two);
    const json = JSON.parse(textOf(one)) as Json;
    expect(json.weightsManifest[0].paths).toEqual(['mine.weights.bin']);
    expect(json.userDefinedMetadata.etude).toMatchObject({ version: '1', writer: 'Etude 9.9' });
    expect(() => toTfjs(modelOf('rnn'), '../x.bin')).toThrow(/cannot be called "\.\.\/x\.bin"/);
  });

  it.each(CELL_KINDS.filter((cell) => !(CELLS as readonly string[]).includes(cell)))('refuses %s by its name', (cell) => {
    expect(() => toTfjs(modelOf(cell))).toThrow(cell === 'gru' ? /layers are GRU, which TensorFlow\.js does not have: its GRU has the reset gate before the product.*--cell gru-before/ : /layers are LSTM \((peepholes|layer norm)\), which TensorFlow\.js does not have; it has lstm, gru-before and rnn/);
  }); // prettier-ignore

  it('refuses names that no layer can have, tables that grow too large, parts of one name, and weights that are not finite', () => {
    const renamed = (name: string): SavedModel => modelOf('lstm', {}, { heads: [{ name, kind: 'categorical', size: 2, lossWeight: 1 }] });
    expect(() => toTfjs(renamed('a/b'))).toThrow(/no layer can be called "heads\.a\/b"/);
    const many = modelOf('rnn', { layers: 1, hiddenSize: 1 }, { inputs: { categories: [{ name: 'word', size: 5000 }], features: [] } });
    expect(() => toTfjs(many)).toThrow(/inputs\.word has 5000 classes as one-hot vectors; at most 4096/);
    const [pitch] = modelOf('rnn').spec.heads;
    const clash = modelOf('rnn', {}, { heads: [pitch, { ...pitch, name: 'a', hidden: 2 }, { ...pitch, name: 'a.direct' }] });
    expect(() => toTfjs(clash)).toThrow(/two parts of this model would be called "heads\.a\.direct"/);
    const model = modelOf('lstm');
    model.parameters['heads.pitch.bias'][2] = Infinity;
    expect(() => toTfjs(model)).toThrow(/"heads\.pitch\.bias" has Infinity at \[2\]/);
  }); // prettier-ignore
});

describe('a model of ours that was changed', () => {
  const layer = ({ modelTopology }: Json, name: string) =>
    modelTopology.config.layers.find((each) => each.name === name)!;
  const changed = (change: (json: Json, numbers: Float32Array) => void): Promise<unknown> => {
    const exported = toTfjs(modelOf('lstm'));
    const json = JSON.parse(textOf(exported)) as Json;
    change(json, new Float32Array(exported.weights.buffer));
    return importTfjs(json, exported.weights);
  };

  it.each<[string, (json: Json, numbers: Float32Array) => void, RegExp]>([
    ['a weight has another name', (json) => { json.weightsManifest[0].weights[3].name = 'lstm.0/kernle'; }, /lstm\.0\/kernel should be \[9, 16\] and is missing/],
    ['a weight has another shape', (json) => { json.weightsManifest[0].weights[3].shape = [16, 9]; }, /lstm\.0\/kernel should be \[9, 16\] and has shape \[16, 9\]/],
    ['a weight is one too many', (json) => { json.weightsManifest[0].weights.push({ name: 'more/kernel', shape: [0], dtype: 'float32' } as never); }, /more\/kernel \[0\] is none of this architecture's weights/],
    ['a table of one-hot vectors was trained', (_, numbers) => { numbers[1] = 0.01; }, /one-hot\.key\/embeddings is no longer a table of one-hot vectors/],
    ['gates are no sigmoids', (json) => { layer(json, 'lstm.1').config.recurrent_activation = 'hard_sigmoid'; }, /layer "lstm\.1" \(LSTM\): its gates have the activation "hard_sigmoid"/],
    ['a layer does less', (json) => { layer(json, 'lstm.1').config.return_sequences = false; }, /layer "lstm\.1" \(LSTM\) is not what the architecture says.*"givesSteps":true.*"givesSteps":false/],
    ['a head has an activation', (json) => { layer(json, 'heads.length').config.activation = 'softmax'; }, /layer "heads\.length" \(Dense\) is not what the architecture says/],
    ['a relu layer is another', (json) => { layer(json, 'heads.step.hidden').config.activation = 'elu'; }, /"heads\.step\.hidden" \(Activation\) is not what/],
    ['a layer is another', (json) => { layer(json, 'heads.step').class_name = 'Multiply'; }, /layer "heads\.step" \(Multiply\) is not what/],
    ['a layer is gone', (json) => { json.modelTopology.config.layers = json.modelTopology.config.layers.filter(({ name }) => name !== 'heads.length'); }, /layer "heads\.length" \(Dense\) of the architecture is not there/],
    ['a layer is one too many', (json) => { json.modelTopology.config.layers.push({ ...layer(json, 'heads.step'), name: 'more' }); }, /layer "more" \(Add\) is none of the architecture's layers/],
    ['a head is gone', (json) => { json.modelTopology.config.output_layers.pop(); }, /the model gives heads\.pitch, heads\.step; expected/],
    ['the version is newer', (json) => { json.userDefinedMetadata.etude.version = '2'; }, /version "2" of the format; this Etude reads version "1"/],
    ['the architecture cannot be', (json) => { json.userDefinedMetadata.etude.spec = { inputs: {} }; }, /what this model says of its architecture cannot be read/],
    ['what the application keeps is no object', (json) => { json.userDefinedMetadata.etude.extra = []; }, /extra is \[\]; expected an object/],
  ])('is refused where %s', async (_, change, reason) => {
    await expect(changed(change)).rejects.toThrow(reason);
  }); // prettier-ignore

  it('keeps what it was where nothing but the names of the model and training settings changed', async () => {
    const model = modelOf('lstm');
    await expect(changed((json) => { layer(json, 'lstm.0').config.stateful = true; layer(json, 'lstm.0').config.kernel_regularizer = null; })).resolves.toMatchObject({ spec: model.spec });
  }); // prettier-ignore

  it('takes no options, and is read like the model that it came from where its metadata are lost', async () => {
    const model = modelOf('gru-before');
    const { bytes, weights } = toTfjs(model);
    await expect(importTfjs(bytes, weights, { heads: ['pitch'] })).rejects.toThrow(/heads: the file, which Etude exported, says/); // prettier-ignore
    const bare = { ...(JSON.parse(textOf({ bytes })) as Json), userDefinedMetadata: undefined };
    const { parameters, extra } = await importTfjs(bare, weights, { like: model });
    expect({ parameters, extra }).toEqual({ parameters: model.parameters, extra: model.extra });
    await expect(importTfjs(bare, weights, { like: modelOf('rnn') })).rejects.toThrow(/layer "rnn\.0" \(SimpleRNN\) of the architecture is not there/); // prettier-ignore
  });
});
