// The process that kill.slow.ts kills: trains the toy model in the run folder argv[2], going on from `last` where there is
// one, and says on stdout what it has done, each line written before it goes on.
import { hasModel, readCheckpoint, runPaths, writeCheckpoint } from '../../src/cli/run-folder.ts';
import { Trainer, type ModelSpec } from '../../src/nn/index.ts';
import { TOY_CONFIG, TOY_SPEC, toyData, toyEngine } from '../support/toy-model.ts';

/** Wide enough that a checkpoint takes a while to write: some hundred kilobytes. */
const SPEC: ModelSpec = { ...TOY_SPEC, lstm: { layers: 2, hiddenSize: 48, dropout: 0.2 } };
const CONFIG = {
  ...TOY_CONFIG,
  epochs: 50,
  learningRate: 0.002,
  schedule: { kind: 'plateau', factor: 0.5, patience: 2, minDelta: 0.001, minimum: 1e-5 } as const,
  checkpointEvery: 2,
};

const folder = process.argv[2];
const paths = runPaths(folder);
const trainer = new Trainer(await toyEngine(SPEC), toyData(SPEC), CONFIG, {
  onCheckpoint: (kind, checkpoint) => {
    writeCheckpoint(paths[kind], checkpoint);
    process.stdout.write(`${kind} ${checkpoint.training!.trainer.step}\n`);
  },
});
if (hasModel(folder)) await trainer.resume(readCheckpoint(folder, 'last'));
process.stdout.write('ready\n');
const { reason } = await trainer.run();
process.stdout.write(`${reason}\n`);
