// A page as somebody writes it who has installed the package: reads a MIDI file, trains a few steps, generates, writes.
import {
  createTrainingRun,
  decodeCheckpoint,
  encodeCheckpoint,
  EtudeError,
  fit,
  generateNotes,
  loadKernels,
  loadModel,
  midiOf,
  musicModel,
  PLAIN_SAMPLING,
  prepareData,
  readMidi,
  readPiece,
  resolveSettings,
  type Checkpoint,
  type EngineChoice,
} from 'etude-lstm';
import { MidiError, renderAudio } from 'etude-lstm/midi';
import { Stepper } from 'etude-lstm/nn';

/** What the test looks at. */
export interface PageResult {
  isolated: boolean;
  engine: string;
  losses: number[];
  notesRead: number;
  notesWritten: number;
  samples: number;
  sameClasses: boolean;
  /** What follows 0, 1, 0, 1 …, said by a model that was made, saved and loaded. */
  next: number;
}

export async function run(bytes: Uint8Array, choice: Partial<EngineChoice> = {}): Promise<PageResult> {
  const { table, problems, notesDigest } = readPiece(bytes);
  const settings = resolveSettings('quick', { hiddenSize: 16, seqLength: 8, batchSize: 8, epochs: 1, maxSteps: 4 });
  const piece = { path: 'song.mid', name: 'song', table, problems, digest: notesDigest };
  const data = prepareData({ pieces: [piece] }, settings);
  const losses: number[] = [];
  let last: Checkpoint | undefined;
  const { engine, trainer } = await createTrainingRun(
    data,
    settings,
    'quick',
    { backend: 'auto', threads: 'auto', ...choice },
    {
      onStep: ({ loss }) => void losses.push(loss),
      onCheckpoint: (_, checkpoint) => void (last = checkpoint),
    },
  );
  await trainer.run();
  const model = musicModel(decodeCheckpoint(encodeCheckpoint(last!)));
  const { name } = engine;
  await engine.dispose();
  const generated = generateNotes(model, { ...PLAIN_SAMPLING, notes: 12, seed: 1, kernels: await loadKernels() });
  const written = readMidi(midiOf(generated.notes, { program: 0, isDrum: false }));
  const series = Float32Array.from({ length: 60 }, (_, t) => t % 2);
  const fitted = await fit({ sequences: series, units: 8, epochs: 20, window: 8 });
  const [next] = (await loadModel<number>(fitted.save())).predict(series);
  const { channels } = await renderAudio({ instruments: written.instruments }, { sampleRate: 8000, seconds: 1 });
  return {
    isolated: (globalThis as { crossOriginIsolated?: boolean }).crossOriginIsolated === true,
    engine: name,
    losses,
    notesRead: table.length,
    notesWritten: written.instruments[0]!.notes.length,
    samples: channels[0]!.length,
    next: next!.value,
    sameClasses: MidiError.prototype instanceof EtudeError && typeof Stepper === 'function',
  };
}

Object.assign(globalThis, { run });
