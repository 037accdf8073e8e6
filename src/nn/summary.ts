import { sizeOf } from '../tensor/index.ts';
import { headSize, inputWidth, parameterSpecs, type HeadSpec, type ModelSpec } from './spec.ts';

/** `batch` and `steps` stand for sizes that a model does not fix. */
export type SummaryDimension = 'batch' | 'steps' | number;

/** One layer of a model, as a table shows it. */
export interface SummaryRow {
  /** As in the names of parameters: `lstm.0`, `heads.pitch`. */
  name: string;
  type: 'Input' | 'Embedding' | 'LSTM' | 'Dropout' | 'Dense';
  outputShape: SummaryDimension[];
  /** Trainable numbers. */
  parameters: number;
  /** The layer whose output it takes; none for the input. */
  from?: string;
  /** What is special about it: the classes of an input, a rate, a loss. */
  note?: string;
}

/** The layers of a model from the input to the heads. The rows' parameters add up to `parameterCount(spec)`. */
export function summarise(spec: ModelSpec): SummaryRow[] {
  const { layers, hiddenSize, dropout } = spec.lstm;
  const rows: SummaryRow[] = [
    {
      name: 'input',
      type: 'Input',
      outputShape: ['batch', 'steps', inputWidth(spec)],
      parameters: 0,
      note: inputNote(spec),
    },
  ];
  rows.push(...embeddingRows(spec));
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
    const name = `lstm.${layer}`;
    const onLast = layer === layers - 1 && spec.lossOn === 'last';
    const outputShape: SummaryDimension[] = onLast ? ['batch', hiddenSize] : ['batch', 'steps', hiddenSize];
    rows.push({ name, type: 'LSTM', outputShape, parameters: parametersOf(spec, name), from: rows.at(-1)!.name });
    if (dropout > 0) {
      const note = `rate ${dropout}`;
      rows.push({ name: `dropout.${layer}`, type: 'Dropout', outputShape, parameters: 0, from: name, note });
    }
  }
  const top = rows.at(-1)!;
  for (const head of spec.heads) {
    const loss = head.kind === 'categorical' ? 'softmax cross-entropy' : scalarLoss(head.positivePressure);
    rows.push({
      name: `heads.${head.name}`,
      type: 'Dense',
      outputShape: [...top.outputShape.slice(0, -1), headSize(head)],
      parameters: parametersOf(spec, `heads.${head.name}`),
      from: top.name,
      note: [`${loss}, weight ${head.lossWeight}`, ...readNote(head)].join('; '),
    });
  }
  return rows;
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

/** What a head reads beside the top layer. */
function readNote({ reads = [], hidden }: HeadSpec): string[] {
  return [
    ...(reads.length > 0 ? [`reads ${reads.join(', ')}`] : []),
    ...(hidden === undefined ? [] : [`relu layer of ${hidden}`]),
  ];
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

function scalarLoss(positivePressure: number): string {
  return positivePressure > 0 ? `squared error, positive pressure ${positivePressure}` : 'squared error';
}
