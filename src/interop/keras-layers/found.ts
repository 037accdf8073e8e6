import type { LayerNode } from './graph.ts';
import type { FoundHead } from './heads.ts';
import type { FoundInputs } from './inputs.ts';
import type { RecurrentLayer } from './settings.ts';

/** What was found of a network. */
export interface FoundLayers {
  found: FoundInputs;
  /** From the first on. */
  stack: RecurrentLayer[];
  heads: FoundHead[];
  /** Layers that act in training only, and were left out. */
  passed: readonly LayerNode[];
}
