/**
 * The words, help and options of `etude bench`; see command-table.ts.
 *
 * @module
 */
import { BACKENDS } from '../tensor/backend-names.ts';
import { defineCommand } from './command.ts';
import { COMMON, ENGINE, FORCE, choice, flag, number, text, under, whole, type OptionSpec } from './options.ts';
import { output, outFile } from './output-kinds.ts';

/** What `etude bench` can measure. */
export const BENCHES = [
  'kernels',
  'train',
  'generate',
  'load',
  'epoch',
  'scaling',
  'memory',
  'modes',
  'crossover',
] as const;
export type Bench = (typeof BENCHES)[number];

export const bench = defineCommand({
  name: 'bench',
  summary: 'measure on this machine: kernels, training, generation, loading',
  description:
    'Runs the benchmark you name, after verifying that the results are correct:\n\n' +
    '  kernels    every operation on every backend, against the measured peak\n' +
    '  train      a training step of the reference workload or another\n' +
    '  generate   one note: the engine alone, over a window, with everything around it\n' +
    '  load       reading DATA: cold, filling the cache, and cached\n' +
    '  epoch      how much of an epoch on DATA is spent in the kernels\n' +
    '  scaling    how time and memory grow with units, steps, batch and threads\n' +
    '  memory     resident memory over a long training run on DATA\n' +
    '  modes      kernels and training step in every mode that runs here, those of gpu.js included; the same as bench --backend all\n' +
    '  crossover  the model and batch size from which a GPU is faster than SIMD, stored for --backend auto; the same as bench --crossover\n\n' +
    'Times are medians with their 10th and 90th percentiles. On a busy machine they mean little: the last line says how much ' +
    'of it other processes used. Rows appear as they are measured. With --json each row is one object on its own line, and the ' +
    'last line describes the machine; train prints a single object.',
  args: [
    { name: 'what', required: false, help: BENCHES.join(', ') },
    {
      name: 'data',
      required: false,
      variadic: true,
      help: 'MIDI files or folders, for load, epoch and memory (default: the songbook)',
    },
  ],
  options: {
    backend: choice([...BACKENDS, 'all'], {
      value: `${ENGINE.backend.value}|all`,
      help: `${ENGINE.backend.help}; all is every one of them, in kernels, train and modes (default: auto; all for kernels)`,
    }),
    crossover: flag('find where the GPU becomes faster than SIMD, and store it for --backend auto'),
    threads: {
      value: 'n|auto',
      parse: ENGINE.threads.parse,
      help: 'how many threads train (default: auto, one per core)',
    } as OptionSpec<number | 'auto' | undefined>,
    ...under("Workload (the tutorial's by default):", {
      hiddenSize: whole({ min: 1, max: 4096, help: 'units of each layer (default: 128)' }),
      layers: whole({ min: 1, max: 16, help: 'LSTM layers (default: 1)' }),
      seqLength: whole({ min: 1, max: 10_000, help: 'time steps per sequence (default: 25)' }),
      batchSize: whole({ min: 1, max: 65_536, help: 'sequences per training step (default: 64)' }),
    }),
    ...under('Of some only:', {
      steps: whole({
        min: 1,
        max: 10_000_000,
        help: 'train: steps to measure; epoch: end it after N steps; memory: steps to train for (default: 10,000)',
      }),
      seconds: number({
        min: 0,
        max: 3600,
        help: 'kernels, train, generate, scaling, modes, crossover: time each row for this long, not counting verification and warm-up',
      }),
      only: text({ value: 'text', help: 'kernels: only operations and shapes with this text in their names' }),
      svg: output({ kind: 'svg', help: 'kernels: also write the roofline to this SVG file' }),
      files: whole({ min: 1, max: 1e9, help: 'epoch, memory: train on the first N files of DATA (default: 10)' }),
      rounds: whole({ min: 1, max: 1000, help: 'load: number of readings with and without the cache (default: 5)' }),
      cache: text({
        value: 'folder|none',
        help: 'load: read once, in this process, with this cache or without one; crossover: where to store the result',
      }),
    }),
    out: outFile('json', 'also write the result as JSON, for bench/compare and the tables of the documentation', {
      svg: '--svg FILE',
    }),
    force: { ...FORCE, needs: ['out', 'svg'] },
    ...COMMON,
  },
  examples: [
    ['etude bench train --threads 1', 'a training step on one thread'],
    ['etude bench train --hidden-size 512 --seq-length 100 --layers 2', 'a large one'],
    ['etude bench kernels --only matmul --svg roofline.svg', ''],
    ['etude bench load maestro-v2.0.0', ''],
    ['etude bench --backend all', 'every mode that runs here, side by side'],
    ['etude bench --crossover', 'what --backend auto should take on this machine'],
  ],
});
