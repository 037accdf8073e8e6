import { createKernels, type Kernels, type Tensor } from '../../tensor/index.ts';
import { foldEmbeddings, type Weights } from '../fold-embeddings.ts';
import { UsageError } from '../../errors.ts';
import { CELLS } from '../cells/kinds.ts';
import { ParameterSet } from '../parameters.ts';
import { cellOf, type HeadSpec, type ModelSpec } from '../spec.ts';

/** The weights of one LSTM layer as probes read them, each a view of the model's parameters. */
export interface LayerWeights {
  /** For each categorical input the rows of the kernel that belong to its classes, [classes, 4H]; the first layer's only. */
  tables: Tensor[];
  /** The rows that belong to the numbers that come in, [F, 4H]: the features, or all outputs of the layer below. */
  denseKernel: Tensor;
  recurrentKernel: Tensor;
  bias: Tensor;
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
   * @throws UsageError when its layers are of another cell than the LSTM, or of different widths
   */
  constructor(spec: ModelSpec, parameters: Weights['parameters'], kernels: Kernels = createKernels()) {
    refuseOtherCells(spec);
    const folded = foldEmbeddings({ spec, parameters });
    const set = new ParameterSet(kernels.arena, folded.spec);
    set.fromArrays(folded.parameters);
    this.spec = folded.spec;
    this.kernels = kernels;
    this.parameters = set;
    this.layers = Array.from({ length: spec.lstm.layers }, (_, index) => layerWeights(folded.spec, set, index));
    this.heads = spec.heads.map((head) => headWeights(spec, set, head));
  }
}

/** @throws UsageError that says which cell the model has, or that its layers differ */
function refuseOtherCells(spec: ModelSpec): void {
  if (spec.lstm.widths) {
    throw new UsageError(
      `probe: it looks into layers of one width, and this model's have ${spec.lstm.widths.join(', ')} units. Train one with layers of one width to look inside.`,
    );
  }
  const cell = cellOf(spec);
  if (cell === 'lstm') return;
  throw new UsageError(
    `probe: it looks into the gates and cells of an LSTM, and this model's layers are ${CELLS[cell].title}. Train one with the cell "lstm" to look inside.`,
  );
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

function layerWeights(spec: ModelSpec, set: ParameterSet, index: number): LayerWeights {
  const kernel = set.get(`lstm.${index}.kernel`);
  let row = 0;
  const tables = index > 0 ? [] : spec.inputs.categories.map(({ size }) => kernel.slice(row, (row += size)));
  return {
    tables,
    denseKernel: kernel.slice(row, kernel.rows),
    recurrentKernel: set.get(`lstm.${index}.recurrent_kernel`),
    bias: set.get(`lstm.${index}.bias`),
  };
}
