// A program for Node as somebody writes it who has installed the package: every entry, and what only Node has.
import * as root from 'etude-lstm';
import * as gpu from 'etude-lstm/gpu';
import * as interop from 'etude-lstm/interop';
import * as midi from 'etude-lstm/midi';
import * as music from 'etude-lstm/music';
import * as nn from 'etude-lstm/nn';
import * as tensor from 'etude-lstm/tensor';

const spec: nn.ModelSpec = {
  inputs: { categories: [], features: ['x'] },
  lstm: { hiddenSize: 8, layers: 1, dropout: 0 },
  heads: [{ name: 'y', kind: 'scalar', lossWeight: 1, positivePressure: 0 }],
  lossOn: 'all',
};

export async function losses(threads: number | 'auto'): Promise<{ engine: string; losses: number[] }> {
  const engine = await root.createEngine(spec, {
    backend: 'auto',
    threads,
    optimizer: root.ADAM_DEFAULTS,
    batchSize: 4,
    steps: 6,
    init: tensor.Random.stream(1, 'init'),
    dropout: tensor.Random.stream(1, 'dropout'),
  });
  const losses: number[] = [];
  for (let step = 0; step < 3; step++) {
    const batch: nn.Batch = nn.randomBatch(spec, 4, 6, root.Random.stream(step, 'batch'));
    losses.push((await engine.trainStep(batch, 0.01)).loss);
  }
  await engine.dispose();
  return { engine: engine.name, losses };
}

/** What the types of the entries for Node say is there is there. */
export async function notesOf(folder: string): Promise<number> {
  const controller = new AbortController();
  const { pieces } = await midi.loadCorpus([folder], { signal: controller.signal });
  const { files } = root.findFiles([folder]);
  const first: root.MidiFile = root.readMidiFile(files[0]!.path);
  if (first.instruments.length === 0) throw new root.DataError('no instruments');
  return pieces.reduce((sum, { table }) => sum + table.length, 0);
}

export const names = { gpu: Object.keys(gpu), interop: Object.keys(interop), music: Object.keys(music) };
