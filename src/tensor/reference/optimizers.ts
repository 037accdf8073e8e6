import { biasCorrectedRate } from '../adam-rate.ts';
import type { AdamSettings, MomentumSettings, RmspropSettings } from '../kernels.ts';
import type { Floats } from '../tensor.ts';

/** See `Kernels.adam`: weights, gradient, first and second moments. */
export function adam(w: Floats, g: Floats, m: Floats, v: Floats, settings: AdamSettings): void {
  const { beta1, beta2, epsilon } = settings;
  const rate = biasCorrectedRate(settings);
  for (let j = 0; j < w.length; j++) {
    const mj = beta1 * m[j] + (1 - beta1) * g[j];
    const vj = beta2 * v[j] + (1 - beta2) * g[j] * g[j];
    m[j] = mj;
    v[j] = vj;
    w[j] -= (rate * mj) / (Math.sqrt(vj) + epsilon);
  }
}

/** See `Kernels.sgd`. */
export function sgd(w: Floats, g: Floats, learningRate: number): void {
  for (let j = 0; j < w.length; j++) w[j] -= learningRate * g[j];
}

/** See `Kernels.sgdMomentum`. */
export function sgdMomentum(w: Floats, g: Floats, velocity: Floats, settings: MomentumSettings): void {
  const { learningRate, momentum, nesterov } = settings;
  for (let j = 0; j < w.length; j++) {
    const u = momentum * velocity[j] + g[j];
    velocity[j] = u;
    w[j] -= learningRate * (nesterov ? g[j] + momentum * u : u);
  }
}

/** See `Kernels.rmsprop`. */
export function rmsprop(w: Floats, g: Floats, square: Floats, settings: RmspropSettings): void {
  const { learningRate, decay, epsilon } = settings;
  for (let j = 0; j < w.length; j++) {
    const s = decay * square[j] + (1 - decay) * g[j] * g[j];
    square[j] = s;
    w[j] -= (learningRate * g[j]) / (Math.sqrt(s) + epsilon);
  }
}

/** See `Kernels.clip`. */
export function clip(a: Floats, limit: number): boolean {
  let outside = false;
  for (let j = 0; j < a.length; j++) {
    if (Math.abs(a[j]) > limit) outside = true;
    a[j] = Math.max(-limit, Math.min(limit, a[j]));
  }
  return outside;
}
