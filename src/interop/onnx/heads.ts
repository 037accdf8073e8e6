import { headSize, layerOutputs, type HeadSpec, type SavedModel } from '../../nn/index.ts';
import { meaningOf } from '../exported-model.ts';
import type { Graph, Size } from './graph.ts';

/**
 * The heads on what the last layer gives. What each says comes out as `heads.NAME`, [steps, batch, size]; the classes that heads read of
 * others go in as `drawn.NAME`, [steps, batch].
 * @param hidden what they read, [steps, batch, outputs of the last layer]
 */
export function addHeads(graph: Graph, { spec, parameters }: SavedModel, hidden: string, steps: Size): void {
  const inputs = layerOutputs(spec);
  const weights = (name: string, ...shape: number[]): string => graph.weights(name, shape, parameters[name]);
  const read = spec.heads.filter(({ name }) => spec.heads.some(({ reads = [] }) => reads.includes(name)));
  const drawn = new Map(read.map((head) => [head.name, graph.input(drawnClasses(head, steps))]));

  /** hidden · kernel + bias + Σ table[class read]: the direct path of a head, or what enters its relu layer. */
  const dense = (prefix: string, reads: readonly string[], units: number): string => {
    const product = graph.node('MatMul', [hidden, weights(`${prefix}.kernel`, inputs, units)], `${prefix}.product`);
    let sum = graph.node('Add', [product, weights(`${prefix}.bias`, units)], `${prefix}.biased`);
    for (const other of reads) {
      const table = `${prefix}.from.${other}`;
      const rows = graph.node('Gather', [weights(table, parameters[table].length / units, units), drawn.get(other)!], `${table}.rows`); // prettier-ignore
      sum = graph.node('Add', [sum, rows], `${table}.added`);
    }
    return sum;
  };

  for (const head of spec.heads) {
    const { name, reads = [], hidden: units } = head;
    const [size, prefix] = [headSize(head), `heads.${name}`];
    let said = dense(prefix, reads, size);
    if (units !== undefined) {
      const open = graph.node('Relu', [dense(`${prefix}.hidden`, reads, units)], `${prefix}.hidden.relu`);
      const way = graph.node('MatMul', [open, weights(`${prefix}.hidden.out`, units, size)], `${prefix}.hidden.said`);
      said = graph.node('Add', [said, way], `${prefix}.sum`);
    }
    graph.node('Identity', [said], prefix);
    graph.output({ name: prefix, type: 'float32', shape: [steps, 'batch', size], help: meaningOf(head) });
  }
}

function drawnClasses({ name }: HeadSpec, steps: Size) {
  const help = `The class drawn from heads.${name} at the same step, which other heads read; any class until it is drawn.`; // prettier-ignore
  return { name: `drawn.${name}`, type: 'int64' as const, shape: [steps, 'batch'], help };
}
