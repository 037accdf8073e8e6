import { UsageError } from '../../errors.ts';
import type { Note } from '../types.ts';
import { parseTyped } from './bar.ts';
import { DEFAULT_VELOCITY } from './header.ts';
import { performScore } from './perform.ts';

/**
 * Notes as one types them, `C4 E4 [G4 C5]:2 r:8 D4`, in the notation of the songbook without its header: a note that says no
 * octave has the last one, the first 4; one that says no length has the last one, the first a quarter. Bar lines may be
 * written, and change nothing; names of notes may be large letters.
 *
 * @param options `tempo`: in quarter notes a minute, 10 to 1000
 * @returns them in order of start and pitch, the first at 0 or after the rests before it
 * @throws NotationError with the column of the first thing that is wrong; UsageError for such a tempo
 */
export function typedNotes(text: string, { tempo }: { tempo: number }): Note[] {
  if (!(tempo >= 10 && tempo <= 1000)) {
    throw new UsageError(`tempo: expected 10 to 1000 quarter notes a minute, got ${tempo}.`);
  }
  // Letters of notes and rests alone, so that an error shows what was typed.
  const { notes, length } = parseTyped(text.replace(/[A-GR]/g, (letter) => letter.toLowerCase()).replaceAll('|', ' '));
  const header = {
    title: '',
    composer: '',
    licence: '',
    meter: { beats: 4, unit: 4 },
    tempo,
    instrument: 0,
    accent: 0,
  };
  const score = {
    header: { ...header, voices: [{ name: 'typed', velocity: DEFAULT_VELOCITY }] },
    sections: [{ name: '', bars: [{ length, voices: [notes] }] }],
    order: [0],
  };
  return performScore(score).instruments[0].notes;
}
