import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { isInTfjs, measureExport, measureImport } from '../../../bench/interop/measure-tfjs.ts';
import { BOTH_WAYS, ONE_WAY } from '../../../bench/interop/models.ts';
import {
  batchFor,
  largestDifference,
  partOf,
  randomModel,
  runNetwork,
  runStepper,
} from '../../../bench/interop/ours.ts';
import { artifactsOf, predict, type Tfjs } from '../../../bench/interop/tfjs-model.ts';
import { importTfjs, toTfjs } from '../../../src/interop/index.ts';
import { chainedSpec, tutorialSpec } from '../../support/model-specs.ts';
import { peersTfjs } from './peers-tfjs.ts';

const TOLERANCE = 1e-5;
const { tf, missing } = await peersTfjs();
const specs = Object.entries({
  ...ONE_WAY,
  ...BOTH_WAYS,
  'the tutorial’s model': tutorialSpec(16, 12),
  'heads that read each other, asked at the end of both directions': {
    ...chainedSpec(),
    lstm: { layers: 2, hiddenSize: 4, dropout: 0, bidirectional: true as const },
    lossOn: 'last' as const,
  },
}).filter(([, spec]) => isInTfjs(spec));

describe.skipIf(missing !== '')(`TensorFlow.js${missing}`, () => {
  it.each(specs)('says what Etude says, to 1e-5, of an exported model: %s', async (_, spec) => {
    expect(await measureExport(tf!, spec)).toBeLessThan(TOLERANCE);
  });

  it.each([21, 22])('makes networks (seed %i) of which Etude says the same once they are imported, to 1e-5', async (seed) => {
    const measured = await measureImport(seed);
    expect(measured).toHaveLength(7);
    for (const { model, difference } of measured) expect(difference, model).toBeLessThan(TOLERANCE);
  });

  it('loads both files as a page does, by the name that the first one says', async () => {
    const spec = ONE_WAY['the preset songbook, smaller'];
    const model = randomModel(spec);
    const { bytes, weights } = toTfjs(model, 'a model.weights.bin');
    const asked: string[] = [];
    const server = createServer(({ url = '' }, response) => {
      asked.push(url);
      response.end(url.endsWith('.json') ? bytes : weights);
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    try {
      const { port } = server.address() as AddressInfo;
      const loaded = await tf!.loadLayersModel(`http://127.0.0.1:${port}/page/a.json`);
      const batch = batchFor(spec, 2, 5);
      predict(tf!, loaded, spec, batch).forEach((head, k) => {
        expect(largestDifference(head, runNetwork(model, batch).heads[k])).toBeLessThan(TOLERANCE);
      });
      expect(asked).toEqual(['/page/a.json', '/page/a%20model.weights.bin']);
    } finally {
      server.close();
    }
  });

  it('saves an exported model again, with its metadata, and Etude reads the same model, bit for bit', async () => {
    const model = { ...randomModel(ONE_WAY['the preset songbook, smaller']), extra: { codec: { kind: 'any' } } };
    const loaded = await load(tf!, artifactsOf(toTfjs(model)));
    expect(loaded.getUserDefinedMetadata()).toMatchObject({ etude: { version: '1', extra: { codec: { kind: 'any' } } } });
    let saved: { weightData?: ArrayBuffer } = {};
    await loaded.save(tf!.io.withSaveHandler((artifacts) => Promise.resolve({ ...(saved = artifacts as object), modelArtifactsInfo: {} })));
    const { spec, parameters, extra } = await importTfjs(saved, saved.weightData!);
    expect({ spec, parameters, extra }).toEqual(model);
  });

  it('runs step by step once the recurrent layers are stateful, as docs/interop.md says', async () => {
    const model = randomModel(ONE_WAY['two layers of lstm']);
    const { spec } = model;
    const artifacts = artifactsOf(toTfjs(model)) as { modelTopology: { config: { layers: { class_name: string; config: Record<string, unknown> }[] } } };
    for (const { class_name: kind, config } of artifacts.modelTopology.config.layers) {
      if (kind === 'InputLayer') config.batch_input_shape = [1, 1, ...(config.batch_input_shape as number[]).slice(2)];
      if (kind === 'LSTM') config.stateful = true;
    }
    const loaded = await load(tf!, artifacts);
    const one = batchFor(spec, 1, 6);
    for (const expected of [runStepper(model, one), runNetwork(model, one).heads]) {
      loaded.resetStates();
      const said = spec.heads.map((): number[] => []);
      for (let t = 0; t < 6; t++) predict(tf!, loaded, spec, partOf(one, t, t + 1)).forEach((head, k) => said[k].push(...head));
      said.forEach((head, k) => { expect(largestDifference(head, expected[k])).toBeLessThan(TOLERANCE); });
    }
  });
}); // prettier-ignore

function load(tf: Tfjs, artifacts: unknown) {
  return tf.loadLayersModel(tf.io.fromMemory(artifacts));
}
