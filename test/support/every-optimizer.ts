import { OPTIMIZER_DEFAULTS, type OptimizerSpec, type Slot } from '../../src/nn/index.ts';

const { adam, adamw, sgd, rmsprop } = OPTIMIZER_DEFAULTS;

/** Every optimizer in each of its forms, with a learning rate that suits it, and what it keeps. */
export const EVERY_OPTIMIZER: { name: string; spec: OptimizerSpec; rate: number; keeps: Slot[] }[] = [
  { name: 'adam', spec: adam, rate: 0.01, keeps: ['adam.m', 'adam.v'] },
  { name: 'adamw', spec: { ...adamw, weightDecay: 0.1 }, rate: 0.01, keeps: ['adam.m', 'adam.v'] },
  { name: 'sgd', spec: sgd, rate: 0.5, keeps: [] },
  { name: 'sgd with momentum', spec: { ...sgd, momentum: 0.9 }, rate: 0.05, keeps: ['sgd.velocity'] },
  {
    name: 'sgd with Nesterov’s momentum',
    spec: { ...sgd, momentum: 0.9, nesterov: true },
    rate: 0.05,
    keeps: ['sgd.velocity'],
  },
  { name: 'rmsprop', spec: rmsprop, rate: 0.01, keeps: ['rmsprop.square'] },
];
