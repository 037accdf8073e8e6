import type { Random } from '../../src/tensor/random.ts';
import { oneOf, streamOf } from './random.ts';
import type { Part, WrittenNote, WrittenPiece } from './score-file.ts';
import { pitchOf, SCALES, tune, type Style, type Tune } from './tune.ts';

const PIECES = 8;
const TIMES = 2;
const [SQUARE, SAW, BASS] = [80, 81, 38];
const [KICK, SNARE, HAT] = [36, 38, 42];

const RHYTHMS: Pick<Style, 'meter' | 'bars' | 'closings'> = {
  meter: [4, 4],
  bars: [
    [0.5, 0.5, 0.5, 0.5, 1, 1],
    [0.75, 0.75, 0.5, 1, 1],
    [0.25, 0.25, 0.5, 0.5, 0.5, 1, 1],
    [0.75, 0.75, 0.5, 0.25, 0.25, 0.25, 0.25, 1],
  ],
  closings: [[0.5, 0.5, 1, 2], [1.5, 0.5, 2]], // prettier-ignore
};

/** Loops as a sound chip of three voices and noise plays them, twice through, at 150 to the minute. */
export function gameMusic(): WrittenPiece[] {
  return Array.from({ length: PIECES }, (_, piece) => {
    const random = streamOf('game-music', piece);
    const style = { ...RHYTHMS, scale: SCALES[oneOf(random, ['minor', 'major', 'dorian'])], tonic: 64 + random.integer(8) };
    const lead = tune(random, style, 1);
    const parts: Part[] = [
      { name: 'Pulse 1', program: SQUARE, notes: lead.notes.map((note) => ({ ...note, velocity: 100 })) },
      { name: 'Pulse 2', program: SAW, notes: arpeggio(style, lead, oneOf(random, [0.25, 0.5])) },
      { name: 'Triangle', program: BASS, notes: bass(style, lead) },
      { name: 'Noise', isDrum: true, notes: noise(random, lead) },
    ];
    return { parts: parts.map((part) => again(part, lead)), tempo: [[0, 150]], meter: [[0, 4, 4]] };
  });
} // prettier-ignore

/** The chord of each bar, broken. */
function arpeggio(style: Style, { chords, bar }: Tune, length: number): WrittenNote[] {
  const figure = [0, 2, 4, 2];
  return chords.flatMap((chord, place) =>
    Array.from({ length: bar / length }, (_, i) => ({
      pitch: pitchOf(style, chord + figure[i % 4] - 7),
      velocity: 72,
      start: place * bar + i * length,
      length: length / 2,
    })),
  );
}

/** Root and octave in eighths. */
function bass(style: Style, { chords, bar }: Tune): WrittenNote[] {
  return chords.flatMap((chord, place) =>
    Array.from({ length: 2 * bar }, (_, i) => ({
      pitch: pitchOf(style, chord - 21 + (i % 2 === 0 ? 0 : 7)),
      velocity: 90,
      start: place * bar + i / 2,
      length: 0.5,
    })),
  );
}

function noise(random: Random, { chords, bar }: Tune): WrittenNote[] {
  const kicks = oneOf(random, [[0, 2], [0, 1.5, 2], [0, 2.5]]); // prettier-ignore
  return chords.flatMap((_, place) => {
    const at = place * bar;
    const struck = (pitch: number, times: readonly number[], velocity: number) =>
      times.map((time) => ({ pitch, velocity, start: at + time, length: 0.125 }));
    const eighths = Array.from({ length: 2 * bar }, (_, i) => i / 2);
    return [...struck(KICK, kicks, 110), ...struck(SNARE, [1, 3], 100), ...struck(HAT, eighths, 60)];
  });
}

/** The part as often as the loop goes round. */
function again(part: Part, { chords, bar }: Tune): Part {
  const length = chords.length * bar;
  const rounds = Array.from({ length: TIMES }, (_, round) =>
    part.notes.map((note) => ({ ...note, start: note.start + round * length })),
  );
  return { ...part, notes: rounds.flat() };
}
