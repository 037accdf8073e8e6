import type { NoteTable } from '../table.ts';
import type { Problem, Timing, Pedal } from '../types.ts';

/** Which part of a data set a piece belongs to, as the data set itself says (MAESTRO's CSV does). */
export type SplitName = 'train' | 'validation' | 'test';

/** One file's music, ready to be encoded. */
export interface Piece {
  /** As reached from the source that the caller named, with `/` between folders. */
  path: string;
  /** Composer and title where the data set lists them, else the file's name without its extension. */
  name: string;
  /** Present when the data set brings a split of its own. */
  split?: SplitName;
  table: NoteTable;
  /** The sustain pedal, where it is ever down; the table's notes end with their keys. */
  pedal?: Pedal;
  /** How the file counts time, where the piece comes from a file. */
  timing?: Timing;
  /** What the reader had to put right. */
  problems: Problem[];
  /** SHA-256 of the file's bytes, in hexadecimal. */
  digest: string;
}

/** What `loadCorpus` found: the pieces, and by name everything that it left out. */
export interface Corpus {
  /** In natural order of their paths. */
  pieces: Piece[];
  /** Files that could not serve, and why. */
  skipped: { path: string; reason: string }[];
  /** Files that a data set lists and that are not there. */
  missing: string[];
  /** Files that hold the same bytes or the same notes as an earlier one, which was kept. */
  duplicates: { path: string; sameAs: string }[];
  /** How many pieces came from the cache instead of the reader. */
  cached: number;
  /** Why the cache could not be written, if it could not; the corpus is complete all the same. */
  cacheProblem?: string;
}
