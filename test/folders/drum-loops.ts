import type { Random } from '../../src/tensor/random.ts';
import { oneOf, streamOf } from './random.ts';
import type { WrittenNote, WrittenPiece } from './score-file.ts';

const LOOPS = 40;
/** Sixteenths of two bars of 4/4. */
const STEPS = 32;
const KICK = 36;
const SNARE = 38;
const [CLOSED, OPEN, RIDE] = [42, 46, 51];
const TOMS = [45, 47, 50];
const MOST = 40;

/** Drum loops of two bars, 8 to 40 notes each. */
export function drumLoops(): WrittenPiece[] {
  return Array.from({ length: LOOPS }, (_, loop) => {
    const random = streamOf('drum-loops', loop);
    return {
      parts: [{ notes: strikes(random), name: 'Drums', isDrum: true }],
      tempo: [[0, 80 + 2 * random.integer(45)]],
      meter: [[0, 4, 4]],
    };
  });
}

function strikes(random: Random): WrittenNote[] {
  const notes: WrittenNote[] = [];
  const strike = (pitch: number, step: number, velocity: number) => {
    notes.push({ pitch, velocity: velocity + random.integer(8), start: step / 4, length: 0.25 });
  };
  const kicks = oneOf(random, [[0], [0, 8], [0, 10], [0, 6, 10], [0, 4, 8, 12]]);
  for (const bar of [0, 16]) {
    for (const step of kicks) strike(KICK, bar + step, 104);
    for (const step of oneOf(random, [[4, 12], [4, 12], [8]])) strike(SNARE, bar + step, 96); // prettier-ignore
  }
  const every = oneOf(random, [2, 4, 4, 8]);
  const metal = oneOf(random, [CLOSED, CLOSED, RIDE]);
  const fill = random.integer(3) === 0 ? STEPS - 4 : STEPS;
  for (let step = 0; step < fill; step += every) {
    const opens = metal === CLOSED && step % 16 === 14;
    strike(opens ? OPEN : metal, step, step % 4 === 0 ? 84 : 66);
  }
  for (let step = fill; step < STEPS; step++) strike(oneOf(random, TOMS), step, 88);
  return notes.toSorted((a, b) => a.start - b.start || a.pitch - b.pitch).slice(0, MOST);
}
