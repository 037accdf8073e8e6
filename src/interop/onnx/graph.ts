import { DataError } from '../../errors.ts';
import type { ExportedPart } from '../exported-model.ts';
import { littleEndian } from '../number-types.ts';
import { Message } from './protobuf.ts';

/** Types of numbers, as TensorProto.DataType has them. */
const TYPES = { float32: 1, int32: 6, int64: 7 } as const;
export type NumberType = keyof typeof TYPES;

/** The kinds of attributes, as AttributeProto.AttributeType has them. */
const KINDS = { float: 1, int: 2, text: 3, graph: 5, ints: 7 } as const;

/** An attribute of a node: whole numbers are `int`, so a `float` says that it is one. */
export type Attribute = number | string | readonly number[] | { float: number } | Graph;

/** A size, or the name of one that may be anything. */
export type Size = number | string;

/** A value that goes into a graph or comes out of it. */
export type Port = Omit<ExportedPart, 'role' | 'type'> & { type: NumberType };

/**
 * A graph of ONNX while it is made (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto3, GraphProto). Values are known by their names; nodes must be
 * added in an order in which each comes after those that it reads.
 */
export class Graph {
  readonly inputs: Port[] = [];
  readonly outputs: Port[] = [];
  readonly #name: string;
  readonly #nodes: Message[] = [];
  readonly #constants = new Map<string, Message>();
  readonly #names = new Set<string>();

  constructor(name: string) {
    this.#name = name;
  }

  /** @returns its name */
  input(port: Port): string {
    this.inputs.push(port);
    return this.#claim(port.name);
  }

  /** Says that the value of this name comes out. */
  output(port: Port): void {
    this.outputs.push(port);
  }

  /** Weights, row-major. @returns their name */
  weights(name: string, shape: readonly number[], values: Float32Array): string {
    this.#claim(name);
    return this.#constant(name, 'float32', shape, littleEndian(values));
  }

  /** Numbers that may be asked for by several: one constant of that name. @returns its name */
  shared(name: string, ...values: number[]): string {
    return this.#constant(name, 'float32', [values.length], littleEndian(Float32Array.from(values)));
  }

  /** Whole numbers, such as axes: the same numbers are one constant. @returns their name */
  whole(...values: number[]): string {
    const bytes = new Uint8Array(8 * values.length);
    const view = new DataView(bytes.buffer);
    values.forEach((value, k) => {
      view.setBigInt64(8 * k, BigInt(value), true);
    });
    return this.#constant(`whole ${values.join(' ')}`, 'int64', [values.length], bytes);
  }

  /**
   * A node.
   * @param inputs names; '' is an optional one that is left out
   * @param outputs the names of what it gives, which no other value may have
   * @returns the first of them
   * @throws DataError where one has
   */
  node(operator: string, inputs: readonly string[], outputs: string | readonly string[], attributes: Record<string, Attribute> = {}): string {
    const names = typeof outputs === 'string' ? [outputs] : outputs;
    const node = new Message();
    for (const name of inputs) node.text(1, name);
    for (const name of names) node.text(2, this.#claim(name));
    node.text(3, names[0]).text(4, operator);
    for (const [name, value] of Object.entries(attributes)) node.message(5, attribute(name, value));
    this.#nodes.push(node);
    return names[0];
  } // prettier-ignore

  encode(): Message {
    const graph = new Message();
    for (const node of this.#nodes) graph.message(1, node);
    graph.text(2, this.#name);
    for (const constant of this.#constants.values()) graph.message(5, constant);
    for (const input of this.inputs) graph.message(11, valueInfo(input));
    for (const output of this.outputs) graph.message(12, valueInfo(output));
    return graph;
  }

  #claim(name: string): string {
    if (!this.#names.has(name)) {
      this.#names.add(name);
      return name;
    }
    throw new DataError(`ONNX: two parts of this model would be called "${name}", since heads or inputs have names that contain those of others. Rename one.`); // prettier-ignore
  }

  #constant(name: string, type: NumberType, shape: readonly number[], bytes: Uint8Array): string {
    if (this.#constants.has(name)) return name;
    const tensor = new Message();
    for (const size of shape) tensor.int(1, size);
    this.#constants.set(name, tensor.int(2, TYPES[type]).text(8, name).bytes(9, bytes));
    return name;
  }
}

function attribute(name: string, value: Attribute): Message {
  const message = new Message().text(1, name);
  if (typeof value === 'number') return message.int(3, value).int(20, KINDS.int);
  if (typeof value === 'string') return message.text(4, value).int(20, KINDS.text);
  if (value instanceof Graph) return message.message(6, value.encode()).int(20, KINDS.graph);
  if ('float' in value) return message.float(2, value.float).int(20, KINDS.float);
  for (const each of value) message.int(8, each);
  return message.int(20, KINDS.ints);
}

function valueInfo({ name, type, shape, help }: Port): Message {
  const sizes = new Message();
  for (const size of shape) {
    sizes.message(1, typeof size === 'number' ? new Message().int(1, size) : new Message().text(2, size));
  }
  const tensor = new Message().int(1, TYPES[type]).message(2, sizes);
  return new Message().text(1, name).message(2, new Message().message(1, tensor)).text(3, help);
}
