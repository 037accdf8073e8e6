import type { ModelSpec } from '../../nn/index.ts';
import type { LayerNode } from './graph.ts';
import type { FoundHead } from './heads.ts';
import type { FoundInputs } from './inputs.ts';
import type { RecurrentLayer } from './recurrent.ts';

/** What was found of a network. */
export interface FoundLayers {
  spec: ModelSpec;
  found: FoundInputs;
  /** From the first on. */
  stack: RecurrentLayer[];
  heads: FoundHead[];
  /** Layers that do nothing outside of training, and were left out. */
  passed: readonly LayerNode[];
  /** All layers of the model. */
  nodes: readonly LayerNode[];
}
