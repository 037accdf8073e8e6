import type { Kernels, Tensor } from '../../../tensor/index.ts';
import type { CellKind } from '../../cells/kinds.ts';
import { GruAfterProbe, GruBeforeProbe } from './gru.ts';
import { LstmProbe } from './lstm.ts';
import { NormProbe } from './lstm-norm.ts';
import { PeepholeProbe } from './lstm-peephole.ts';
import type { ProbeCell } from './probe-cell.ts';
import { RnnProbe } from './rnn.ts';

const PROBES: Readonly<
  Record<CellKind, new (kernels: Kernels, size: number, get: (part: string) => Tensor) => ProbeCell>
> = {
  lstm: LstmProbe,
  'lstm-peephole': PeepholeProbe,
  'lstm-norm': NormProbe,
  gru: GruAfterProbe,
  'gru-before': GruBeforeProbe,
  rnn: RnnProbe,
};

/**
 * The arithmetic of a layer for probes.
 * @param size its units
 * @param get its parameters by their names, such as `recurrent_kernel`
 */
export function createProbeCell(
  kind: CellKind,
  kernels: Kernels,
  size: number,
  get: (part: string) => Tensor,
): ProbeCell {
  return new PROBES[kind](kernels, size, get);
}
