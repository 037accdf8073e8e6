import { noteName } from '../midi/index.ts';
import { REPETITION_NOTES, type MusicAnalysis } from '../music/index.ts';
import { clock, counted } from '../text/words.ts';

/** The figures of some music in a few lines, for people: length, range, repetition, density. */
export function describeMusicFigures(analysis: MusicAnalysis): [label: string, text: string][] {
  const { notes, seconds, lowest, highest, distinctPitches, repetition, longestRepeat, longestSamePitch } = analysis;
  const range =
    lowest === null || highest === null
      ? 'no notes'
      : `${noteName(lowest)} to ${noteName(highest)}, ${counted(distinctPitches, 'different key')}`;
  return [
    ['Length', `${counted(notes, 'note')}, ${clock(seconds)}`],
    ['Range', range],
    [
      'Repeats',
      `${(100 * repetition).toFixed(0)} % of the runs of ${REPETITION_NOTES} keys had been heard before; the longest repeated run ` +
        `has ${counted(longestRepeat, 'note')}, the longest on one key ${longestSamePitch}`,
    ],
    [
      'Held keys',
      `${(100 * analysis.struckWhileHeld).toFixed(1)} % of the notes strike a key that still sounds; it ends there and starts again`,
    ],
    [
      'Density',
      `${analysis.density.toFixed(1)} notes a second, ${analysis.meanPolyphony.toFixed(1)} at a time (at most ${analysis.maxPolyphony})`,
    ],
  ];
}
