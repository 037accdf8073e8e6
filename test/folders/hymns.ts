import { performScore, type Score } from '../../src/midi/notation/index.ts';
import { harmonize } from './harmonize.ts';
import { streamOf } from './random.ts';
import type { WrittenNote, WrittenPiece } from './score-file.ts';
import { songbookScore } from './songbook.ts';
import { FOLK_RHYTHMS } from './styles.ts';
import { SCALES, tune } from './tune.ts';

/** Tunes of the songbook in major, with the pitch class of their keynote. */
const TUNES: [name: string, keynote: number][] = [
  ['amazing-grace', 7],
  ['auld-lang-syne', 5],
  ['beethoven-ode-to-joy', 2],
  ['gruber-silent-night', 0],
  ['dvorak-largo', 1],
  ['twinkle', 0],
];
/** Keynotes of hymns, as pitch classes: C, D, Eb, F, G, A, Bb. */
const KEYS = [0, 2, 3, 5, 7, 9, 10];
const HYMNS = 24;
/** A choir's soprano should lie about here. */
const SOPRANO = 69;
const TUNE_BARS = 12;
const NAMES = ['Soprano', 'Alto', 'Tenor', 'Bass'];
const ORGAN = 19;

/** A melody whose keynote is C, with the quarters of its bars and beats. */
interface Melody {
  notes: WrittenNote[];
  meter: [beats: number, unit: number];
}

/** Hymns in four voices, a track each: tunes of the songbook and others, each in a key of its own. */
export function hymns(): WrittenPiece[] {
  return Array.from({ length: HYMNS }, (_, hymn) => {
    const melody = hymn < TUNES.length ? songbookMelody(...TUNES[hymn]) : newMelody(hymn);
    const key = KEYS[hymn % KEYS.length];
    const mean = melody.notes.reduce((sum, { pitch }) => sum + pitch, 0) / melody.notes.length;
    const up = key + 12 * Math.round((SOPRANO - mean - key) / 12);
    const soprano = melody.notes.map((note) => ({ ...note, pitch: note.pitch + up }));
    const voices = harmonize(soprano, key, melody.meter);
    return {
      parts: voices.map((notes, i) => ({ notes, name: NAMES[i], program: ORGAN })),
      tempo: [[0, 76 + 2 * (hymn % 12)]],
      meter: [[0, ...melody.meter]],
    };
  });
}

/** The highest notes of the first bars, some twelve; an upbeat stands at the end of a bar. */
function songbookMelody(name: string, keynote: number): Melody {
  const score = songbookScore(name);
  const { beats, unit } = score.header.meter;
  const { voices } = performScore({ ...score, order: opening(score) });
  const quarter = 60 / (6e7 / Math.round(6e7 / score.header.tempo));
  const [{ length: first }] = score.sections[score.order[0]].bars;
  const bar = (4 * beats) / unit;
  const before = bar - (4 * first.n) / first.d;
  const inQuarters = voices[0].notes.map(({ pitch, start, end }) => ({
    pitch: pitch - keynote,
    velocity: 76,
    start: before + start / quarter,
    length: (end - start) / quarter,
  }));
  return { notes: highest(inQuarters), meter: [beats, unit] };
}

/** The first sections of a score, until they have enough bars. */
function opening({ order, sections }: Score): number[] {
  let bars = 0;
  const after = order.findIndex((section) => (bars += sections[section].bars.length) >= TUNE_BARS);
  return order.slice(0, after + 1);
}

/** The highest note of each onset, as long as until the next. */
function highest(notes: readonly WrittenNote[]): WrittenNote[] {
  const ordered = notes.toSorted((a, b) => a.start - b.start || b.pitch - a.pitch);
  const tops = ordered.filter(({ start }, i) => i === 0 || start - ordered[i - 1].start > 0.01);
  return tops.map((note, i) => ({
    ...note,
    start: Math.round(24 * note.start) / 24,
    length: Math.round(24 * Math.min(note.length, (tops[i + 1]?.start ?? Infinity) - note.start)) / 24,
  }));
}

function newMelody(hymn: number): Melody {
  const random = streamOf('hymns', hymn);
  const rhythms = FOLK_RHYTHMS[hymn % 2 === 0 ? '4-4' : '3-4'];
  // A congregation sings no dotted rhythms.
  const bars = rhythms.bars.filter((bar) => bar.every((length) => length === 0.5 || length % 1 === 0));
  const style = { ...rhythms, bars, scale: SCALES.major, tonic: 60 };
  const { notes } = tune(random, style, 1);
  return { notes: notes.map((note) => ({ ...note, velocity: 76 })), meter: style.meter };
}
