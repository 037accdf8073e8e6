import { createKernels, type IndexTensor, type Kernels, type Tensor } from '../../tensor/index.ts';
import { foldEmbeddings, type Weights } from '../fold-embeddings.ts';
import { CELLS } from '../cells/kinds.ts';
import { ParameterSet } from '../parameters.ts';
import { assertForward, cellOf, layerWidth, type HeadSpec, type ModelSpec } from '../spec.ts';
import { createProbeCell } from './cells/create-probe-cell.ts';
import type { ProbeCell } from './cells/probe-cell.ts';

/** The weights of one layer of H units and K gates as probes read them, each a view of the model's parameters, and its arithmetic. */
export interface LayerWeights {
  /** For each categorical input the rows of the kernel that belong to its classes, [classes, K * H]; the first layer's only. */
  tables: Tensor[];
  /** The rows that belong to the numbers that come in, [F, K * H]: the features, or all outputs of the layer below. */
  denseKernel: Tensor;
  /** What the layer's own outputs are multiplied with: of the gates [H, K * H] (of a GRU r and z, [H, 2H]), and of a GRU's candidate [H, H]. */
  recurrentKernel: Tensor;
  candidateKernel?: Tensor;
  bias: Tensor;
  cell: ProbeCell;
}

/** The weights of one head. */
export interface HeadWeights {
  spec: HeadSpec;
  kernel: Tensor;
  bias: Tensor;
  /** The numbers of the heads that it reads, and for each a row of logits for each class. */
  reads: number[];
  tables: Tensor[];
  relu?: ReluWeights;
}

/** The weights of a head's relu layer. */
export interface ReluWeights {
  kernel: Tensor;
  bias: Tensor;
  tables: Tensor[];
  out: Tensor;
}

/**
 * A model's weights in the arena of some kernels, for probes that work on them. What a probe takes from an arena it cannot
 * give back: kernels made for a probe, as they are unless others are given, go when the probe goes.
 *
 * Embedded inputs are folded into one-hot ones (`foldEmbeddings`), so that a probe sees what each class of an input does.
 */
export class ProbedModel {
  readonly spec: ModelSpec;
  readonly kernels: Kernels;
  readonly parameters: ParameterSet;
  readonly layers: LayerWeights[];
  readonly heads: HeadWeights[];

  /**
   * @throws ShapeError when the parameters do not fit the architecture
   * @throws UsageError when the model is bidirectional
   */
  constructor(spec: ModelSpec, parameters: Weights['parameters'], kernels: Kernels = createKernels()) {
    assertForward(spec, 'probe');
    const folded = foldEmbeddings({ spec, parameters });
    const set = new ParameterSet(kernels.arena, folded.spec);
    set.fromArrays(folded.parameters);
    this.spec = folded.spec;
    this.kernels = kernels;
    this.parameters = set;
    this.layers = Array.from({ length: spec.lstm.layers }, (_, index) =>
      layerWeights(kernels, folded.spec, set, index),
    );
    this.heads = spec.heads.map((head) => headWeights(spec, set, head));
  }

  /**
   * Writes what comes into a layer, [R, K * H]: see `CellRows.input`.
   *
   * @param dense the features, or the outputs of the layer below, [R, F]
   * @param categories the class of each categorical input, [R] each; the first layer reads them
   */
  project(layer: number, input: Tensor, dense: Tensor, categories: readonly IndexTensor[]): void {
    const { cell, denseKernel, tables } = this.layers[layer];
    this.kernels.affine(input, cell.inputBias, dense, denseKernel);
    tables.forEach((table, k) => { this.kernels.embedding(input, table, categories[k]); }); // prettier-ignore
  }
}

function headWeights({ heads }: ModelSpec, set: ParameterSet, spec: HeadSpec): HeadWeights {
  const { name, reads = [] } = spec;
  const of = (part: string): Tensor => set.get(`heads.${name}.${part}`);
  const tables = (prefix: string): Tensor[] => reads.map((other) => of(`${prefix}${other}`));
  return {
    spec,
    kernel: of('kernel'),
    bias: of('bias'),
    reads: reads.map((other) => heads.findIndex((head) => head.name === other)),
    tables: tables('from.'),
    ...(spec.hidden !== undefined && {
      relu: {
        kernel: of('hidden.kernel'),
        bias: of('hidden.bias'),
        tables: tables('hidden.from.'),
        out: of('hidden.out'),
      },
    }),
  };
}

function layerWeights(kernels: Kernels, spec: ModelSpec, set: ParameterSet, index: number): LayerWeights {
  const kind = cellOf(spec);
  const get = (part: string): Tensor => set.get(`${CELLS[kind].prefix}.${index}.${part}`);
  const kernel = get('kernel');
  let row = 0;
  const tables = index > 0 ? [] : spec.inputs.categories.map(({ size }) => kernel.slice(row, (row += size)));
  return {
    tables,
    denseKernel: kernel.slice(row, kernel.rows),
    recurrentKernel: get('recurrent_kernel'),
    ...(CELLS[kind].prefix === 'gru' && { candidateKernel: get('candidate_kernel') }),
    bias: get('bias'),
    cell: createProbeCell(kind, kernels, layerWidth(spec, index), get),
  };
}
