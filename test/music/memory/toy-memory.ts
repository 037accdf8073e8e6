import { HeapArena, ReferenceKernels } from '../../../src/tensor/index.ts';
import {
  PieceMemory,
  type RecallOptions,
  MATCH_PARAMETERS,
  STATE_PARAMETERS,
  type MemoryParameters,
  type NoteClasses,
} from '../../../src/music/memory/index.ts';
import { mulberry32, noise } from '../../support/generators.ts';
import type { Heard } from './plain-memory.ts';

/** Seconds of six classes of steps: two within a chord. */
export const STEP_SECONDS = [0.004, 0.02, 0.1, 0.2, 0.4, 0.8];
export const SIZES = { step: 6, pitch: 16, duration: 7, velocity: 5 };
export const WIDTH = 5;

/** Both sets of defaults, and velocity in the second. */
export const SETS: Record<string, MemoryParameters> = {
  match: MATCH_PARAMETERS,
  state: {
    ...STATE_PARAMETERS,
    heads: { ...STATE_PARAMETERS.heads, velocity: STATE_PARAMETERS.heads.duration },
  },
};

/** Notes among few classes, so that much repeats, with some figures again. */
export function toyNotes(count: number, seed: number): Heard[] {
  const random = mulberry32(seed);
  const below = (n: number): number => Math.floor(n * random());
  const heard: Heard[] = [];
  while (heard.length < count) {
    const from = below(heard.length);
    if (heard.length > 4 && random() < 0.2) heard.push(...heard.slice(from, from + 1 + below(5)));
    else {
      const note = { pitch: below(SIZES.pitch), step: below(6), duration: below(7), velocity: below(5) };
      heard.push({ note, state: [...noise(WIDTH, random)] });
    }
  }
  return heard.slice(0, count);
}

/** Probabilities of `size` classes. */
export function toyProbabilities(size: number, random: () => number): number[] {
  const parts = Array.from({ length: size }, () => random() ** 3 + 1e-4);
  const sum = parts.reduce((a, b) => a + b, 0);
  return parts.map((part) => part / sum);
}

/** A note of which only the pitch matters. */
export function pitched(pitch: number): NoteClasses {
  return { pitch, step: 3, duration: 2 };
}

/** A memory with one of the sets of parameters, on kernels in float64. */
export function memoryOf(set = 'match', window = 4000, recall?: RecallOptions): PieceMemory {
  const kernels = new ReferenceKernels(new HeapArena('float64'));
  return new PieceMemory({
    parameters: SETS[set],
    stepSeconds: STEP_SECONDS,
    window,
    keys: { kernels, width: WIDTH },
    recall,
  });
}

export function pushAll(memory: PieceMemory, heard: readonly Heard[]): void {
  for (const { note, state } of heard) memory.push(note, state);
}
