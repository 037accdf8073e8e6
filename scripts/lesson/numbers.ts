import { noteName } from '../../src/midi/index.ts';
import { parameterCount } from '../../src/nn/index.ts';
import { EXAMPLE } from './cell-forward.ts';
import { count, fixed, percent, significant } from './format.ts';
import { lstmLayer, type Lesson } from './lesson.ts';
import { songLoss, surpriseByHalf, surprises } from './listening.ts';
import type { Measurements } from './measure.ts';
import { forgetProducts, halfLife, plainRnnFactor, spanSteps } from './memory.ts';

/** Every number that stands in the lesson's sentences, by the name of its marker. */
export function lessonNumbers(lesson: Lesson, measured: Measurements): Record<string, string> {
  return {
    ...modelNumbers(lesson),
    ...exampleNumbers(lesson, measured),
    ...memoryNumbers(lesson, measured),
    ...songNumbers(lesson, measured),
  };
}

function modelNumbers({ model, history, notes }: Lesson): Record<string, string> {
  const { spec, settings } = model;
  const H = spec.lstm.hiddenSize;
  const last = history[history.length - 1];
  return {
    units: String(H),
    parameters: count(parameterCount(spec)),
    pieces: String(model.data.train.length),
    epochs: String(history.length),
    steps: count(last.step),
    'loss-first': fixed(history[0].loss, 2),
    'loss-last': fixed(last.loss, 2),
    'clipped-last': percent(last.clipped),
    'clipped-first': percent(history[0].clipped),
    rate: String(settings.learningRate),
    window: String(settings.seqLength),
    'song-notes': String(notes.length),
    'gates-width': String(4 * H),
    'classes-pitch': String(sizeOf(spec.heads[0])),
    'classes-step': String(sizeOf(spec.heads[1])),
    'classes-duration': String(sizeOf(spec.heads[2])),
    'kernel-recurrent': `${H} × ${4 * H}`,
  };
}

function sizeOf(head: Lesson['model']['spec']['heads'][number]): number {
  return head.kind === 'categorical' ? head.size : 1;
}

function exampleNumbers({ notes, song, recording }: Lesson, measured: Measurements): Record<string, string> {
  const { forward, backward: back } = measured;
  const { unit, step } = EXAMPLE;
  const p = recording.heads[0].nextProbability![step];
  return {
    // Counted from 1, as people count.
    unit: String(unit + 1),
    step: String(step + 1),
    key: noteName(notes.pitch[step]),
    'key-next': noteName(song.targets.pitch[step + 1]),
    'c-before': fixed(forward.cPrev, 2),
    'c-after': fixed(forward.c, 2),
    'kept-share': percent(forward.gates[1].activation),
    'next-p': fixed(p, 4),
    'next-loss': fixed(-Math.log(p), 3),
    'uniform-loss': fixed(Math.log(128), 2),
    'window-loss': fixed(back.loss, 3),
    'dh-example': significant(back.dh, 3),
    'dh-later': significant(back.dhLater, 3),
    'dh-heads': significant(back.dhHeads, 3),
  };
}

/** Up to which lag the gradient is compared with the product of the forget gates. */
const NEAR = 40;

function memoryNumbers(lesson: Lesson, measured: Measurements): Record<string, string> {
  const { dh, dc, predictions } = measured.byLag;
  const products = forgetProducts(lesson);
  const apart = dc!.slice(0, NEAR + 1).map((value, lag) => Math.max(value / products[lag], products[lag] / value));
  const factor = plainRnnFactor();
  const spans = measured.spans.map(spanSteps).sort((a, b) => a - b); // prettier-ignore
  const longest = Math.max(...spans);
  const { f, size } = lstmLayer(lesson.recording);
  const unit = measured.spans.map(spanSteps).indexOf(longest);
  let sum = 0;
  for (let t = 0; t < f.length / size; t++) sum += Math.log(f[t * size + unit]);
  const mean = Math.exp(sum / (f.length / size));
  return {
    predictions: String(predictions),
    near: String(NEAR),
    'near-factor': fixed(Math.max(...apart), 1),
    'gradient-16': percent(dh[16]),
    'gradient-64': significant(dh[64], 2),
    'rnn-factor': fixed(factor, 2),
    'rnn-16': significant(factor ** 16, 2),
    'rnn-64': significant(factor ** 64, 2),
    'rnn-slope': fixed(measured.rnn.slope, 2),
    'rnn-gain': fixed(measured.rnn.gain, 2),
    'span-median': String(spans[Math.floor(spans.length / 2)]),
    'span-longest': String(longest),
    'span-unit': String(unit + 1),
    'span-forget': fixed(mean, 3),
    'span-halflife': fixed(halfLife(mean), 1),
  };
}

function songNumbers(lesson: Lesson, { costs: [missed], spans }: Measurements): Record<string, string> {
  const { first, second } = surpriseByHalf(lesson);
  const steps = surprises(lesson, 'step');
  const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
  return {
    'song-loss': fixed(songLoss(lesson), 2),
    'pitch-surprise': fixed(mean(surprises(lesson, 'pitch').slice(1)), 2),
    'surprise-first': fixed(first, 2),
    'surprise-second': fixed(second, 2),
    'missed-unit': String(missed.unit + 1),
    'missed-span': notesOf(spanSteps(spans[missed.unit])),
    'step-early': fixed(mean(steps.slice(1, 9)), 2),
    'step-late': fixed(mean(steps.slice(9, 64)), 2),
  };
}

function notesOf(notes: number): string {
  return notes === 1 ? '1 note' : `${notes} notes`;
}
