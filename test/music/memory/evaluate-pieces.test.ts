import { describe, expect, it } from 'vitest';

import {
  evaluatePieces,
  PieceMemory,
  type EvaluatePiecesOptions,
  type NoteClasses,
  type NoteSource,
} from '../../../src/music/memory/index.ts';
import { atOnce } from '../../../src/nn/in-turns.ts';
import { ReferenceKernels } from '../../../src/tensor/index.ts';
import { mulberry32 } from '../../support/generators.ts';
import { SETS, SIZES, STEP_SECONDS, toyNotes, toyProbabilities } from './toy-memory.ts';

const HEADS = ['step', 'pitch', 'duration'] as const;

function piece(notes: number, from: number): EvaluatePiecesOptions['pieces'][number] {
  const heard = toyNotes(notes, from);
  return {
    step: heard.map(({ note }) => note.step),
    pitch: heard.map(({ note }) => note.pitch),
    duration: heard.map(({ note }) => note.duration),
  };
}

/** A source that says something else of every note, and keeps what it is asked. */
class ToySource implements NoteSource {
  readonly asked: string[] = [];
  piece = -1;
  heard = 0;
  start(index: number): void {
    this.piece = index;
    this.heard = 0;
  }
  feed(note: number): void {
    expect(note).toBe(this.heard++);
  }
  probabilities(head: (typeof HEADS)[number], drawn: Partial<NoteClasses>): number[] {
    this.asked.push(`${this.piece} ${this.heard} ${head} ${Object.keys(drawn).join('+')}`);
    return toyProbabilities(SIZES[head], mulberry32(1000 * this.piece + this.heard));
  }
}

describe('whole pieces', () => {
  const pieces = [piece(300, 1), piece(70, 2), piece(1, 3)];

  it('are asked note by note, each head knowing those before it', () => {
    const source = new ToySource();
    atOnce(evaluatePieces({ pieces: [piece(3, 1), piece(2, 2)], heads: HEADS, source }));
    expect(source.asked).toEqual([
      '0 1 step ',
      '0 1 pitch step',
      '0 1 duration step+pitch',
      '0 2 step ',
      '0 2 pitch step',
      '0 2 duration step+pitch',
      '1 1 step ',
      '1 1 pitch step',
      '1 1 duration step+pitch',
    ]);
  });

  it('cost what the source says, by the notes heard before', () => {
    const { pieces: count, heads } = atOnce(evaluatePieces({ pieces, heads: HEADS, source: new ToySource() }));
    expect(count).toBe(3);
    expect(heads.map(({ name }) => name)).toEqual(HEADS);
    const [, pitch] = heads;
    expect(pitch).not.toHaveProperty('memory');
    const cost = (index: number, t: number): number =>
      -Math.log(toyProbabilities(SIZES.pitch, mulberry32(1000 * index + t))[pieces[index].pitch[t]]);
    const mean = (values: number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
    const places = pieces.flatMap(({ pitch: all }, index) => Array.from(all, (_, t) => ({ index, t })).slice(1));
    for (const { from, to, notes, model } of pitch.positions) {
      const inside = places.filter(({ t }) => t >= from && t < (to ?? Infinity));
      expect(notes).toBe(inside.length);
      expect(model).toBeCloseTo(mean(inside.map(({ index, t }) => cost(index, t))), 12);
    }
    expect(pitch.positions.map(({ from, to }) => [from, to])).toEqual([
      [1, 64],
      [64, 256],
      [256, 1024],
    ]);
    expect(pitch.notes).toBe(299 + 69);
    expect(pitch.model).toBeCloseTo(mean(places.map(({ index, t }) => cost(index, t))), 12);
  });

  it('cost with a memory what a memory makes of them, which begins anew with each', () => {
    const memory = (): PieceMemory => new PieceMemory({ parameters: SETS.match, stepSeconds: STEP_SECONDS });
    const { heads } = atOnce(
      evaluatePieces({ pieces, heads: HEADS, source: new ToySource(), memory: memory(), notes: 80 }),
    );
    let sum = 0;
    let count = 0;
    pieces.forEach(({ pitch, step, duration }, index) => {
      const own = memory();
      for (let t = 0; t < Math.min(80, pitch.length); t++) {
        if (t > 0) {
          const p = Float64Array.from(toyProbabilities(SIZES.pitch, mulberry32(1000 * index + t)));
          own.mix('pitch', { step: step[t] }, p);
          sum -= Math.log(p[pitch[t]]);
          count++;
        }
        own.push({ pitch: pitch[t], step: step[t], duration: duration[t] });
      }
    });
    expect(heads[1].notes).toBe(count);
    expect(heads[1].memory).toBeCloseTo(sum / count, 12);
    expect(heads[1].memory).toBeLessThan(heads[1].model);
  });

  it('show the memory the state of the source', () => {
    const source = Object.assign(new ToySource(), { state: [1, 2, 3, 4, 5] });
    const width = source.state.length;
    const keys = { kernels: new ReferenceKernels(), width };
    const memory = new PieceMemory({ parameters: SETS.state, stepSeconds: STEP_SECONDS, keys });
    const { heads } = atOnce(evaluatePieces({ pieces, heads: HEADS, source, memory }));
    expect(heads[1].memory).toBeLessThan(heads[1].model);
  });

  it('cost much, not everything, where the model calls what came impossible', () => {
    const source: NoteSource = {
      start: () => undefined,
      feed: () => undefined,
      probabilities: (head) => new Float32Array(SIZES[head as 'pitch']),
    };
    const { heads } = atOnce(evaluatePieces({ pieces, heads: HEADS, source }));
    expect(heads[0].model).toBeCloseTo(126 * Math.LN2, 9);
  });

  it('are refused without the classes that are asked for', () => {
    const { pitch, step, duration } = pieces[0];
    const ask = (heads: EvaluatePiecesOptions['heads']): unknown =>
      atOnce(evaluatePieces({ pieces: [{ pitch, step, duration }], heads, source: new ToySource() }));
    expect(() => ask(['velocity'])).toThrow(/no classes of velocity/);
  });
});
