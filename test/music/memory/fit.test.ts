import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { HeadName } from '../../../src/midi/index.ts';
import { FittedHead, type Heard as FittedHeard } from '../../../src/music/memory/fitted-head.ts';
import { Keys } from '../../../src/music/memory/keys.ts';
import {
  fitMemory,
  fitMemoryPieces,
  parseMemoryParameters,
  PieceMemory,
  type FitOptions,
  type FittingPiece,
  type NoteClasses,
} from '../../../src/music/memory/index.ts';
import { Trail } from '../../../src/music/memory/trail.ts';
import { atOnce } from '../../../src/nn/in-turns.ts';
import { HeapArena, ReferenceKernels } from '../../../src/tensor/index.ts';
import { expectGradients } from '../../support/differences.ts';
import { mulberry32, noise, seed } from '../../support/generators.ts';
import type { Heard } from './plain-memory.ts';
import { SETS, SIZES, STEP_SECONDS, toyNotes, toyProbabilities, WIDTH } from './toy-memory.ts';

const HEADS = ['step', 'pitch', 'duration', 'velocity'] as const;
const HEAD_SIZES = HEADS.map((name) => ({ name, size: SIZES[name] }));

describe('the gradient of a fit', () => {
  const cases = fc.record({
    head: fc.constantFrom(...HEADS),
    set: fc.constantFrom('match', 'state'),
    count: fc.integer({ min: 3, max: 16 }),
    seed,
  });

  it('is that of differences, for every number of every head', () => {
    fc.assert(
      fc.property(cases, ({ head: name, set, count, seed: from }) => {
        const random = mulberry32(from);
        const kernels = new ReferenceKernels(new HeapArena('float64'));
        const parameters = SETS[set].heads[name] ?? SETS[set].heads.duration!;
        const head = new FittedHead(name, SIZES[name], parameters, 64, kernels);
        // Away from the defaults, so that no number is 0.
        noise(head.numbers.size, random, 0.3).forEach((value, at) => (head.numbers.data[at] += value));
        const heard = toyNotes(count, from);
        const asked = heard.slice(2).map((_, t) => rememberAll(heard.slice(0, t + 2), set === 'state'));
        const model = asked.map(() => random());
        const loss = (): number => {
          head.startPass();
          asked.forEach((past, t) =>
            head.add(past, drawnBefore(name, heard[t + 2].note), heard[t + 2].note[name]!, model[t]),
          );
          return head.with;
        };
        kernels.fill(head.gradient, 0);
        loss();
        const analytic = head.gradient.data.slice();
        const before = head.numbers.data.slice();
        head.update(0.1);
        expect(head.gradient.data).toEqual(new Float64Array(head.gradient.size));
        head.numbers.data.set(before);
        expectGradients(loss, [{ name, input: head.numbers.data, analytic }], 1e-5);
      }),
    );
  });

  it('goes with what a memory says', () => {
    const kernels = new ReferenceKernels(new HeapArena('float64'));
    const heard = toyNotes(40, 3);
    const note = heard[39].note;
    const memory = new PieceMemory({
      parameters: SETS.state,
      stepSeconds: STEP_SECONDS,
      keys: { kernels, width: WIDTH },
    });
    for (const { note: each, state } of heard.slice(0, 39)) memory.push(each, state);
    for (const name of HEADS) {
      const head = new FittedHead(name, SIZES[name], SETS.state.heads[name]!, 64, kernels);
      const p = Float64Array.from(toyProbabilities(SIZES[name], mulberry32(1)));
      const actual = note[name]!;
      head.add(rememberAll(heard.slice(0, 39), true), drawnBefore(name, note), actual, p[actual]);
      expect(head.without).toBeCloseTo(-Math.log(p[actual]), 12);
      memory.mix(name, drawnBefore(name, note), p);
      expect(head.with).toBeCloseTo(-Math.log(p[actual]), 10);
    }
  });
});

describe('a fit', () => {
  const options: FitOptions = { heads: HEAD_SIZES, stepSeconds: STEP_SECONDS, rows: 30, passes: 4 };
  const pieces = [1, 2, 3, 4, 5].map((each) => toyPiece(each));

  it('finds a memory that predicts other pieces better than the defaults do', async () => {
    const { parameters, heads } = await fitMemory(pieces, { ...options, rows: 60, passes: 6 });
    const other = [11, 12, 13].map((each) => toyPiece(each));
    for (const { name, without, with: kept } of heads) {
      expect(kept, name).toBeLessThan(without);
      expect(natsOf(other, name, parameters), name).toBeLessThan(natsOf(other, name, SETS.match) + 0.01);
    }
    const sum = (of: typeof parameters): number => HEADS.reduce((all, name) => all + natsOf(other, name, of), 0);
    expect(sum(parameters)).toBeLessThan(sum(SETS.match) - 0.1);
  });

  it.each(['match', 'state'])('begins with the defaults, and knows what is drawn (%s)', (set) => {
    const keys = set === 'state' ? { keys: { kernels: new ReferenceKernels(), width: WIDTH } } : {};
    const once = { ...options, ...keys, rows: 1000, passes: 1, pieces: 1 };
    for (const { name, with: kept } of atOnce(fitMemoryPieces(pieces, once)).heads) {
      if (name !== 'velocity') expect(kept, name).toBeCloseTo(natsOf(pieces.slice(0, 1), name, SETS[set]), 5);
    }
  });

  it('is the same again, and comes back from JSON', () => {
    const once = atOnce(fitMemoryPieces(pieces, options));
    expect(atOnce(fitMemoryPieces(pieces, options))).toEqual(once);
    expect(atOnce(fitMemoryPieces(pieces, { ...options, seed: 1 }))).not.toEqual(once);
    expect(parseMemoryParameters(JSON.parse(JSON.stringify(once.parameters)))).toEqual(once.parameters);
  });

  it('compares states when there are keys, and gives their bytes back', () => {
    const kernels = new ReferenceKernels();
    const { parameters, heads } = atOnce(fitMemoryPieces(pieces, { ...options, keys: { kernels, width: WIDTH } }));
    expect(kernels.arena.bytes).toBe(0);
    for (const { name, notes, without, with: kept } of heads) {
      expect(parameters.heads[name]?.own.state, name).not.toBe(0);
      expect(kept, name).toBeLessThan(without);
      expect(notes).toBe(5 * 30);
    }
  });

  it('looks at no more notes and pieces than it is told', () => {
    const short = { ...pieces[0], probabilities: { ...pieces[0].probabilities } };
    for (const name of HEADS) {
      short.probabilities[name] = Array.from(short.probabilities[name]!, (p, t) => (t > 1 && t < 40 ? p : NaN));
    }
    const wrong = {
      ...pieces[1],
      probabilities: Object.fromEntries(HEADS.map((name) => [name, pieces[1].probabilities[name]!])),
    };
    const fit = atOnce(fitMemoryPieces([short, wrong], { ...options, notes: 40, pieces: 1, rows: 1000, passes: 1 }));
    expect(fit.heads.map(({ notes }) => notes)).toEqual([38, 38, 38, 38]);
    expect(fit.heads.every((head) => Number.isFinite(head.with))).toBe(true);
  });

  it('refuses pieces that lack something', () => {
    const fit = (some: readonly FittingPiece[], more: Partial<FitOptions> = {}): unknown =>
      atOnce(fitMemoryPieces(some, { ...options, ...more }));
    expect(() => fit([])).toThrow(/piece of three notes/);
    expect(() => fit([{ ...pieces[0], probabilities: {} }])).toThrow(/no probabilities/);
    const keys = { kernels: new ReferenceKernels(), width: WIDTH + 1 };
    expect(() => fit(pieces, { keys })).toThrow(/expected 120 times 6/);
  });
});

function rememberAll(heard: readonly Heard[], withStates: boolean): FittedHeard {
  const trail = new Trail(64, 0.85, STEP_SECONDS);
  const keys = new Keys({ kernels: new ReferenceKernels(new HeapArena('float64')), width: WIDTH }, 64);
  heard.forEach(({ note, state }, t) => {
    keys.push(state, t);
    trail.push(note);
  });
  keys.compare(heard.length - 1, trail.depth);
  return { trail, likeness: withStates ? keys.likeness : undefined };
}

function drawnBefore(head: HeadName, note: NoteClasses): Partial<NoteClasses> {
  const before = HEADS.slice(0, HEADS.indexOf(head));
  return Object.fromEntries(before.map((name) => [name, note[name]]));
}

/** A piece, and a model that knows nothing of it. */
function toyPiece(from: number): FittingPiece {
  const heard = toyNotes(120, from);
  const column = (name: (typeof HEADS)[number]): number[] => heard.map(({ note }) => note[name]!);
  return {
    classes: {
      step: column('step'),
      pitch: column('pitch'),
      duration: column('duration'),
      velocity: column('velocity'),
    },
    probabilities: Object.fromEntries(HEADS.map((name) => [name, heard.map(() => 1 / SIZES[name])])),
    states: Float32Array.from(heard.flatMap(({ state }) => state)),
  };
}

/** Nats a note of one head from the third on, from a model that knows nothing, with a memory. */
function natsOf(pieces: readonly FittingPiece[], head: (typeof HEADS)[number], parameters: typeof SETS.match): number {
  let sum = 0;
  let count = 0;
  const kernels = new ReferenceKernels();
  for (const { classes, states } of pieces) {
    const memory = new PieceMemory({ parameters, stepSeconds: STEP_SECONDS, keys: { kernels, width: WIDTH } });
    for (let t = 0; t < classes.pitch.length; t++) {
      const { pitch, step, duration, velocity } = classes;
      const note = { pitch: pitch[t], step: step[t], duration: duration[t], velocity: velocity![t] };
      const p = new Float64Array(SIZES[head]).fill(1 / SIZES[head]);
      memory.mix(head, drawnBefore(head, note), p);
      if (t > 1) sum -= Math.log(p[note[head]]);
      if (t > 1) count++;
      memory.push(note, states?.subarray(t * WIDTH, (t + 1) * WIDTH));
    }
  }
  return sum / count;
}
