import type { Cell, CellArguments } from './cell.ts';
import { GruAfterLayer, GruBeforeLayer } from './gru.ts';
import type { CellKind } from './kinds.ts';
import { LstmLayer } from './lstm.ts';
import { LayerNormLayer } from './lstm-norm.ts';
import { PeepholeLayer } from './lstm-peephole.ts';
import { RnnLayer } from './rnn.ts';

const LAYERS: Readonly<Record<CellKind, new (...args: CellArguments) => Cell>> = {
  lstm: LstmLayer,
  'lstm-peephole': PeepholeLayer,
  'lstm-norm': LayerNormLayer,
  gru: GruAfterLayer,
  'gru-before': GruBeforeLayer,
  rnn: RnnLayer,
};

/** A layer of the cell that is asked for. */
export function createCell(kind: CellKind, ...args: CellArguments): Cell {
  return new LAYERS[kind](...args);
}
