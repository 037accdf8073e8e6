import type { EngineState } from './engine.ts';
import type { NamedArrays } from './parameters.ts';
import type { ModelSpec } from './spec.ts';
import type { TrainerState } from './trainer-state.ts';

/** A model as it is saved: its architecture, its weights, and what the application needs to use it. */
export interface SavedModel {
  spec: ModelSpec;
  parameters: NamedArrays;
  /** Whatever the application adds, such as the codec and the settings: plain JSON. */
  extra: Record<string, unknown>;
}

/** A model with all that a run needs to go on bit for bit. */
export interface Checkpoint extends SavedModel {
  training?: {
    /** Its parameters are those of the model, the same object, unless the model's are a moving average of them. */
    engine: EngineState;
    trainer: TrainerState;
    /** The weights of the best epoch so far, when they are not the current ones. */
    best?: NamedArrays;
    /** Which engine trained it; the last bits of another may differ. */
    engineName: string;
  };
}
