import { describe, expect, it } from 'vitest';
import { candidatesFor, evaluateOnGrid } from '../../../src/music/evaluation/grid-likelihood.ts';
import { classBounds, GRID_SECONDS } from '../../../src/music/evaluation/common-grid.ts';
import { evaluateWholePieces } from '../../../src/music/evaluation/whole-pieces.ts';
import { gridNats } from '../../../src/music/evaluation/common-grid.ts';
import { noteTable, type NoteTable } from '../../../src/midi/index.ts';
import { noteEvents } from '../../../src/music/prepare.ts';
import { Stepper } from '../../../src/nn/index.ts';
import { corpusOf, toyModel, toyPiece, toySettings } from '../../support/toy-music.ts';

const CHAINED = { velocity: 'classes', embedding: 6, order: 'step,pitch,duration,velocity', headHidden: 8 } as const;

/** Notes whose times lie some milliseconds apart, so that many classes share a place of the grid. */
function hastySong(key: number, length = 40): NoteTable {
  let start = 0;
  const notes = Array.from({ length }, (_, i) => {
    start += 0.011 + 0.0021 * ((i * 7) % 11) + (i % 5 === 0 ? 0.2 : 0);
    return { pitch: key + ((i * 5) % 12), velocity: 40 + i, start, end: start + 0.02 + 0.0017 * ((i * 3) % 13) };
  });
  return noteTable(notes);
}

const corpus = corpusOf(...[40, 45, 50, 55, 60, 65].map((key) => toyPiece(`hasty ${key}`, hastySong(key))));
const model = await toyModel(toySettings('quick', CHAINED), corpus);

function softmax(logits: ArrayLike<number>): number[] {
  const powers = Array.from(logits, (logit) => Math.exp(logit));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / sum);
}

/** The part of a class that rounds to the same hundredth as some seconds, by looking at ten thousand places in it. */
function shareOf(bounds: Float64Array, kind: number, seconds: number): number {
  const [from, to] = [bounds[kind], bounds[kind + 1]];
  let there = 0;
  for (let k = 0; k < 10_000; k++) {
    const x = from + ((k + 0.5) / 10_000) * (to - from);
    if (Math.round(x / GRID_SECONDS) === Math.round(seconds / GRID_SECONDS)) there++;
  }
  return there / 10_000;
}

describe('whole notes on a grid', () => {
  it('have the sum over all classes that may stand for their places', async () => {
    const table = hastySong(62, 12);
    const { codec, spec, parameters } = model;
    const bounds = { step: classBounds(codec.spec.bins!.step!), duration: classBounds(codec.spec.bins!.duration!) };
    const stepper = new Stepper(spec, parameters);
    const [categories, values] = [new Int32Array(5), new Float64Array(4)];
    let nats = 0;
    noteEvents(table).forEach((event, t) => {
      codec.valuesOf(event, values);
      if (t > 0) {
        let sum = 0;
        softmax(stepper.output(0)).forEach((ofStep, step) => {
          const here = ofStep * shareOf(bounds.step, step, event.step);
          if (here === 0) return;
          stepper.choose(0, step);
          const ofPitch = softmax(stepper.output(1))[event.pitch];
          stepper.choose(1, event.pitch);
          softmax(stepper.output(2)).forEach((ofDuration, duration) => {
            const there = ofDuration * shareOf(bounds.duration, duration, event.duration);
            if (there === 0) return;
            stepper.choose(2, duration);
            sum += here * ofPitch * there * softmax(stepper.output(3))[values[3]];
          });
        });
        nats -= Math.log(sum);
      }
      codec.encodeNote(event, categories, new Float32Array(0));
      stepper.step(categories, []);
    });
    const found = await evaluateOnGrid(model, [table], { recall: 0 });
    expect(found).toEqual({ notes: 11, model: found.model });
    expect(found.model / (nats / 11)).toBeCloseTo(1, 2);
  });

  it('cost less than class by class where several classes share a place, with a memory and without', async () => {
    const tables = [hastySong(58), hastySong(63)];
    const whole = await evaluateWholePieces(model, tables, { recall: 1 });
    const exact = await evaluateOnGrid(model, tables, { recall: 1 });
    const open = gridNats(model.codec, tables);
    expect(exact.notes).toBe(whole.notes);
    expect(exact.model).toBeLessThan(whole.note.model + open);
    expect(exact.memory).toBeLessThan(whole.note.memory! + open);
    expect(exact.memory).not.toBe(exact.model);
    expect((await evaluateOnGrid(model, tables, { notes: 5 })).notes).toBe(8);
  });

  it('divide each class among the places of the grid without loss', () => {
    const bounds = classBounds({ edges: [0.004, 0.0052, 0.0131, 0.04, 0.0999, 0.13], centres: [] });
    const shares = new Float64Array(bounds.length - 1);
    for (let place = 0; place * GRID_SECONDS < bounds[bounds.length - 1] + GRID_SECONDS; place++) {
      for (const { kind, part } of candidatesFor(bounds, place * GRID_SECONDS)) shares[kind] += part;
    }
    // The last class has no end: whatever is beyond counts for it too.
    expect([...shares].slice(0, -1).every((share) => Math.abs(share - 1) < 1e-9)).toBe(true);
    expect(candidatesFor(bounds, 9)).toEqual([{ kind: 6, part: GRID_SECONDS / (bounds[7] - bounds[6]) }]);
  });
});
