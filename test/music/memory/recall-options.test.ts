import { describe, expect, it } from 'vitest';

import {
  GENERATION_RECALL,
  MATCH_PARAMETERS,
  PieceMemory,
  type MemoryParameters,
  type NoteClasses,
  type RecallOptions,
} from '../../../src/music/memory/index.ts';
import { Random } from '../../../src/tensor/index.ts';
import { mulberry32 } from '../../support/generators.ts';
import { expectWithin } from '../../support/tolerances.ts';
import { memoryOf, pitched, pushAll, SIZES, STEP_SECONDS, toyNotes, toyProbabilities } from './toy-memory.ts';

describe('the budget', () => {
  /** Plays one figure over and over, asking before each note. */
  function play(recall: RecallOptions, notes: number): PieceMemory {
    const memory = memoryOf('match', 4000, recall);
    for (let i = 0; i < notes; i++) {
      if (i > 0) memory.mix('pitch', { step: 3 }, new Float64Array(16).fill(1 / 16));
      memory.push(pitched([1, 5, 9][i % 3]), [0, 0, 0, 0, 0]);
    }
    return memory;
  }

  it('silences a memory that only repeats', () => {
    const p = new Float64Array(16).fill(1 / 16);
    play({ recall: 4, budget: 0.1 }, 200).mix('pitch', { step: 3 }, p);
    expect(p[p.indexOf(Math.max(...p))]).toBeLessThan(0.1);
    play({ recall: 4 }, 200).mix('pitch', { step: 3 }, p.fill(1 / 16));
    expect(Math.max(...p)).toBeGreaterThan(0.9);
  });

  it('is held against a mean over 50 notes of the figures that had occurred', () => {
    let mean = 0;
    // Four pitches had occurred before from the seventh note on.
    for (let i = 1; i < 30; i++) mean += (Number(i >= 6) - mean) / 50;
    expect(play({}, 30).repetition).toBeCloseTo(mean, 12);
  });

  it('does not count what was only heard', () => {
    const memory = memoryOf();
    for (let i = 0; i < 60; i++) memory.push(pitched([1, 5, 9][i % 3]), [0, 0, 0, 0, 0]);
    expect(memory.repetition).toBe(0);
    memory.mix('pitch', {}, new Float64Array(16).fill(1 / 16));
    for (let i = 60; i < 90; i++) memory.push(pitched([1, 5, 9][i % 3]), [0, 0, 0, 0, 0]);
    expect(memory.repetition).toBe(1 / 50);
  });

  it('counts figures, not notes that come back one by one', () => {
    const memory = memoryOf();
    // Every third note is the one ten notes before, and no two in a row are.
    for (let i = 0; i < 200; i++) {
      memory.mix('pitch', {}, new Float64Array(16).fill(1 / 16));
      memory.push(pitched(i % 10 === 0 ? 0 : i), [0, 0, 0, 0, 0]);
    }
    expect(memory.repetition).toBe(0);
  });
});

describe('copying whole notes', () => {
  /** Heads of the same note, from a place that is drawn. */
  const heard = toyNotes(60, 11);

  /** The votes for pitch without conditions, and for steps the same. */
  const { own, transposed } = MATCH_PARAMETERS.heads.pitch!;
  const unconditional = { ...own, chord: 0, step: 0 };
  const parameters: MemoryParameters = {
    decay: 0.85,
    heads: {
      pitch: { own: unconditional, transposed: { ...transposed!, chord: 0 } },
      step: { own: unconditional },
    },
  };
  const made = (recall: RecallOptions): PieceMemory =>
    new PieceMemory({ parameters, stepSeconds: STEP_SECONDS, window: 100, recall });

  it.each([
    ['pitch', { ...GENERATION_RECALL, joint: 0 }],
    ['pitch', { recall: 0.1, transposed: 20 }],
    ['step', { ...GENERATION_RECALL, joint: 0 }],
  ] as const)('in the mean over its draws mixes the first head (%s) by the votes for pitch', (head, options) => {
    const plain = made(options);
    const p = toyProbabilities(SIZES[head], mulberry32(5));
    pushAll(plain, heard);
    const expected = Float64Array.from(p);
    plain.mix(head, {}, expected);
    const mean = new Float64Array(SIZES[head]);
    const random = Random.stream(1, 'sample');
    const draws = 2000;
    const joint = made({ ...options, joint: 1, random });
    for (let draw = 0; draw < draws; draw++) {
      joint.clear();
      pushAll(joint, heard);
      const q = Float64Array.from(p);
      joint.mix(head, {}, q);
      q.forEach((value, kind) => (mean[kind] += value / draws));
    }
    // Four standard errors of a share.
    const error = (share: number): number => 4 * Math.sqrt((share * (1 - share)) / draws) + 1e-9;
    expectWithin('mean', mean, expected, (kind) => error(expected[kind]));
    // Enough is copied for that to say something.
    expect(Math.max(...expected.map((value, kind) => Math.abs(value - p[kind])))).toBeGreaterThan(error(0.5));
  });

  it('counts the conditions on the step as met: they raise the evidence', () => {
    const share = (chord: number): number => {
      const heads = { pitch: { own: { ...own, chord, step: 0 } } };
      const random = Random.stream(3, 'sample');
      const memory = new PieceMemory({
        parameters: { decay: 0.85, heads },
        stepSeconds: STEP_SECONDS,
        recall: { recall: 1, joint: 1, random },
      });
      let copied = 0;
      for (let draw = 0; draw < 400; draw++) {
        memory.clear();
        pushAll(memory, heard);
        const p = new Float64Array(SIZES.pitch).fill(1 / SIZES.pitch);
        memory.mix('pitch', {}, p);
        copied += Number(Math.max(...p) === 1);
      }
      return copied / 400;
    };
    expect(share(8)).toBeGreaterThan(share(0) + 0.1);
  });

  it('leaves a note to the model that is not copied, all its parts', () => {
    const random = Random.stream(4, 'sample');
    const memory = made({ recall: 1e-9, transposed: 0, joint: 1, random });
    pushAll(memory, heard);
    for (const head of ['step', 'pitch', 'duration'] as const) {
      const p = Float64Array.from(toyProbabilities(SIZES[head], mulberry32(6)));
      const before = Float64Array.from(p);
      memory.mix(head, { step: 1, pitch: 2 }, p);
      expect(p).toEqual(before);
    }
  });

  it('keeps all heads of a copied note to one place', () => {
    const random = Random.stream(2, 'sample');
    const memory = memoryOf('match', 100, { recall: 1000, sharp: true, joint: 1, random });
    pushAll(memory, heard);
    const drawn: Partial<NoteClasses> = {};
    const notes: (number | undefined)[] = [];
    for (const head of ['step', 'pitch', 'duration'] as const) {
      const p = new Float64Array(SIZES[head]).fill(1 / SIZES[head]);
      memory.mix(head, drawn, p);
      drawn[head] = p.indexOf(1);
      notes.push(memory.origin(drawn[head])?.note);
    }
    const [note] = notes;
    expect(notes).toEqual([note, note, note]);
    expect(heard[note ?? -1].note).toMatchObject(drawn);
  });

  it('leaves the rest of the probability to the model', () => {
    const random = Random.stream(2, 'sample');
    const memory = memoryOf('match', 100, { recall: 1000, sharp: true, joint: 0.75, random });
    pushAll(memory, heard);
    memory.mix('step', {}, new Float64Array(6).fill(1 / 6));
    const before = toyProbabilities(SIZES.pitch, mulberry32(8));
    const p = Float64Array.from(before);
    memory.mix('pitch', { step: 1 }, p);
    const copied = p.findIndex((value, kind) => value > before[kind]);
    memory.push(heard[0].note, heard[0].state);
    const next = new Float64Array(6).fill(1 / 6);
    memory.mix('step', {}, next);
    expect(Math.max(...next)).toBeCloseTo(0.75 + 0.25 / 6, 12);
    expectWithin(
      'pitch',
      p,
      before.map((value, kind) => 0.25 * value + 0.75 * Number(kind === copied)),
      () => 1e-12,
    );
  });
});
