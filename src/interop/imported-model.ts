import type { SavedModel } from '../nn/index.ts';

/** A model that was read from a file of another program. */
export interface ImportedModel extends SavedModel {
  /** What was found in the file, and what it was taken for: lines for people. */
  notes: string[];
}
