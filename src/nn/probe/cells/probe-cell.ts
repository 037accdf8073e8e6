import type { Kernels, Tensor } from '../../../tensor/index.ts';
import { CELLS, type CellKind } from '../../cells/kinds.ts';
import type { HeldRows } from '../ablation.ts';

/**
 * What a step of one layer reads and leaves for R rows, which need not stand at the same step of a sequence: [R, ...] each. Cells
 * add what else their way back reads.
 */
export interface CellRows {
  /** What comes in: `inputBias` and the products of the layer's inputs with its kernel, [R, K * H] for K gates. Overwritten. */
  input: Tensor;
  /** The activations of the gates side by side, [R, K * H]; the same tensor as `input` where `gatesInPlace`. */
  gates: Tensor;
  /** Outputs before and after the step, [R, H]. */
  hPrev: Tensor;
  h: Tensor;
  /** Where a cell has them, its states before and after, and what its output gate lets through, [R, H]. */
  cPrev?: Tensor;
  c?: Tensor;
  tanhC?: Tensor;
  /** The pre-activations side by side, [R, K * H], where somebody asked for them. */
  z?: Tensor;
}

/** Rows whose cell has a state beside the output. */
export type StatefulRows = CellRows & Required<Pick<CellRows, 'cPrev' | 'c' | 'tanhC'>>;

/** The gradients of one layer at the step where its rows stand, and what the way back needs beside: [R, ...] each. */
export interface CellGradients {
  /** dL/dh, [R, H]. */
  dh: Tensor;
  /** What later steps send back into the cell, [R, H]: dL/dc less what comes through this step's output. */
  dc?: Tensor;
  /** dL/d(input), [R, K * H]. */
  dInput: Tensor;
}

/** All steps of some sequences, laid out so that each state is the next step's state before. */
export interface CellSequence {
  /** Row t * B + b is step t of sequence b. */
  rows: CellRows;
  /** Each state, [T + 1, B, H], h first; slot 0 is the state before the first step. `rows` has views of them. */
  states: Tensor[];
}

/**
 * One layer's arithmetic as probes need it: a step forward that can tell its pre-activations and hold some of its numbers, and a
 * step back for rows that need not stand at the same step of a sequence. It forms no gradient of weights.
 */
export abstract class ProbeCell {
  /** What is added to the products of the inputs: the bias, or zeros where a cell has its bias elsewhere. */
  readonly inputBias: Tensor;
  /** Whether gates are written where the input stood. */
  readonly gatesInPlace: boolean = true;
  readonly kind: CellKind;
  /** The units, H. */
  readonly size: number;
  protected readonly kernels: Kernels;
  protected readonly columns: number;

  constructor(kind: CellKind, kernels: Kernels, size: number, inputBias: Tensor) {
    this.kind = kind;
    this.kernels = kernels;
    this.size = size;
    this.inputBias = inputBias;
    this.columns = CELLS[kind].gates.length * size;
  }

  /**
   * Takes all rows one step forward: reads `input` and the states before, and writes gates, states after and, where there is room
   * for them, pre-activations. With the same kernels the bits are those of the layer in a `Network`.
   *
   * @param held what is held in which rows
   */
  abstract forward(rows: CellRows, held?: readonly HeldRows[]): void;

  /**
   * Takes all rows one step back. `dh` holds all of dL/dh and `dc` what came from later steps; then they hold what goes to the step
   * before, and `dInput` dL/d(input). `rows` are left as they are.
   */
  abstract backward(rows: CellRows, gradients: CellGradients): void;

  /** Writes dL/dc of one row: what came from later steps and what comes through this step's output. Only where there is a c. */
  cellGradient?(to: Float64Array, row: number, rows: CellRows, gradients: CellGradients): void;

  /** Takes sequences of T steps forward, from the states in slot 0 and `input` of all rows. */
  forwardSequence(sequence: CellSequence): void {
    this.forwardSteps(sequence);
  }

  /** `forwardSequence`, one step after the other. */
  protected forwardSteps({ rows, states: [{ rows: slots }] }: CellSequence): void {
    const B = rows.h.rows / (slots - 1);
    for (let t = 0; t < slots - 1; t++) this.forward(sliceRows(rows, t * B, (t + 1) * B));
  }

  /**
   * Fills what the way back reads and no recording has, given gates, states, `tanhC` and, unless `gatesInPlace`, `input`. Most cells
   * need no more than what is recorded.
   */
  recall?(rows: CellRows): void;

  /** Buffers for steps of `rows` rows. @param z whether pre-activations are wanted */
  layout(rows: number, z = false): CellRows {
    const states = CELLS[this.kind].states.map(() => [this.tensor(rows), this.tensor(rows)] as const);
    return this.#rows(rows, states, z);
  }

  /** Buffers for B sequences of T steps. */
  layoutSequence(T: number, B: number): CellSequence {
    const { size } = this;
    const states = CELLS[this.kind].states.map(() => this.kernels.arena.tensor([T + 1, B, size]));
    const views = states.map((state) => {
      const all = state.reshape([(T + 1) * B, size]);
      return [all.slice(0, T * B), all.slice(B, (T + 1) * B)] as const;
    });
    return { rows: this.#rows(T * B, views, false), states };
  }

  /** Buffers for the gradients of `rows` rows. */
  layoutGradients(rows: number): CellGradients {
    const dc = CELLS[this.kind].states.includes('c') && { dc: this.tensor(rows) };
    return { dh: this.tensor(rows), ...dc, dInput: this.tensor(rows, this.columns), ...this.scratch(rows) };
  }

  /** What a cell keeps of each row for its way back, beside what all have. */
  protected kept(_rows: number): Record<string, Tensor> {
    return {};
  }

  /** What a cell needs on its way back, beside what all have. */
  protected scratch(_rows: number): Record<string, Tensor> {
    return {};
  }

  /** [rows, columns], H columns unless given. */
  protected tensor(rows: number, columns = this.size): Tensor {
    return this.kernels.arena.tensor([rows, columns]);
  }

  /** @param states before and after, h first */
  #rows(count: number, states: readonly (readonly [Tensor, Tensor])[], z: boolean): CellRows {
    const input = this.tensor(count, this.columns);
    const [[hPrev, h], cell] = states;
    return {
      input,
      gates: this.gatesInPlace ? input : this.tensor(count, this.columns),
      hPrev,
      h,
      ...(cell && { cPrev: cell[0], c: cell[1], tanhC: this.tensor(count) }),
      ...(z && { z: this.tensor(count, this.columns) }),
      ...this.kept(count),
    };
  }
}

/** Rows `from` up to, not including, `to` of all tensors of a layer. */
export function sliceRows<T extends object>(rows: T, from: number, to: number): T {
  const slices = Object.entries(rows).map(([name, tensor]: [string, Tensor]) => [name, tensor.slice(from, to)]);
  return Object.fromEntries(slices) as T;
}
