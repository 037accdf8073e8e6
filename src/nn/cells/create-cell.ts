import type { Cell } from './cell.ts';
import { GruAfterLayer, GruBeforeLayer } from './gru.ts';
import type { CellKind } from './kinds.ts';
import { LstmLayer } from './lstm.ts';
import { LayerNormLayer } from './lstm-norm.ts';
import { PeepholeLayer } from './lstm-peephole.ts';
import { RnnLayer } from './rnn.ts';

const LAYERS: Readonly<Record<CellKind, new (...args: ConstructorParameters<typeof LstmLayer>) => Cell>> = {
  lstm: LstmLayer,
  'lstm-peephole': PeepholeLayer,
  'lstm-norm': LayerNormLayer,
  gru: GruAfterLayer,
  'gru-before': GruBeforeLayer,
  rnn: RnnLayer,
};

/** A layer of the cell that is asked for; the arguments are those of `LstmLayer`. */
export function createCell(kind: CellKind, ...args: ConstructorParameters<typeof LstmLayer>): Cell {
  return new LAYERS[kind](...args);
}
