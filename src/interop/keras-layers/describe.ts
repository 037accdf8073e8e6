import { CELLS } from '../../nn/index.ts';
import { counted } from '../../text/words.ts';
import type { FoundLayers } from './found.ts';
import { clipped } from './json.ts';

/** What was found of a network, a line each. */
export function describeLayers({ spec, found, stack, heads, passed }: FoundLayers): string[] {
  const [{ cell, bidirectional }] = stack;
  const units = [...new Set(stack.map((layer) => layer.units))].join(', ');
  const bias = stack.every(({ hasBias }) => hasBias) ? '' : stack.some(({ hasBias }) => hasBias) ? ', some without biases' : ', without biases'; // prettier-ignore
  const { features, categories } = spec.inputs;
  const names = stack.map(({ node }) => clipped(node.name)).join(', ');
  return [
    `${names}: ${bidirectional ? 'bidirectional ' : ''}${CELLS[cell].title}, ${counted(stack.length, 'layer')} of ${units}${bias}.`,
    ...found.tables.map(({ node, size, width }) => `${clipped(node.name)}: an embedding of ${counted(size, 'class', 'classes')} in ${width} numbers.`),
    ...(found.tables.length === 0 && categories.length > 0 ? [`The first layer reads one of ${categories[0].size} classes, as a one-hot vector.`] : []),
    ...(features.length > 0 ? [`The first layer reads ${counted(features.length, 'number')}${found.tables.length > 0 ? ' behind the embeddings' : ''}.`] : []),
    ...heads.map(describeHead),
    ...heads.flatMap(({ hidden }) => (hidden ? [`${clipped(hidden.node.name)}: beside such a layer Etude's heads have a direct path, of zeros here; training moves it.`] : [])),
    ...(spec.lossOn === 'last' ? ['It says what it predicts once, behind the last step (return_sequences is false).'] : []),
    ...stack.flatMap(({ node, stateful }) => (stateful ? [`${clipped(node.name)}: stateful. In Etude whoever runs a model carries its state: a Stepper, or a stream.`] : [])),
    ...(passed.length > 0 ? [`${passed.map(({ name, className }) => `${clipped(name)} (${clipped(className)})`).join(', ')}: does nothing outside of training, and is left out.`] : []),
  ];
} // prettier-ignore

function describeHead({ dense, hidden, activation, spec }: FoundLayers['heads'][number]): string {
  const what = spec.kind === 'numbers' ? counted(dense.units, 'number') : counted(dense.units, 'class', 'classes');
  const behind = activation === 'softmax' ? ': Etude gives logits, of which the softmax is what it gave' : activation === 'sigmoid' ? ': Etude gives what its sigmoid read' : ''; // prettier-ignore
  const relu = hidden ? `, behind ${clipped(hidden.node.name)}, a relu layer of ${hidden.units}` : '';
  return `${clipped(dense.node.name)}: a head of ${what}${relu}${behind}.`;
}
