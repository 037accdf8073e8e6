import { Codec } from '../src/midi/index.ts';
import { generateNotes, resolveSettings, type GenerateOptions, type MusicModel } from '../src/music/index.ts';
import { PLAIN_SAMPLING, Stepper, WindowRunner } from '../src/nn/index.ts';
import { createKernels, type Kernels } from '../src/tensor/index.ts';
import { allocatedBytes, CALLS_PER_LOOK, HeapWatch } from './heap.ts';
import type { Row } from './results.ts';
import { sampleRuns, summarise, warmUp, type Effort } from './timing.ts';
import { shapeInWords } from './train.ts';
import { VerificationError } from './verification-error.ts';
import type { Watcher } from './watcher.ts';
import { createWorkload, REFERENCE, type Workload, type WorkloadShape } from './workload.ts';

/** The ways to a note that are measured. */
export type GenerationPath = 'stateful' | 'window' | 'with sampling';

/** The time of one note. */
export interface GenerateRow extends Row {
  path: GenerationPath;
  backend: string;
  /** The median in microseconds. */
  microseconds: number;
  /** What a note leaves on the JavaScript heap, in bytes; of notes that are kept, what keeps them too. */
  heapBytesPerNote: number;
}

export interface GenerateBenchOptions extends Watcher<GenerateRow> {
  backend: string;
  /** Its batch is not used: notes come one by one. */
  shape: WorkloadShape;
  effort: Effort;
  /** How many notes are watched for what they leave on the heap. */
  heapNotes: number;
}

/**
 * What the heads of the reference workload say after its first sequence, as PyTorch has it: the sum of the pitch logits, the
 * step and the duration.
 */
export const REFERENCE_OUTPUTS = [-0.1168825, 0.0089683, -0.0284454];
export const OUTPUT_TOLERANCE = 5e-6;

/** Notes of a piece that is drawn with sampling and bookkeeping: long enough that its beginning does not count. */
const PIECE = 5000;

/**
 * Times one note: the engine alone, carrying its state; the engine over a window, anew for each note, as TensorFlow's
 * tutorial does; and all of generation, with sampling, decoding, encoding and the list of notes.
 * @throws VerificationError when the outputs differ from the plain kernels', or the reference workload's from PyTorch's
 */
export function benchGenerate(options: GenerateBenchOptions): GenerateRow[] {
  const { backend, shape, effort, heapNotes } = options;
  const workload = createWorkload({ ...shape, batchSize: 1 });
  const kernels = createKernels(backend, { lasting: true });
  const { name } = kernels;
  options.onStage?.(`Verifying ${name} by what it says after one sequence`);
  verifyOutputs(workload, kernels);
  const piece = { ...PLAIN_SAMPLING, notes: Math.min(PIECE, heapNotes), seed: 1, kernels };
  const model = musicModelOf(workload);
  // Of draws that strike one key at once one note is left: what is timed are draws.
  const draws = generateNotes(model, piece).events.length;
  const paths: Measured[] = [
    { path: 'stateful', words: 'engine', notes: 1, run: steps(workload, kernels) },
    { path: 'window', words: `engine, window of ${shape.seqLength}`, notes: 1, run: windows(workload, kernels) },
    { path: 'with sampling', words: 'whole', notes: draws, run: () => void generateNotes(model, piece) },
  ];
  return paths.map(({ path, words, notes, run }) => {
    options.onBegin?.(`Timing ${words}`);
    warmUp({ run }, { seconds: effort.seconds / 4, samples: effort.samples });
    const timing = summarise(sampleRuns({ run }, effort).map((ms) => ms / notes));
    const row: GenerateRow = {
      id: `one note, ${words}, ${shapeInWords({ ...shape, batchSize: 1 })}, ${name}`,
      path,
      backend: name,
      ...timing,
      microseconds: timing.medianMs * 1000,
      heapBytesPerNote:
        path === 'with sampling'
          ? heapBytesOfPiece(model, piece)
          : // A window is as much work as so many notes.
            allocatedBytes(run, heapNotes / (path === 'window' ? shape.seqLength : 1)),
    };
    options.onRow?.(row);
    return row;
  });
}

/** A way to a note that is timed: `run` draws so many notes. */
interface Measured {
  path: GenerationPath;
  words: string;
  notes: number;
  run: () => void;
}

/** What each note of a piece takes from the heap, what keeps it included. */
function heapBytesOfPiece(model: MusicModel, options: GenerateOptions): number {
  const watch = new HeapWatch();
  let draws = 0;
  const onNote = (): void => {
    if (++draws % CALLS_PER_LOOK === 0) watch.look();
  };
  generateNotes(model, { ...options, onNote });
  return watch.taken / draws;
}

const NO_CATEGORIES = new Int32Array(0);

/** One step after another on the notes of the first sequence, round and round. */
function steps({ spec, parameters, batch }: Workload, kernels: Kernels): () => void {
  const stepper = new Stepper(spec, parameters, kernels);
  const notes = rowsOf(batch.features, spec.inputs.features.length);
  let at = 0;
  return () => {
    stepper.step(NO_CATEGORIES, notes[at]);
    at = at + 1 === notes.length ? 0 : at + 1;
  };
}

function windows({ spec, parameters, batch }: Workload, kernels: Kernels): () => void {
  const runner = new WindowRunner(spec, parameters, batch.steps, kernels);
  return () => {
    runner.run([], batch.features);
  };
}

function rowsOf(features: ArrayLike<number>, width: number): Float32Array[] {
  const all = Float32Array.from(features);
  return Array.from({ length: all.length / width }, (_, row) => all.slice(row * width, (row + 1) * width));
}

/** The workload's network with the tutorial's codec. */
function musicModelOf({ spec, parameters, shape }: Workload): MusicModel {
  const { hiddenSize, layers, seqLength } = shape;
  const settings = resolveSettings('tutorial', { hiddenSize, layers, seqLength });
  const { pitch, step, duration, velocity } = settings;
  const codec = Codec.fit([], { pitch, step, duration, velocity });
  const notes = Array.from({ length: seqLength }, () => ({ pitch: 60, step: 0.2, duration: 0.2, velocity: 80 }));
  return {
    spec,
    parameters,
    codec,
    settings,
    preset: 'tutorial',
    data: { train: [], validation: [] },
    primer: { name: 'one key', notes },
    history: [],
    epoch: null,
    step: 0,
    engineName: 'none',
  };
}

/** The outputs after the first sequence: by steps and by the window, and both as the plain kernels have them. */
function verifyOutputs(workload: Workload, kernels: Kernels): void {
  const { spec, parameters, batch } = workload;
  const outputsOf = (source: { output(head: number): ArrayLike<number> }): number[] => {
    const [pitch, ...times] = spec.heads.map((_, head) => Array.from(source.output(head)));
    return [pitch.reduce((sum, logit) => sum + logit, 0), ...times.map(([value]) => value)];
  };
  const stepped = (with_: Kernels): number[] => {
    const stepper = new Stepper(spec, parameters, with_);
    for (const note of rowsOf(batch.features, spec.inputs.features.length)) stepper.step([], note);
    return outputsOf(stepper);
  };
  const runner = new WindowRunner(spec, parameters, batch.steps, kernels);
  runner.run([], batch.features);
  const { hiddenSize, seqLength, layers } = workload.shape;
  const isReference =
    hiddenSize === REFERENCE.hiddenSize && seqLength === REFERENCE.seqLength && layers === REFERENCE.layers;
  const expected = isReference ? REFERENCE_OUTPUTS : stepped(createKernels('reference'));
  for (const [how, outputs] of [
    ['steps', stepped(kernels)],
    ['a window', outputsOf(runner)],
  ] as const) {
    const worst = Math.max(...outputs.map((value, index) => Math.abs(value - expected[index])));
    if (worst <= OUTPUT_TOLERANCE) continue;
    throw new VerificationError(
      `${kernels.name} is wrong: after one sequence by ${how} it says ${outputs.join(', ')}, not ${expected.join(', ')}. ` +
        'It was not timed.',
    );
  }
}
