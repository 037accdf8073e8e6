import { UsageError } from '../../errors.ts';
import type { HeadName } from '../../midi/index.ts';

/**
 * How one source of votes weighs the notes of the past. Each note i that was followed by another votes for what followed it,
 * with a weight that grows as e to
 *
 *     a(i) = state (cos(h_t, h_i) - 1) + match M(i) + rhythm R(i) + age ln(lag / 100) + chord [..] + step [..] + pitch [..]
 */
export interface VoteWeights {
  /** Of the likeness of the network's state now and then; 0 for a memory that sees no state. */
  state: number;
  /** Of how far the last pitches are those before that note; of intervals in the transposed source. */
  match: number;
  /** Of how far the last steps are those before that note. */
  rhythm: number;
  age: number;
  /** Where what followed and the step that is drawn are both within a chord, or both not. */
  chord: number;
  /** Where the step that followed is within a class of the one that is drawn. */
  step: number;
  /** Where the pitch that followed is the one that is drawn. */
  pitch: number;
  /** `[g0, g1]`: the votes have e^(g0 + g1 ln sum e^a) times the weight of the model. */
  evidence: [number, number];
  /** What of a vote is for the class itself, for each neighbour, and for each of those behind them; 1 in all, in time too. */
  kernel: [number, number, number];
}

/** The sources of votes for one head. */
export interface HeadMemory {
  /** Votes for what followed. */
  own: VoteWeights;
  /** For pitch: votes for the interval that followed, from the pitch that sounds now. */
  transposed?: VoteWeights;
}

/** Everything fitted about a memory. Plain JSON: it stands in a checkpoint. */
export interface MemoryParameters {
  /** What is kept of a match at each further note. */
  decay: number;
  /** A head that is not here is left as the model has it. */
  heads: Partial<Record<HeadName, HeadMemory>>;
}

/** The order that `NoteClasses` are spoken of in, whatever order they are drawn in. */
export const MEMORY_HEADS = ['step', 'pitch', 'duration', 'velocity'] as const satisfies readonly HeadName[];

const NOTHING: VoteWeights = {
  state: 0,
  match: 0,
  rhythm: 0,
  age: 0,
  chord: 0,
  step: 0,
  pitch: 0,
  evidence: [0, 0],
  kernel: [1, 0, 0],
};
const STEP_KERNEL: VoteWeights['kernel'] = [0.58, 0.17, 0.04];
const DURATION_KERNEL: VoteWeights['kernel'] = [0.4, 0.23, 0.07];

/** Fitted for a model that knew nothing of it, on validation pieces of MAESTRO: for a memory that sees no state. */
export const MATCH_PARAMETERS: MemoryParameters = {
  decay: 0.85,
  heads: {
    step: {
      own: { ...NOTHING, match: 1.71, rhythm: 1.96, age: -0.37, evidence: [-4.3, 0.25], kernel: STEP_KERNEL },
    },
    pitch: {
      own: { ...NOTHING, match: 2.63, age: -0.45, chord: 1.25, step: 1.58, evidence: [-4.66, 0.31] },
      transposed: { ...NOTHING, match: 3.14, age: -0.45, chord: 1.89, evidence: [-5.84, 0.35] },
    },
    duration: {
      own: {
        ...NOTHING,
        match: 1.74,
        rhythm: 0.58,
        age: -0.49,
        chord: -0.08,
        step: 1.56,
        pitch: 4.71,
        evidence: [-4.58, 0.31],
        kernel: DURATION_KERNEL,
      },
    },
  },
};

/** The same for a memory that sees the network's state. */
export const STATE_PARAMETERS: MemoryParameters = {
  decay: 0.85,
  heads: {
    step: {
      own: {
        ...NOTHING,
        state: 14.5,
        match: 0.94,
        rhythm: 1.26,
        age: 0.36,
        evidence: [-1.88, 0.3],
        kernel: STEP_KERNEL,
      },
    },
    pitch: {
      own: { ...NOTHING, state: 12.7, match: 1.18, age: 0.22, chord: 1.87, step: 0.77, evidence: [-2.84, 0.59] },
      transposed: { ...NOTHING, state: 6.6, match: 2.4, age: -0.06, chord: 2.01, evidence: [-4.84, 0.47] },
    },
    duration: {
      own: {
        ...NOTHING,
        state: 12,
        match: 0.31,
        rhythm: 0.38,
        age: 0.14,
        chord: 1.82,
        step: 1.24,
        pitch: 2.88,
        evidence: [-2.49, 0.47],
        kernel: DURATION_KERNEL,
      },
    },
  },
};

/** Whether a memory with these parameters has to be told the network's state. */
export function needsStates(parameters: MemoryParameters): boolean {
  return Object.values(parameters.heads).some(
    ({ own, transposed }) => own.state !== 0 || (transposed?.state ?? 0) !== 0,
  );
}

const NUMBERS = ['state', 'match', 'rhythm', 'age', 'chord', 'step', 'pitch'] as const;
/** No fit comes near it; it keeps every sum finite. */
const LARGEST = 1000;

/**
 * Reads parameters as they stand in a checkpoint.
 * @throws UsageError that names what is missing or out of range
 */
export function parseMemoryParameters(json: unknown): MemoryParameters {
  const { decay, heads } = object(json, 'memory');
  const kept = number(decay, 'memory.decay', 0, 1);
  if (kept === 1) throw new UsageError('memory.decay: expected less than 1, got 1: no match would ever be forgotten.');
  const parsed: MemoryParameters['heads'] = {};
  for (const [name, head] of Object.entries(object(heads, 'memory.heads'))) {
    const known = MEMORY_HEADS.find((other) => other === name);
    if (!known) {
      throw new UsageError(`memory.heads: expected ${MEMORY_HEADS.join(', ')}, got "${name}". Fit the memory again.`);
    }
    const where = `memory.heads.${name}`;
    const { own, transposed } = object(head, where);
    parsed[known] = { own: parseWeights(own, `${where}.own`) };
    if (transposed === undefined) continue;
    if (known !== 'pitch') throw new UsageError(`${where}.transposed: only pitch has a transposed source.`);
    parsed.pitch = { ...parsed[known], transposed: parseWeights(transposed, `${where}.transposed`) };
  }
  return { decay: kept, heads: parsed };
}

function parseWeights(json: unknown, where: string): VoteWeights {
  const given = object(json, where);
  const [state, match, rhythm, age, chord, step, pitch] = NUMBERS.map((name) =>
    number(given[name], `${where}.${name}`, -LARGEST, LARGEST),
  );
  const [g0, g1] = numbers(given.evidence, `${where}.evidence`, 2, -LARGEST);
  const [at, beside, behind] = numbers(given.kernel, `${where}.kernel`, 3, 0);
  if (at + beside + behind === 0) throw new UsageError(`${where}.kernel: expected a share above 0, got only zeros.`);
  return { state, match, rhythm, age, chord, step, pitch, evidence: [g0, g1], kernel: [at, beside, behind] };
}

function object(json: unknown, where: string): Record<string, unknown> {
  if (typeof json === 'object' && json !== null && !Array.isArray(json)) return json as Record<string, unknown>;
  throw new UsageError(`${where}: expected an object, got ${JSON.stringify(json)}. Fit the memory again.`);
}

function numbers(json: unknown, where: string, count: number, least: number): number[] {
  if (!Array.isArray(json) || json.length !== count) {
    throw new UsageError(`${where}: expected ${count} numbers, got ${JSON.stringify(json)}. Fit the memory again.`);
  }
  return json.map((value, i) => number(value, `${where}[${i}]`, least, LARGEST));
}

function number(json: unknown, where: string, least: number, most: number): number {
  if (typeof json === 'number' && json >= least && json <= most) return json;
  throw new UsageError(
    `${where}: expected a number from ${least} to ${most}, got ${JSON.stringify(json)}. Fit the memory again.`,
  );
}
