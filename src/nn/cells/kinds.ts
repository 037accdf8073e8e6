import type { ParameterSpec } from '../parameter-spec.ts';

/** The cells that a recurrent layer can have. */
export const CELL_KINDS = ['lstm', 'lstm-peephole', 'lstm-norm', 'gru', 'gru-before', 'rnn'] as const;
/** One of {@link CELL_KINDS}. */
export type CellKind = (typeof CELL_KINDS)[number];

/** A cell as tables and sentences call it. */
export type CellTitle = 'LSTM' | 'LSTM (peepholes)' | 'LSTM (layer norm)' | 'GRU' | 'GRU (reset before)' | 'RNN';

/** A gate of some cell, or a candidate, which is a tanh: g of the LSTM, n of the GRU. */
export type Gate = 'i' | 'f' | 'g' | 'o' | 'r' | 'z' | 'n';

/** Where a cell stands in the names of its parameters: the layer, from 0, and of a bidirectional one the cell that reads backwards. */
export type CellPlace = number | `${number}.reverse`;

/** What is known of a cell without running it. */
export interface CellInfo {
  /** As tables and sentences say it. */
  title: CellTitle;
  /** What the names of its parameters begin with: `lstm` in `lstm.0.kernel`. */
  prefix: string;
  /** The blocks of H that stand side by side in kernel and bias, by their names; one without a name where there are no gates. */
  gates: readonly (Gate | '')[];
  /** What it carries from step to step. */
  states: readonly ('h' | 'c')[];
  /** The numbers of a unit and step that are kept beside gates and states: forward, and for the way back beside dL/dh. */
  keeps: { forward: number; backward: number };
  /** Its parameters behind the kernel [in, gates * H], for H units, in their order; names without the layer. */
  parameters(H: number): ParameterSpec[];
}

/** What each cell is; its formulas stand in its own file. */
export const CELLS: Readonly<Record<CellKind, CellInfo>> = {
  lstm: {
    title: 'LSTM',
    prefix: 'lstm',
    gates: ['i', 'f', 'g', 'o'],
    states: ['h', 'c'],
    keeps: { forward: 1, backward: 0 },
    parameters: lstmParameters,
  },
  'lstm-peephole': {
    title: 'LSTM (peepholes)',
    prefix: 'lstm',
    gates: ['i', 'f', 'g', 'o'],
    states: ['h', 'c'],
    keeps: { forward: 1, backward: 0 },
    parameters: (H) => [...lstmParameters(H), { name: 'peephole', shape: [3 * H], initializer: 'zeros' }],
  },
  'lstm-norm': {
    title: 'LSTM (layer norm)',
    prefix: 'lstm',
    gates: ['i', 'f', 'g', 'o'],
    states: ['h', 'c'],
    // Both parts of the gates and the cell, normalised; and tanh.
    keeps: { forward: 10, backward: 0 },
    parameters: (H) => [
      ...lstmParameters(H),
      { name: 'input_gain', shape: [4 * H], initializer: 'ones' },
      { name: 'recurrent_gain', shape: [4 * H], initializer: 'ones' },
      { name: 'cell_gain', shape: [H], initializer: 'ones' },
      { name: 'cell_bias', shape: [H], initializer: 'zeros' },
    ],
  },
  gru: {
    title: 'GRU',
    prefix: 'gru',
    gates: ['r', 'z', 'n'],
    states: ['h'],
    keeps: { forward: 1, backward: 3 },
    parameters: (H) => [...gruParameters(H), { name: 'candidate_bias', shape: [H], initializer: 'zeros' }],
  },
  'gru-before': {
    title: 'GRU (reset before)',
    prefix: 'gru',
    gates: ['r', 'z', 'n'],
    states: ['h'],
    keeps: { forward: 1, backward: 3 },
    parameters: gruParameters,
  },
  rnn: {
    title: 'RNN',
    prefix: 'rnn',
    gates: [''],
    states: ['h'],
    keeps: { forward: 0, backward: 0 },
    parameters: (H) => [
      { name: 'recurrent_kernel', shape: [H, H], initializer: 'orthogonal' },
      { name: 'bias', shape: [H], initializer: 'zeros' },
    ],
  },
};

function lstmParameters(H: number): ParameterSpec[] {
  return [
    { name: 'recurrent_kernel', shape: [H, 4 * H], initializer: 'orthogonal' },
    { name: 'bias', shape: [4 * H], initializer: 'forget' },
  ];
}

function gruParameters(H: number): ParameterSpec[] {
  return [
    { name: 'recurrent_kernel', shape: [H, 2 * H], initializer: 'orthogonal' },
    { name: 'candidate_kernel', shape: [H, H], initializer: 'orthogonal' },
    { name: 'bias', shape: [3 * H], initializer: 'zeros' },
  ];
}

/** The gates of a cell; the RNN has none. */
export function gatesOf(kind: CellKind): Gate[] {
  return CELLS[kind].gates.filter((gate) => gate !== '');
}

/** What is recorded of a unit beside pre-activations: gates, the state c with what the output gate lets through of it, the output. */
export type Quantity = Gate | 'c' | 'tanhC' | 'h';

/** What is recorded of a unit of the cell, in the order in which it is computed. */
export function quantitiesOf(cell: CellKind): Quantity[] {
  const states = CELLS[cell].states.includes('c') ? (['c', 'tanhC'] as const) : [];
  return [...gatesOf(cell), ...states, 'h'];
}

/** Whether a quantity of a unit opens and shuts, from 0 to 1: gates do, candidates and states do not. */
export function opens(quantity: string): boolean {
  return ['i', 'f', 'o', 'r', 'z'].includes(quantity);
}

/** All parameters of a cell of H units that reads `inputs` numbers. */
export function cellParameters(kind: CellKind, place: CellPlace, inputs: number, H: number): ParameterSpec[] {
  const { prefix, gates, parameters } = CELLS[kind];
  const kernel: ParameterSpec = { name: 'kernel', shape: [inputs, gates.length * H], initializer: 'glorot' };
  return [kernel, ...parameters(H)].map((each) => ({ ...each, name: `${prefix}.${place}.${each.name}` }));
}

/** The gates that stand side by side in the columns of a parameter, such as `gru.0.recurrent_kernel`; undefined without any. */
export function gatesIn(parameter: string): readonly string[] | undefined {
  const [prefix] = parameter.split('.');
  const part = parameter.slice(parameter.lastIndexOf('.') + 1);
  if (prefix === 'gru') return GRU_COLUMNS[part] ?? CELLS.gru.gates;
  if (prefix !== 'lstm') return undefined;
  return part in LSTM_COLUMNS ? LSTM_COLUMNS[part] : CELLS.lstm.gates;
}

const LSTM_COLUMNS: Readonly<Record<string, readonly string[] | undefined>> = {
  peephole: ['i', 'f', 'o'],
  cell_gain: undefined,
  cell_bias: undefined,
};
const GRU_COLUMNS: Readonly<Record<string, readonly string[] | undefined>> = {
  recurrent_kernel: ['r', 'z'],
  candidate_kernel: ['n'],
  candidate_bias: ['n'],
};
