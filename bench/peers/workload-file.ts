import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parameterSpecs } from '../../src/nn/index.ts';
import { createWorkload, LEARNING_RATE, type WorkloadShape } from '../workload.ts';

/** Where a tensor stands in workload.bin. */
interface Place {
  shape: readonly number[];
  /** In numbers, from the beginning. */
  offset: number;
}

/**
 * Writes weights and batch for the peers: workload.bin, raw little-endian float32, and workload.json, what stands where. The
 * weights have their names in Etude and Keras's layouts (kernel [in, 4H], recurrent kernel [H, 4H], bias [4H], gates i f g o);
 * `features` is [T, B, 3], the targets [B].
 *
 * @param lossSteps the steps whose losses are compared
 */
export function writeWorkload(folder: string, shape: WorkloadShape, lossSteps: readonly number[]): void {
  const { spec, parameters, batch } = createWorkload(shape);
  const { batchSize, seqLength } = shape;
  const inputs = spec.inputs.features.length;
  const all: [name: string, shape: readonly number[], numbers: ArrayLike<number>][] = [
    ...parameterSpecs(spec).map(
      ({ name, shape: own }) => [name, own, parameters[name]] as [string, number[], Float32Array],
    ),
    ['features', [seqLength, batchSize, inputs], batch.features],
    ...Object.entries(batch.targets!).map(
      ([name, numbers]) => [`targets.${name}`, [batchSize], numbers] as [string, number[], ArrayLike<number>],
    ),
  ];
  const tensors: Record<string, Place> = {};
  let offset = 0;
  for (const [name, own, numbers] of all) {
    tensors[name] = { shape: own, offset };
    offset += numbers.length;
  }
  const flat = new Float32Array(offset);
  for (const [name, , numbers] of all) flat.set(numbers, tensors[name].offset);
  const [pitch] = spec.heads;
  const pitches = pitch.kind === 'categorical' ? pitch.size : 1;
  const description = { ...shape, inputs, pitches, learningRate: LEARNING_RATE, lossSteps, tensors };
  writeFileSync(join(folder, 'workload.bin'), flat);
  writeFileSync(join(folder, 'workload.json'), JSON.stringify(description));
}
