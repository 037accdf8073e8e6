import { keyRange, rowCount, type KeyRange } from '../../../../plot/keys.ts';
import type { TrackNotes } from '../../roll-place.ts';
import { visibleNotes } from '../drawing.ts';
import { RollPicture } from '../roll-picture.ts';
import { drawRoll, type RollMarks, type RollNotes } from '../roll.ts';
import type { Frame, Track } from '../timeline.ts';

export interface RollTrackOptions {
  label: string;
  head: HTMLElement;
  notes(): TrackNotes;
  /** What is marked beside the chosen note. */
  marks?(frame: Frame): RollMarks;
  describe(note: number): string | undefined;
}

/** Notes of fewer pixels each on average are drawn as one picture. */
const CROWDED = 2;

/** The piano roll of a timeline. Arrow keys go from note to note. */
export function rollTrack({ label, head, notes, marks, describe }: RollTrackOptions): Track {
  let [of, range]: [readonly number[] | undefined, KeyRange | undefined] = [undefined, undefined];
  const keys = (): KeyRange => {
    const { pitch } = notes();
    if (of !== pitch || !range) [of, range] = [pitch, keyRange(pitch)];
    return range;
  };
  const picture = new RollPicture();
  return {
    label,
    head,
    arrows: () => undefined,
    height: () => Math.min(280, Math.max(140, rowCount(keys()) * 5)),
    draw(frame) {
      const { axis, x, note, width, left } = frame;
      const song = notes();
      const { pitch, start, duration } = song;
      const span = (at: number): readonly [number, number] => {
        const [from, to] = axis.span(at, start[at], duration[at]);
        return [x(from), x(to)];
      };
      const place = { ...frame, keys: keys() };
      const rolled: RollNotes = { pitch, span };
      const [first, last] = visibleNotes(frame);
      if ((last - first) * CROWDED > width - left) rolled.paint = (colour) => picture.draw(place, song, colour);
      drawRoll(place, rolled, { chosen: note, ...marks?.(frame) });
    },
    describe,
  };
}
