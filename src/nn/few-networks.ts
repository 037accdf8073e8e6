import type { Kernels, Lease } from '../tensor/index.ts';
import { FewRecent } from './few-recent.ts';
import type { OwnLosses } from './losses/loss-of.ts';
import { Network } from './network.ts';
import type { ParameterSet } from './parameters.ts';
import type { ModelSpec } from './spec.ts';

/** Layouts that an engine keeps for each use: that of the usual batch, and one for a remainder. */
const LAYOUTS = 2;

/** Networks by their batch size, the newest two; what the others took in the arena is given out again. */
export function fewNetworks(make: (batchSize: number) => Lease<Network>): FewRecent<number, Lease<Network>> {
  return new FewRecent(LAYOUTS, make, (lease) => {
    lease.release();
  });
}

/** Networks that run forward and judge what evaluation looks at, by their batch size. */
export function evaluationNetworks(
  kernels: Kernels,
  spec: ModelSpec,
  steps: number,
  parameters: ParameterSet,
  losses?: OwnLosses,
): FewRecent<number, Lease<Network>> {
  return fewNetworks((batchSize) =>
    kernels.arena.lease(
      () => new Network(kernels, spec, { batchSize, steps }, parameters, { lossOn: spec.evaluateOn ?? 'last', losses }),
    ),
  );
}
