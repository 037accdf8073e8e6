import type { Note } from '../../../src/midi/index.ts';
import { noteTable } from '../../../src/midi/index.ts';
import { analyseNotes } from '../../../src/music/analysis.ts';
import type { MusicData, ReportData } from '../../../src/pages/report/report-data.ts';
import { Random } from '../../../src/tensor/index.ts';

/** Notes of a random walk. */
function walk(seed: number, count: number): Note[] {
  const random = Random.stream(seed, 'sample');
  let [pitch, start] = [60, 0];
  return Array.from({ length: count }, () => {
    pitch = Math.max(36, Math.min(96, pitch + random.integer(9) - 4));
    start += [0, 0.125, 0.25, 0.25, 0.5][random.integer(5)];
    return { pitch, velocity: 50 + random.integer(60), start, end: start + [0.2, 0.25, 0.5, 1][random.integer(4)] };
  });
}

function musicOf(name: string, notes: Note[]): MusicData {
  const { pitch, step, duration } = noteTable(notes);
  return { name, pitch: [...pitch], step: [...step], duration: [...duration], analysis: analyseNotes(notes) };
}

/** Of 200 notes, three quarters of them among the first 64 of their piece. */
function wholeNats(model: number, memory: number) {
  const positions = [
    { from: 1, to: 64, notes: 150, model: model + 0.1, memory: memory + 0.2 },
    { from: 64, to: null, notes: 50, model: model - 0.3, memory: memory - 0.6 },
  ];
  return { notes: 200, model, memory, positions };
}

/** A report as a finished run would have it. */
export function sampleReport(changes: Partial<ReportData> = {}): ReportData {
  const epochs = Array.from({ length: 12 }, (_, i) => i + 1);
  const losses = (epoch: number, floor: number) => ({
    pitch: floor + 2 / epoch,
    step: 0.5 + 1 / epoch,
    duration: 0.8 + 1 / epoch,
  });
  const notes = walk(1, 120);
  return {
    title: 'quick on 14 pieces',
    verdict: ['Stopped early after 12 epochs; the weights of epoch 9 are kept.'],
    facts: [
      { label: 'Command', value: 'etude train data/songbook --out runs/quick' },
      { label: 'Engine', value: 'reference, 1 thread' },
    ],
    history: epochs.map((epoch) => ({
      epoch,
      step: epoch * 40,
      loss: 3 + 4 / epoch,
      losses: losses(epoch, 1.6),
      validation: { loss: 3.4 + 3 / epoch + epoch / 40, losses: losses(epoch, 2 + epoch / 50) },
      learningRate: epoch < 9 ? 0.004 : 0.002,
      gradientNorm: 1 + 1 / epoch,
      clipped: 0.1,
    })),
    bestEpoch: 9,
    heads: [
      { name: 'pitch', loss: 2.4, baseline: 3.31, unit: 'nats' },
      { name: 'step', loss: 0.61, baseline: 1.2, unit: 'nats' },
      { name: 'duration', loss: 0.91, baseline: 0, unit: 'squared error' },
    ],
    note: {
      loss: { nats: 3.01, bits: 4.342, onGrid: 5.2 },
      baseline: { nats: 4.51, bits: 6.507, onGrid: 6.7 },
    },
    whole: {
      pieces: 3,
      notes: 200,
      heads: [{ name: 'pitch', baseline: 3.4, ...wholeNats(2.5, 2.1) }],
      note: { baseline: 3.4, ...wholeNats(2.5, 2.1) },
      grid: 1.5,
    },
    sample: {
      ...musicOf('the sample', notes),
      notes,
      midi: 'generated.mid',
      audio: 'generated.wav',
      caption: '120 notes, temperature 1, seed 42, after the first 25 notes of "Minuet in G".',
    },
    data: musicOf('the training data', walk(2, 3000)),
    settings: [
      { key: 'learningRate', value: '0.002', preset: '0.004' },
      { key: 'batchSize', value: '64' },
    ],
    ...changes,
  };
}
