import { describeNetwork } from '../describe-network.ts';
import type { FoundLayers } from './found.ts';
import { clipped } from './json.ts';

/** What was found of a network, a line each. */
export function describeLayers({ spec, found, stack, heads, passed }: FoundLayers): string[] {
  const bias = stack.every(({ hasBias }) => hasBias) ? '' : stack.some(({ hasBias }) => hasBias) ? ', some without biases' : ', without biases'; // prettier-ignore
  const names = {
    recurrent: stack.map(({ node }) => clipped(node.name)),
    embeddings: found.tables.map(({ node }) => clipped(node.name)),
    heads: heads.map(({ dense }) => clipped(dense.node.name)),
  };
  return [
    ...describeNetwork(spec, names, bias, heads.map(behindHead)),
    ...heads.flatMap(({ hidden }) => (hidden ? [`${clipped(hidden.node.name)}: beside such a layer Etude's heads have a direct path, of zeros here; training moves it.`] : [])),
    ...(spec.lossOn === 'last' ? ['It says what it predicts once, behind the last step (return_sequences is false).'] : []),
    ...stack.flatMap(({ node, stateful }) => (stateful ? [`${clipped(node.name)}: stateful. In Etude whoever runs a model carries its state: a Stepper, or a stream.`] : [])),
    ...(passed.length > 0 ? [`${passed.map(({ name, className }) => `${clipped(name)} (${clipped(className)})`).join(', ')}: does nothing outside of training, and is left out.`] : []),
  ];
} // prettier-ignore

function behindHead({ hidden, activation }: FoundLayers['heads'][number]): string {
  const behind = activation === 'softmax' ? ': Etude gives logits, of which the softmax is what it gave' : activation === 'sigmoid' ? ': Etude gives what its sigmoid read' : ''; // prettier-ignore
  return `${hidden ? `, behind ${clipped(hidden.node.name)}, a relu layer of ${hidden.units}` : ''}${behind}`;
}
