import { keyRange, rowCount, type KeyRange } from '../../../../plot/keys.ts';
import { drawRoll, type RollMarks } from '../roll.ts';
import type { Frame, Track } from '../timeline.ts';

/** The notes of a timeline; seconds. */
export interface TrackNotes {
  pitch: readonly number[];
  start: readonly number[];
  duration: readonly number[];
}

export interface RollTrackOptions {
  label: string;
  head: HTMLElement;
  notes(): TrackNotes;
  /** What is marked beside the chosen note. */
  marks?(frame: Frame): RollMarks;
  describe(note: number): string | undefined;
}

/** The piano roll of a timeline. Arrow keys go from note to note. */
export function rollTrack({ label, head, notes, marks, describe }: RollTrackOptions): Track {
  let [of, range]: [readonly number[] | undefined, KeyRange | undefined] = [undefined, undefined];
  const keys = (): KeyRange => {
    const { pitch } = notes();
    if (of !== pitch || !range) [of, range] = [pitch, keyRange(pitch)];
    return range;
  };
  return {
    label,
    head,
    arrows: () => undefined,
    height: () => Math.min(280, Math.max(140, rowCount(keys()) * 5)),
    draw(frame) {
      const { axis, x, note } = frame;
      const { pitch, start, duration } = notes();
      const span = (at: number): readonly [number, number] => {
        const [from, to] = axis.span(at, start[at], duration[at]);
        return [x(from), x(to)];
      };
      drawRoll({ ...frame, keys: keys() }, { pitch, span }, { chosen: note, ...marks?.(frame) });
    },
    describe,
  };
}
