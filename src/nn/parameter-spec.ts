import type { Shape } from '../tensor/shape.ts';

/** A trainable tensor of a model. */
export interface ParameterSpec {
  /** `embeddings.pitch`, `lstm.0.kernel`, `lstm.0.recurrent_kernel`, `lstm.0.bias`, `heads.pitch.kernel`, `heads.pitch.bias`. */
  name: string;
  shape: Shape;
  /**
   * `glorot`: uniform by fan-in and fan-out; `orthogonal`; `zeros`; `ones`; `forget`: zeros, ones for the forget gate;
   * `normal`: with deviation 0.15.
   */
  initializer: 'glorot' | 'orthogonal' | 'zeros' | 'ones' | 'forget' | 'normal';
  /** Multiplies the starting values; 1 unless given. */
  gain?: number;
}
