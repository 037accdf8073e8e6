import fc from 'fast-check';

import type { Piece } from '../../src/midi/corpus/types.ts';
import { noteTable } from '../../src/midi/table.ts';
import type { NoteTable } from '../../src/midi/table.ts';
import type { Note } from '../../src/midi/types.ts';

const midiByte = fc.integer({ min: 0, max: 127 });

/** Seconds as real files have them: often exactly equal (chords, notated rhythms), otherwise anything up to a minute. */
export const anySeconds = fc.oneof(
  fc.constantFrom(0, 0.125, 0.25, 0.5, 1, 2),
  fc.double({ min: 0, max: 60, noNaN: true }),
);

export const anyNotes: fc.Arbitrary<Note[]> = fc.array(
  fc
    .record({ pitch: midiByte, velocity: fc.integer({ min: 1, max: 127 }), start: anySeconds, duration: anySeconds })
    .map(({ pitch, velocity, start, duration }) => ({ pitch, velocity, start, end: start + duration })),
  { maxLength: 60 },
);

export const anyTable: fc.Arbitrary<NoteTable> = anyNotes.map(noteTable);

/** A note every `step` seconds, each `step` long, with the given pitches. */
export function melody(pitches: readonly number[], step = 0.5): NoteTable {
  return noteTable(
    pitches.map((pitch, i) => ({ pitch, velocity: 64 + (i % 8), start: i * step, end: (i + 1) * step })),
  );
}

/** A piece of this name around a table. */
export function pieceOf(name: string, table: NoteTable, split?: Piece['split']): Piece {
  return { path: `music/${name}.mid`, name, table, problems: [], digest: name, ...(split && { split }) };
}
