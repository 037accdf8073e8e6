import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { writeWorkload } from '../../../bench/peers/workload-file.ts';
import { createWorkload } from '../../../bench/workload.ts';

it('writes every weight and the batch where the description says', () => {
  const folder = mkdtempSync(join(tmpdir(), 'etude-workload-'));
  try {
    const shape = { batchSize: 3, seqLength: 4, hiddenSize: 5, layers: 2 };
    writeWorkload(folder, shape, [1, 2]);
    const { tensors, ...rest } = JSON.parse(readFileSync(join(folder, 'workload.json'), 'utf8')) as {
      tensors: Record<string, { shape: number[]; offset: number }>;
    };
    expect(rest).toEqual({ ...shape, inputs: 3, pitches: 128, learningRate: 0.005, lossSteps: [1, 2] });
    const bytes = readFileSync(join(folder, 'workload.bin'));
    const read = (name: string): number[] => {
      const { shape: own, offset } = tensors[name];
      const size = own.reduce((product, length) => product * length, 1);
      return Array.from({ length: size }, (_, at) => bytes.readFloatLE(4 * (offset + at)));
    };
    const { parameters, batch } = createWorkload(shape);
    for (const [name, numbers] of Object.entries(parameters)) expect(read(name), name).toEqual([...numbers]);
    expect(read('features')).toEqual(Array.from(batch.features));
    expect(tensors.features.shape).toEqual([4, 3, 3]);
    expect(read('targets.duration')).toEqual(Array.from(batch.targets!.duration));
    const last = Object.values(tensors).at(-1)!;
    expect(bytes.length).toBe(4 * (last.offset + last.shape[0]));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
