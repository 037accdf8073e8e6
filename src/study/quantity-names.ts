import type { Quantity } from '../nn/cells/kinds.ts';

/** What each number of a cell is written like, and what it is. */
export const QUANTITY_NAMES: Readonly<Record<Quantity, { symbol: string; name: string }>> = {
  i: { symbol: 'i', name: 'input gate' },
  f: { symbol: 'f', name: 'forget gate' },
  g: { symbol: 'g', name: 'candidate' },
  o: { symbol: 'o', name: 'output gate' },
  r: { symbol: 'r', name: 'reset gate' },
  z: { symbol: 'z', name: 'update gate' },
  n: { symbol: 'n', name: 'candidate' },
  c: { symbol: 'c', name: 'cell' },
  tanhC: { symbol: 'tanh c', name: 'squashed cell' },
  h: { symbol: 'h', name: 'output' },
};
