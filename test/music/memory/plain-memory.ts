import type { HeadName } from '../../../src/midi/index.ts';
import type { MemoryParameters, NoteClasses, VoteWeights } from '../../../src/music/memory/index.ts';

/** A note and the state after it. */
export interface Heard {
  note: NoteClasses;
  state: number[];
}

export interface PlainOptions {
  parameters: MemoryParameters;
  stepSeconds: readonly number[];
  window: number;
  strength?: number;
  transposedStrength?: number;
  minLag?: number;
  sharp?: boolean;
  range?: [number, number];
}

/**
 * What a memory makes of `p`, straight from the formulas and with nothing kept: every match is computed by its recursion from the
 * beginning of the piece. In float64. The judge of `PieceMemory`.
 */
export function plainMix(
  heard: readonly Heard[],
  head: HeadName,
  drawn: Partial<NoteClasses>,
  p: readonly number[],
  options: PlainOptions,
): number[] {
  const memory = options.parameters.heads[head];
  if (!memory) return [...p];
  const own = source(heard, head, drawn, memory.own, false, p.length, options);
  const transposed = memory.transposed && source(heard, head, drawn, memory.transposed, true, p.length, options);
  const e = (options.strength ?? 1) * own.e;
  const e2 = (options.transposedStrength ?? options.strength ?? 1) * (transposed?.e ?? 0);
  return p.map((value, kind) => (value + e * own.q[kind] + e2 * (transposed?.q[kind] ?? 0)) / (1 + e + e2));
}

/** The match of the newest note's past with that of note i: unrolled, sum over j of decay^j times what is alike j notes before. */
function match(length: number, i: number, decay: number, alike: (t: number, i: number) => number): number {
  const t = length - 1;
  let sum = 0;
  for (let j = 0; j <= i; j++) sum += decay ** j * alike(t - j, i - j);
  return sum;
}

function source(
  heard: readonly Heard[],
  head: HeadName,
  drawn: Partial<NoteClasses>,
  by: VoteWeights,
  transposed: boolean,
  size: number,
  { parameters: { decay }, stepSeconds, window, minLag = 0, sharp = false, range }: PlainOptions,
): { e: number; q: number[] } {
  const t = heard.length - 1;
  const pitch = (i: number): number | undefined => heard[i]?.note.pitch;
  const interval = (i: number): number => (i > 0 ? heard[i].note.pitch - heard[i - 1].note.pitch : NaN);
  const isChord = (step: number): boolean => stepSeconds[step] < 0.03;
  const samePitch = (now: number, then: number): number => {
    if (pitch(now) === pitch(then)) return 1;
    // Of the notes that are compared, those before `now` only.
    const after = then + 1 < now ? pitch(then + 1) : undefined;
    return pitch(now) === pitch(then - 1) || pitch(now) === after ? 0.5 : 0;
  };
  const places: { a: number; kind: number }[] = [];
  for (let i = Math.max(0, t - window + 1); i < t; i++) {
    if (t - i <= minLag) continue;
    const next = heard[i + 1].note;
    const kind = transposed ? (pitch(t) ?? NaN) + interval(i + 1) : (next[head] ?? 0);
    const [low, high] = transposed && range ? range : [0, size - 1];
    if (kind < Math.max(low, 0) || kind > Math.min(high, size - 1)) continue;
    let a = by.state * (cosine(heard[t].state, heard[i].state) - 1);
    a += transposed
      ? by.match * match(heard.length, i, decay, (now, then) => Number(interval(now) === interval(then)))
      : by.match * match(heard.length, i, decay, samePitch);
    a +=
      by.rhythm * match(heard.length, i, decay, (now, then) => Number(heard[now].note.step === heard[then].note.step));
    a += by.age * Math.log((t - i) / 100);
    if (drawn.step !== undefined && isChord(drawn.step) === isChord(next.step)) a += by.chord;
    if (drawn.step !== undefined && Math.abs(drawn.step - next.step) <= 1) a += by.step;
    if (drawn.pitch === next.pitch) a += by.pitch;
    places.push({ a, kind });
  }
  const q = Array.from({ length: size }, () => 0);
  if (places.length === 0) return { e: 0, q };
  const most = Math.max(...places.map(({ a }) => a));
  const total = places.reduce((sum, { a }) => sum + Math.exp(a - most), 0);
  const z = most + Math.log(total);
  const kernel = sharp || head === 'pitch' ? [1, 0, 0] : by.kernel;
  const kernelSum = kernel[0] + 2 * kernel[1] + 2 * kernel[2];
  for (const { a, kind } of places) {
    for (let offset = -2; offset <= 2; offset++) {
      const to = Math.max(0, Math.min(size - 1, kind + offset));
      q[to] += ((Math.exp(a - most) / total) * kernel[Math.abs(offset)]) / kernelSum;
    }
  }
  return { e: Math.exp(Math.max(-30, Math.min(30, by.evidence[0] + by.evidence[1] * z))), q };
}

function cosine(a: readonly number[], b: readonly number[]): number {
  const norm = (v: readonly number[]): number => Math.hypot(...v) || 1;
  return a.reduce((sum, value, j) => sum + (value / norm(a)) * (b[j] / norm(b)), 0);
}
