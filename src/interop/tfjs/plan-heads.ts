import { headSize, layerOutputs, type HeadSpec, type ModelSpec } from '../../nn/index.ts';
import { meaningOf } from '../exported-model.ts';
import { addTable, ZEROS, type Plan } from './plan.ts';

/**
 * The heads on what the last layer gives, as `heads.NAME`; the classes that heads read of others go in as `drawn.NAME`.
 * @param reads the last layer
 */
export function addHeads(plan: Plan, spec: ModelSpec, reads: string): void {
  const isOnce = spec.lstm.bidirectional === true && spec.lossOn === 'last';
  const read = spec.heads.filter(({ name }) => spec.heads.some((head) => head.reads?.includes(name)));
  const drawn = new Map(read.map(({ name }) => [name, plan.input({ name: `drawn.${name}`, type: 'int32', shape: ['batch', isOnce ? 1 : 'steps'], help: `The class drawn from heads.${name} at the same step, which other heads read; any class until it is drawn.` })]));
  for (const head of spec.heads) {
    const name = `heads.${head.name}`;
    const parts = partsOf(plan, spec, head, (prefix, other, width) => {
      const size = headSize(spec.heads.find((each) => each.name === other)!);
      const rows = addTable(plan, `${prefix}.from.${other}`, [size, width], drawn.get(other)!, { parameter: `${prefix}.from.${other}` });
      // What is said once has no steps, and an input of one axis is taken for one of two.
      return isOnce ? plan.layer('Flatten', `${prefix}.of.${other}`, {}, [rows]) : rows;
    }, reads);
    if (parts.length > 1) plan.layer('Add', name, {}, parts);
    plan.outputs.push({ name, type: 'float32', shape: ['batch', ...(isOnce ? [] : ['steps']), headSize(head)], help: meaningOf(head) });
  }
} // prettier-ignore

/** What a head is the sum of: a Dense, tables of the classes that it reads, and its relu layer. @returns the names of layers */
function partsOf(plan: Plan, spec: ModelSpec, head: HeadSpec, tableOf: (prefix: string, other: string, width: number) => string, reads: string): string[] {
  const { hidden, reads: others = [] } = head;
  const [name, size, inputs] = [`heads.${head.name}`, headSize(head), layerOutputs(spec)];
  const isSum = hidden !== undefined || others.length > 0;
  const direct = addDense(plan, isSum ? `${name}.direct` : name, [inputs, size], reads, { kernel: `${name}.kernel`, bias: `${name}.bias` });
  const parts = [direct, ...others.map((other) => tableOf(name, other, size))];
  if (hidden === undefined) return parts;
  const inner = `${name}.hidden`;
  const seen = [
    addDense(plan, `${inner}.direct`, [inputs, hidden], reads, { kernel: `${inner}.kernel`, bias: `${inner}.bias` }),
    ...others.map((other) => tableOf(inner, other, hidden)),
  ];
  const sum = seen.length > 1 ? plan.layer('Add', `${inner}.sum`, {}, seen) : seen[0];
  const open = plan.layer('Activation', inner, { activation: 'relu' }, [sum]);
  return [...parts, addDense(plan, `${inner}.out`, [hidden, size], open, { kernel: `${inner}.out` })];
} // prettier-ignore

function addDense(plan: Plan, name: string, [inputs, units]: [number, number], reads: string, { kernel, bias }: { kernel: string; bias?: string }): string {
  const config = { units, activation: 'linear', use_bias: bias !== undefined, kernel_initializer: ZEROS, bias_initializer: ZEROS };
  return plan.layer('Dense', name, config, [reads], {
    kernel: { shape: [inputs, units], from: { parameter: kernel } },
    ...(bias !== undefined && { bias: { shape: [units], from: { parameter: bias } } }),
  });
} // prettier-ignore
