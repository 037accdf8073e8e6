import type { Note } from '../../src/midi/types.ts';
import type { Random } from '../../src/tensor/random.ts';
import { streamOf } from './random.ts';
import type { Part, WrittenNote, WrittenPiece } from './score-file.ts';
import { songbookPiece } from './songbook.ts';

export const PERFORMED = [
  'bach-prelude-c', 'brahms-lullaby', 'chopin-prelude-a', 'chopin-prelude-c-minor', 'chopin-prelude-e-minor',
  'greensleeves', 'petzold-minuet-g-minor', 'satie-gymnopedie-1', 'schumann-melody', 'beethoven-fur-elise',
]; // prettier-ignore

/** Quarters a second of a recording, which knows no beats of the music. */
const QUARTERS = 2;

/** Pieces of the songbook as somebody plays them, recorded at 120 to the minute in 4/4 as recordings are. */
export function performances(names: readonly string[] = PERFORMED): WrittenPiece[] {
  return names.map((name, i) => {
    const { instruments } = songbookPiece(name);
    const part = played(streamOf('performances', i), instruments[0].notes);
    return { parts: [{ ...part, name: 'Piano' }], tempo: [[0, 120]], meter: [[0, 4, 4]] };
  });
}

/**
 * Written notes with rubato, chords that are not struck at once, dynamics, and the pedal changed with the chords of the
 * lowest notes. The tempo goes in phrases of some eight seconds, and gives way at the end.
 */
function played(random: Random, notes: readonly Note[]): Part {
  const end = notes.reduce((latest, note) => Math.max(latest, note.end), 0);
  const clock = rubato(random, end);
  const phrase = 6 + 4 * random.uniform();
  const struck = notes.map((note): WrittenNote => {
    const isTop = !notes.some((other) => other.start === note.start && other.pitch > note.pitch);
    const start = clock(note.start) + 0.02 * random.uniform() + (isTop ? 0 : 0.015 * random.uniform());
    const length = (clock(note.end) - clock(note.start)) * (0.75 + 0.3 * random.uniform());
    const swell = 12 * Math.sin((2 * Math.PI * note.start) / phrase);
    const velocity = Math.round(58 + swell + (isTop ? 12 : 0) + 4 * random.normal());
    return { pitch: note.pitch, velocity: Math.min(120, Math.max(20, velocity)), start, length };
  });
  return { notes: struckInTurn(struck).map(inQuarters), pedal: pedalOf(random, struck) };
}

/** From seconds of the score to seconds of the playing, ascending. */
function rubato(random: Random, end: number): (seconds: number) => number {
  const steps = Math.ceil(end / 0.25) + 2;
  const phase = 2 * Math.PI * random.uniform();
  const times = [0.5 + random.uniform()];
  let drift = 0;
  for (let i = 0; i < steps; i++) {
    drift = 0.95 * drift + 0.015 * random.normal();
    const slowing = Math.max(0, 1 - (end - i * 0.25) / 3);
    times.push(times[i] + 0.25 * (1 + 0.1 * Math.sin((i * 0.25 * 2 * Math.PI) / 8 + phase) + drift + 0.6 * slowing));
  }
  return (seconds) => {
    const at = Math.floor(seconds / 0.25);
    return times[at] + (seconds / 0.25 - at) * (times[at + 1] - times[at]);
  };
}

/** A key is up before it is struck again. */
function struckInTurn(notes: readonly WrittenNote[]): WrittenNote[] {
  const before = new Map<number, WrittenNote>();
  return notes
    .toSorted((a, b) => a.start - b.start)
    .map((each) => {
      const note = { ...each };
      const last = before.get(note.pitch);
      if (last) last.length = Math.min(last.length, Math.max(0.01, note.start - last.start - 0.005));
      before.set(note.pitch, note);
      return note;
    });
}

/** Up as a low note is struck, and down again just after it. */
function pedalOf(random: Random, notes: readonly WrittenNote[]): [number, number][] {
  const mean = notes.reduce((sum, { pitch }) => sum + pitch, 0) / notes.length;
  const changes: number[] = [];
  for (const { pitch, start } of notes.toSorted((a, b) => a.start - b.start)) {
    if (pitch < mean && start - (changes.at(-1) ?? -1) > 0.8) changes.push(start);
  }
  return changes.slice(0, -1).map((at, i) => {
    const down = at + 0.06 + 0.05 * random.uniform();
    return [down * QUARTERS, changes[i + 1] * QUARTERS];
  });
}

function inQuarters(note: WrittenNote): WrittenNote {
  return { ...note, start: note.start * QUARTERS, length: note.length * QUARTERS };
}
