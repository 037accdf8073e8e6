import { CELLS, cellOf, headSize, layerWidths, type ModelSpec } from '../nn/index.ts';
import { counted } from '../text/words.ts';

/** What the parts of a network are called in the file that it was read from, in the order of the architecture. */
export interface NamesInFile {
  recurrent: readonly string[];
  embeddings: readonly string[];
  heads: readonly string[];
}

/**
 * What was found in a file, a line for each part.
 * @param without what of the recurrent layers is missing: `, without biases`
 * @param behind what else is said of each head
 */
export function describeNetwork(spec: ModelSpec, { recurrent, embeddings, heads }: NamesInFile, without = '', behind: readonly string[] = []): string[] {
  const { features, categories } = spec.inputs;
  const units = [...new Set(layerWidths(spec))].join(', ');
  const tables = categories.filter(({ width }) => width !== undefined);
  const [oneHot] = categories.filter(({ width }) => width === undefined) as (typeof categories[number] | undefined)[];
  return [
    `${recurrent.join(', ')}: ${spec.lstm.bidirectional ? 'bidirectional ' : ''}${CELLS[cellOf(spec)].title}, ${counted(spec.lstm.layers, 'layer')} of ${units}${without}.`,
    ...tables.map(({ size, width }, k) => `${embeddings[k]}: an embedding of ${counted(size, 'class', 'classes')} in ${width} numbers.`),
    ...(oneHot ? [`The first layer reads one of ${oneHot.size} classes, as a one-hot vector.`] : []),
    ...(features.length > 0 ? [`The first layer reads ${counted(features.length, 'number')}${tables.length > 0 ? ' behind the embeddings' : ''}.`] : []),
    ...spec.heads.map((head, k) => `${heads[k]}: a head of ${head.kind === 'categorical' ? counted(headSize(head), 'class', 'classes') : counted(headSize(head), 'number')}${behind[k] ?? ''}.`),
  ];
} // prettier-ignore

/** The recurrent part of an architecture, without dropout. @param widths the units of each layer */
export function recurrentSpec(cell: ReturnType<typeof cellOf>, widths: readonly number[], bidirectional: boolean): ModelSpec['lstm'] {
  const hiddenSize = widths[widths.length - 1];
  return {
    layers: widths.length,
    hiddenSize,
    dropout: 0,
    ...(widths.some((width) => width !== hiddenSize) && { widths: [...widths] }),
    ...(cell !== 'lstm' && { cell }),
    ...(bidirectional && { bidirectional }),
  };
} // prettier-ignore
