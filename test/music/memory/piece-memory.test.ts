import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { HeadName } from '../../../src/midi/index.ts';
import {
  MATCH_PARAMETERS,
  parseMemoryParameters,
  PieceMemory,
  STATE_PARAMETERS,
  type NoteClasses,
} from '../../../src/music/memory/index.ts';
import { createKernels, HeapArena, ReferenceKernels } from '../../../src/tensor/index.ts';
import { mulberry32, seed } from '../../support/generators.ts';
import { expectWithin } from '../../support/tolerances.ts';
import { plainMix, type Heard, type PlainOptions } from './plain-memory.ts';
import {
  memoryOf,
  pitched,
  pushAll,
  SETS,
  SIZES,
  STEP_SECONDS,
  toyNotes,
  toyProbabilities,
  WIDTH,
} from './toy-memory.ts';

const HEADS: HeadName[] = ['step', 'pitch', 'duration', 'velocity'];

/** Asks for all heads of a note in their order; `knowing` what is drawn before each. */
function mixAll(
  memory: PieceMemory,
  next: NoteClasses,
  random: () => number,
  knowing = true,
): { before: number[]; after: Float64Array }[] {
  const drawn: Partial<NoteClasses> = {};
  return HEADS.map((head) => {
    const before = toyProbabilities(SIZES[head as keyof typeof SIZES], random);
    const after = Float64Array.from(before);
    memory.mix(head, drawn, after);
    if (knowing) drawn[head] = next[head];
    return { before, after };
  });
}

describe('a memory of a piece', () => {
  const cases = fc.record({
    set: fc.constantFrom('match', 'state'),
    count: fc.integer({ min: 0, max: 40 }),
    window: fc.integer({ min: 2, max: 50 }),
    minLag: fc.integer({ min: 0, max: 5 }),
    sharp: fc.boolean(),
    strength: fc.constantFrom(1, 0.25, 4),
    transposed: fc.constantFrom(1, 0, 3),
    inRange: fc.boolean(),
    knowing: fc.boolean(),
    seed,
  });

  it('says what the formulas say, whatever the window, in every note of a piece', () => {
    fc.assert(
      fc.property(
        cases,
        ({ set, count, window, minLag, sharp, strength, transposed, inRange, knowing, seed: from }) => {
          const heard = toyNotes(count + 1, from);
          const memory = memoryOf(set, window, { recall: strength, transposed, minLag, sharp, inRange });
          const random = mulberry32(from);
          const options: PlainOptions = {
            parameters: SETS[set],
            stepSeconds: STEP_SECONDS,
            window,
            strength,
            transposedStrength: transposed,
            minLag,
            sharp,
          };
          heard.slice(0, count).forEach(({ note, state }, t) => {
            memory.push(note, state);
            const past = heard.slice(0, t + 1);
            const pitches = past.map((each) => each.note.pitch);
            if (inRange) options.range = [Math.min(...pitches), Math.max(...pitches)];
            const next = heard[t + 1].note;
            const drawn: Partial<NoteClasses> = {};
            mixAll(memory, next, random, knowing).forEach(({ before, after }, k) => {
              const head = HEADS[k];
              expectWithin(
                `${head} of note ${t + 1}`,
                after,
                plainMix(past, head, drawn, before, options),
                () => 1e-12,
              );
              if (knowing) drawn[head] = next[head];
            });
          });
        },
      ),
    );
  });

  it('gives probabilities: none below 0, and 1 in all', () => {
    fc.assert(
      fc.property(cases, ({ set, count, window, seed: from, ...rest }) => {
        const memory = memoryOf(set, window, { ...rest, recall: rest.strength, budget: 0.1 });
        const heard = toyNotes(count + 1, from);
        pushAll(memory, heard.slice(0, count));
        for (const { after } of mixAll(memory, heard[count].note, mulberry32(from))) {
          expect(Math.min(...after)).toBeGreaterThanOrEqual(0);
          expect(after.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 12);
        }
      }),
    );
  });

  it('looks at nothing that is not drawn yet', () => {
    const heard = toyNotes(40, 7);
    const [memory, other] = [memoryOf('state'), memoryOf('state')];
    pushAll(memory, heard);
    pushAll(other, heard);
    const drawn = { step: 1 };
    const p = Float64Array.from(toyProbabilities(SIZES.pitch, mulberry32(1)));
    const q = p.slice();
    memory.mix('pitch', drawn, p);
    other.mix('pitch', drawn, q);
    expect(p).toEqual(q);
    // What another future would be cannot matter: the two go on apart, and come back to the same after the same notes.
    const before = p.slice();
    pushAll(other, toyNotes(10, 9));
    other.clear();
    pushAll(other, heard);
    q.set(toyProbabilities(SIZES.pitch, mulberry32(1)));
    other.mix('pitch', drawn, q);
    expect(q).toEqual(before);
  });

  it('stays a number however large its parameters are', () => {
    const large = fc.constantFrom(-1000, -1, 0, 1, 1000);
    const weights = fc.record({
      ...{ state: large, match: large, rhythm: large, age: large, chord: large, step: large, pitch: large },
      evidence: fc.tuple(large, large),
      kernel: fc.constant<[number, number, number]>([1, 0, 0]),
    });
    fc.assert(
      fc.property(weights, weights, fc.constantFrom(1, 1000), (own, transposed, recall) => {
        const kernels = new ReferenceKernels(new HeapArena('float64'));
        const parameters = parseMemoryParameters({ decay: 0.99, heads: { pitch: { own, transposed } } });
        const memory = new PieceMemory({
          parameters,
          stepSeconds: STEP_SECONDS,
          keys: { kernels, width: WIDTH },
          recall: { recall },
        });
        pushAll(memory, toyNotes(50, 3));
        const p = new Float64Array(16).fill(1 / 16);
        memory.mix('pitch', { step: 1 }, p);
        expect(p.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 9);
        expect(Math.min(...p)).toBeGreaterThanOrEqual(0);
      }),
      { numRuns: 60 },
    );
  });

  it.each(HEADS)('leaves every bit of %s at a strength of 0', (head) => {
    const memory = memoryOf('state', 100, { recall: 0, transposed: 1 });
    pushAll(memory, toyNotes(50, 3));
    const p = Float32Array.from(toyProbabilities(SIZES[head as keyof typeof SIZES], mulberry32(2)));
    const before = p.slice();
    memory.mix(head, { step: 1, pitch: 2 }, p);
    expect(p).toEqual(before);
  });

  it('leaves every bit before two notes are heard, and after it is cleared', () => {
    const memory = memoryOf();
    const p = Float64Array.from(toyProbabilities(SIZES.pitch, mulberry32(2)));
    const before = p.slice();
    memory.mix('pitch', {}, p);
    memory.push(pitched(3), [1, 0, 0, 0, 0]);
    memory.mix('pitch', {}, p);
    expect(p).toEqual(before);
    pushAll(memory, toyNotes(50, 4));
    memory.clear();
    memory.push(pitched(3), [1, 0, 0, 0, 0]);
    memory.mix('pitch', {}, p);
    expect(p).toEqual(before);
    expect(memory.count).toBe(1);
  });

  it('is as good as new when it is cleared', () => {
    const options = { recall: 4, transposed: 4, budget: 0.05, inRange: true };
    const [used, fresh] = [memoryOf('match', 50, options), memoryOf('match', 50, options)];
    const play = (memory: PieceMemory, heard: readonly Heard[]): Float64Array[] =>
      heard.flatMap(({ note, state }) => {
        const said = mixAll(memory, note, mulberry32(1)).map(({ after }) => after);
        memory.push(note, state);
        return said;
      });
    play(used, toyNotes(70, 1));
    expect(used.repetition).toBeGreaterThan(0);
    used.clear();
    const low = toyNotes(40, 2).map(({ note, state }) => ({ note: { ...note, pitch: note.pitch % 8 }, state }));
    expect(play(used, low)).toEqual(play(fresh, low));
  });

  it.each(['match', 'state'])('knows after ABCABC that A follows (%s)', (set) => {
    const memory = memoryOf(set);
    const abc = [1, 5, 9];
    for (const pitch of Array.from({ length: 30 }, (_, i) => abc[i % 3]))
      memory.push(pitched(pitch), [pitch, 1, 0, 0, 9 - pitch]);
    const p = new Float64Array(16).fill(1 / 16);
    memory.mix('pitch', { step: 3 }, p);
    expect(p[1]).toBeGreaterThan(0.9);
    expect(memory.origin(1)).toMatchObject({ transposed: false });
    // One of the earlier As.
    expect(memory.origin(1)?.note).toSatisfy((note: number) => note > 0 && note % 3 === 0);
    expect(memory.origin(1)?.share).toBeCloseTo(1 - 1 / 16 / (1 / 16 + (p[1] - p[0]) / (16 * p[0])), 6);
  });

  it('goes on with a figure that comes back on another pitch', () => {
    const memory = memoryOf();
    const figure = [0, 4, 1, 7, 3, 9, 2, 10, 6, 5, 0, 8];
    for (const pitch of [...figure, ...figure.slice(0, 11).map((each) => each + 5)])
      memory.push(pitched(pitch), [0, 0, 0, 0, 0]);
    const p = new Float64Array(16).fill(1 / 16);
    memory.mix('pitch', { step: 3 }, p);
    expect(p.indexOf(Math.max(...p))).toBe(13);
    expect(p[13]).toBeGreaterThan(0.5);
    expect(memory.origin(13)).toMatchObject({ transposed: true, note: 11 });
    const still = memoryOf('match', 4000, { transposed: 0 });
    for (const pitch of [...figure, ...figure.slice(0, 11).map((each) => each + 5)])
      still.push(pitched(pitch), [0, 0, 0, 0, 0]);
    const q = new Float64Array(16).fill(1 / 16);
    still.mix('pitch', { step: 3 }, q);
    expect(q[13]).toBeLessThan(0.1);
    expect(still.origin(13)).toBeUndefined();
    memory.mix('step', {}, new Float64Array(6).fill(1 / 6));
    expect(memory.origin(3)).toMatchObject({ transposed: false });
  });

  it('gives on SIMD kernels what it gives on the plain ones', () => {
    const kernels = createKernels('simd');
    const memory = new PieceMemory({
      parameters: STATE_PARAMETERS,
      stepSeconds: STEP_SECONDS,
      window: 300,
      keys: { kernels, width: WIDTH },
    });
    const judge = memoryOf('state', 300);
    for (const each of toyNotes(700, 5)) {
      memory.push(each.note, Float32Array.from(each.state));
      judge.push(each.note, each.state);
    }
    const [p, q] = [new Float64Array(16).fill(1 / 16), new Float64Array(16).fill(1 / 16)];
    memory.mix('pitch', { step: 1 }, p);
    judge.mix('pitch', { step: 1 }, q);
    expectWithin('pitch', p, q, () => 1e-5);
    const { bytes } = kernels.arena;
    memory.dispose();
    expect(kernels.arena.bytes).toBeLessThan(bytes);
  });

  it('refuses what it cannot use', () => {
    const stepSeconds = STEP_SECONDS;
    expect(() => new PieceMemory({ parameters: STATE_PARAMETERS, stepSeconds })).toThrow(/compare states/);
    expect(() => new PieceMemory({ parameters: MATCH_PARAMETERS, stepSeconds, window: 1 })).toThrow(/window: expected/);
    expect(() => memoryOf('state').push(pitched(1))).toThrow(/5 numbers of the network's state, got none/);
    expect(() => memoryOf('state').push(pitched(1), [1, 2])).toThrow(/got 2/);
    expect(() => memoryOf('match', 10, { recall: -1 })).toThrow(/recall: expected a number from 0/);
    expect(() => memoryOf('match', 10, { minLag: 0.5 })).toThrow(/minLag/);
    expect(() => memoryOf('match', 10, { joint: 1 })).toThrow(/give `random`/);
  });
});
