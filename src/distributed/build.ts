import { ADAM_DEFAULTS, createEngine, Trainer, WindowDataset, type ModelSpec } from '../nn/index.ts';
import { nameOfBits, Random } from '../tensor/index.ts';
import { loadBytes } from '../tensor/simd/load.ts';
import { etudeVersion } from '../package-folder.ts';
import { sha256 } from '../sha256.ts';

/** Which Etude this is, as far as the bytes of its results depend on it. */
export interface Build {
  etude: string;
  /** 64 hexadecimal digits: equal where the same training gives the same bytes. */
  bits: string;
}

const SPEC: ModelSpec = {
  inputs: { categories: [{ name: 'a', size: 5, width: 4 }], features: ['x'] },
  lstm: { layers: 2, hiddenSize: 19, dropout: 0.1 },
  heads: [
    { name: 'a', kind: 'categorical', size: 5, lossWeight: 1, hidden: 7 },
    { name: 'x', kind: 'scalar', lossWeight: 1, positivePressure: 1 },
  ],
  lossOn: 'all',
};

/**
 * The build that computes here: a digest of the WebAssembly modules, and of the weights of a tiny network that is trained for a few
 * steps. The second tells machines apart that run the same modules with other last bits, as one without fused multiply-add does.
 */
export async function ownBuild(): Promise<Build> {
  const modules = await Promise.all(
    (['plain', 'relaxed', 'wide'] as const).map((variant) => loadBytes(variant, false)),
  );
  const { name, weights } = await trainTiny();
  const bits = sha256(...modules, new TextEncoder().encode(`${etudeVersion()} ${name}`), ...weights);
  return { etude: etudeVersion(), bits };
}

async function trainTiny(): Promise<{ name: string; weights: Float32Array[] }> {
  const length = 40;
  const random = Random.stream(1, 'sample');
  const note = Int32Array.from({ length }, () => random.integer(5));
  const gap = Float32Array.from({ length }, () => random.uniform());
  const train = new WindowDataset(
    SPEC,
    [{ length, categories: [note], features: gap, targets: { a: note, x: gap } }],
    9,
  );
  const engine = await createEngine(SPEC, {
    ...{ backend: 'auto', threads: 1, brief: true, batchSize: 8, steps: 9 },
    optimizer: { ...ADAM_DEFAULTS, clipNorm: 1 },
    init: Random.stream(1, 'init'),
    dropout: Random.stream(1, 'dropout'),
  });
  try {
    const trainer = new Trainer(engine, { train }, {
      ...{ batchSize: 8, epochs: 2, stepsPerEpoch: null, learningRate: 0.01, schedule: { kind: 'constant' } },
      ...{ patience: null, seed: 1, validationWindows: 1, checkpointEvery: null, maxSteps: 6 },
    }); // prettier-ignore
    await trainer.run();
    const { parameters } = await engine.readState();
    return {
      name: nameOfBits(engine.name),
      weights: Object.keys(parameters)
        .sort()
        .map((key) => parameters[key]),
    };
  } finally {
    await engine.dispose();
  }
}
