import { sizeOf } from '../tensor/index.ts';
import { CELLS, type CellTitle } from './cells/kinds.ts';
import {
  cellOf,
  headSize,
  inputWidth,
  layerOutputs,
  layerWidth,
  parameterSpecs,
  type HeadSpec,
  type ModelSpec,
} from './spec.ts';

/** `batch` and `steps` stand for sizes that a model does not fix. */
export type SummaryDimension = 'batch' | 'steps' | number;

/** One layer of a model, as a table shows it. */
export interface SummaryRow {
  /** As in the names of parameters: `lstm.0`, `gru.0`, `heads.pitch`, `heads.pitch.hidden`. */
  name: string;
  type: 'Input' | 'Embedding' | 'Add' | 'Concatenate' | CellTitle | 'Dropout' | 'Dense';
  outputShape: SummaryDimension[];
  /** Trainable numbers. */
  parameters: number;
  /** The layer whose output it takes, or several with commas; `embeddings.*` are all of them. None for the input. */
  from?: string;
  /** The heads whose classes it is told beside that. */
  reads?: string[];
  /** What is special about it: the classes of an input, a rate, a loss, that it reads in both directions. */
  note?: string;
}

/** The layers of a model from the input to the heads. The rows' parameters add up to `parameterCount(spec)`. */
export function summarise(spec: ModelSpec): SummaryRow[] {
  const { layers, dropout, bidirectional } = spec.lstm;
  const { prefix, title } = CELLS[cellOf(spec)];
  const rows: SummaryRow[] = [
    {
      name: 'input',
      type: 'Input',
      outputShape: ['batch', 'steps', givenWidth(spec)],
      parameters: 0,
      note: inputNote(spec),
    },
  ];
  rows.push(...embeddingRows(spec), ...joinedRow(spec));
  const { dropout: inputDropout = 0 } = spec.inputs;
  if (inputDropout > 0) {
    const from = rows.at(-1)!.name;
    const note = `rate ${inputDropout}`;
    rows.push({
      name: 'dropout.input',
      type: 'Dropout',
      outputShape: ['batch', 'steps', inputWidth(spec)],
      parameters: 0,
      from,
      note,
    });
  }
  for (let layer = 0; layer < layers; layer++) {
    const name = `${prefix}.${layer}`;
    const onLast = layer === layers - 1 && spec.lossOn === 'last';
    const width = layerOutputs(spec, layer);
    const outputShape: SummaryDimension[] = onLast ? ['batch', width] : ['batch', 'steps', width];
    const note = bidirectional && `both directions, ${layerWidth(spec, layer)} units each`;
    rows.push({ name, type: title, outputShape, parameters: parametersOf(spec, name), from: rows.at(-1)!.name, ...(note && { note }) }); // prettier-ignore
    if (dropout > 0) {
      const note = `rate ${dropout}`;
      rows.push({ name: `dropout.${layer}`, type: 'Dropout', outputShape, parameters: 0, from: name, note });
    }
  }
  const top = rows.at(-1)!;
  for (const head of spec.heads) rows.push(...headRows(spec, head, top));
  return rows;
}

/** A head, before it its relu layer where it has one. */
function headRows(spec: ModelSpec, head: HeadSpec, top: SummaryRow): SummaryRow[] {
  const { name: plain, reads = [], hidden } = head;
  const name = `heads.${plain}`;
  const reading = { ...(reads.length > 0 && { reads: [...reads] }) };
  const wide = (width: number): SummaryDimension[] => [...top.outputShape.slice(0, -1), width];
  const words = (note: string): string => (reads.length > 0 ? `${note}; reads ${reads.join(', ')}` : note);
  const loss = lossWords(head);
  const all = parametersOf(spec, name);
  const note = words(`${loss}, weight ${head.lossWeight}`);
  const output = wide(headSize(head));
  if (hidden === undefined) {
    return [{ name, type: 'Dense', outputShape: output, parameters: all, from: top.name, ...reading, note }];
  }
  const relu = `${name}.hidden`;
  // The way out of the relu layer belongs to what it leads to.
  const inRelu = parametersOf(spec, relu) - hidden * headSize(head);
  const from = `${top.name}, ${relu}`;
  return [
    { name: relu, type: 'Dense', outputShape: wide(hidden), parameters: inRelu, from: top.name, ...reading, note: words('relu') }, // prettier-ignore
    { name, type: 'Dense', outputShape: output, parameters: all - inRelu, from, ...reading, note },
  ];
}

/** Numbers that come in: of an embedded input the class alone. */
function givenWidth({ inputs: { categories, features } }: ModelSpec): number {
  return categories.reduce((sum, { size, width }) => sum + (width === undefined ? size : 1), features.length);
}

/** How embeddings and what else comes in become one vector, unless one embedding is all there is. */
function joinedRow(spec: ModelSpec): SummaryRow[] {
  const { categories, features, combine = 'sum' } = spec.inputs;
  const embedded = categories.filter(({ width }) => width !== undefined).length;
  const alone = embedded === categories.length && features.length === 0;
  if (embedded === 0 || (alone && embedded === 1)) return [];
  return [
    {
      name: 'inputs',
      type: alone && combine === 'sum' ? 'Add' : 'Concatenate',
      outputShape: ['batch', 'steps', inputWidth(spec)],
      parameters: 0,
      from: alone ? 'embeddings.*' : 'input, embeddings.*',
    },
  ];
}

function embeddingRows(spec: ModelSpec): SummaryRow[] {
  const { categories, combine = 'sum' } = spec.inputs;
  return categories.flatMap(({ name, size, width }): SummaryRow[] => {
    if (width === undefined) return [];
    const note = `${size} classes, ${combine === 'sum' ? 'added up' : 'side by side'}`;
    return [
      {
        name: `embeddings.${name}`,
        type: 'Embedding',
        outputShape: ['batch', 'steps', width],
        parameters: size * width,
        from: 'input',
        note,
      },
    ];
  });
}

function parametersOf(spec: ModelSpec, layer: string): number {
  return parameterSpecs(spec)
    .filter(({ name }) => name.startsWith(`${layer}.`))
    .reduce((sum, { shape }) => sum + sizeOf(shape), 0);
}

function inputNote({ inputs }: ModelSpec): string {
  const categories = inputs.categories.map(({ name, size, width }) =>
    width === undefined ? `${name} one-hot ${size}` : `${name} 1 of ${size}`,
  );
  return [...categories, ...inputs.features].join(', ');
}

function lossWords(head: HeadSpec): string {
  if (head.kind === 'categorical') {
    const { smoothing = 0, classWeights } = head;
    return `softmax cross-entropy${smoothing > 0 ? `, smoothing ${smoothing}` : ''}${classWeights ? ', weighted classes' : ''}`;
  }
  if (head.kind === 'scalar') return squaredWords(head.positivePressure);
  const { loss } = head;
  switch (loss.kind) {
    case 'squared':
      return squaredWords(loss.positivePressure);
    case 'absolute':
      return 'absolute error';
    case 'huber':
      return `Huber loss, delta ${loss.delta}`;
    case 'binary':
      return 'binary cross-entropy';
    case 'quantile':
      return `quantiles ${loss.levels.join(', ')}`;
    case 'gaussian':
      return 'Gaussian likelihood';
    case 'mixture':
      return `likelihood of ${loss.components} Gaussians`;
    case 'own':
      return `loss "${loss.name}"`;
  }
}

function squaredWords(positivePressure = 0): string {
  return positivePressure > 0 ? `squared error, positive pressure ${positivePressure}` : 'squared error';
}
