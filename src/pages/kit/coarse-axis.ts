import type { TimeAxis } from './time-axis.ts';

/** What a picture needs of an axis. */
export type ColumnAxis = Pick<TimeAxis, 'notes' | 'edges' | 'noteAt'>;

/** The axis of tables whose columns stand for several notes each: column k for notes k * notesPerColumn on. */
export function coarseAxis(axis: ColumnAxis, notesPerColumn: number): ColumnAxis {
  const notes = Math.ceil(axis.notes / notesPerColumn);
  const edges = Float64Array.from(
    { length: notes + 1 },
    (_, k) => axis.edges[Math.min(axis.notes, k * notesPerColumn)],
  );
  return { notes, edges, noteAt: (position) => Math.floor(axis.noteAt(position) / notesPerColumn) };
}
