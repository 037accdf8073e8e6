import type { NoteClasses } from './trail.ts';

/** The notes of a piece as the classes of a codec, one list a part. */
export interface PieceClasses {
  pitch: ArrayLike<number>;
  step: ArrayLike<number>;
  duration: ArrayLike<number>;
  velocity?: ArrayLike<number>;
}

/** The same, one object a note. */
export function notesOf({ pitch, step, duration, velocity }: PieceClasses): NoteClasses[] {
  return Array.from({ length: pitch.length }, (_, t) => ({
    pitch: pitch[t],
    step: step[t],
    duration: duration[t],
    ...(velocity && { velocity: velocity[t] }),
  }));
}
