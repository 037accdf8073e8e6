import { DataError } from '../../errors.ts';
import { counted } from '../../text/words.ts';

/** What Python calls a tuple. */
export class PickledTuple {
  readonly items: readonly unknown[];

  constructor(items: readonly unknown[]) {
    this.items = items;
  }
}

/** Something that a pickle names: a class or a function of a module. Nothing of it is loaded. */
export class PickledName {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }
}

/** A dictionary. Keys are texts and numbers. */
export type PickledDict = Map<string | number, unknown>;

/** What a pickle may name, and what is made of it. */
export interface PickleWorld {
  /** Whether the pickle may name `module.name` at all. */
  knows(path: string): boolean;
  /** What calling it gives. @throws DataError for arguments that it does not take */
  call(path: string, args: readonly unknown[]): unknown;
  /** What stands for something that is stored outside the pickle. @throws DataError */
  persistent(id: unknown): unknown;
}

/**
 * Reads a pickle (protocols 2 to 5; CPython's `pickletools.py` is the specification) with the operations that `torch.save` writes for a
 * state_dict. Executes nothing: what the pickle names is looked up in `world`, which knows a few names. Neither time nor memory grows
 * faster than the bytes do, however they nest.
 *
 * @returns the pickled value: Map, Array, PickledTuple, string, number, boolean, null, or what `world` made
 * @throws DataError that says at which byte what is wrong
 */
export function unpickle(bytes: Uint8Array, world: PickleWorld): unknown {
  return new Unpickler(bytes, world).run();
}

/** What stands where `BUILD` put attributes is left out: a state_dict keeps version numbers of its modules there. */
const METADATA = '_metadata';

class Unpickler {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #world: PickleWorld;
  #at = 0;
  /** Where the operation that runs began. */
  #began = 0;
  readonly #stack: unknown[] = [];
  /** How high the stack was at each mark. */
  readonly #marks: number[] = [];
  readonly #memo = new Map<number, unknown>();

  constructor(bytes: Uint8Array, world: PickleWorld) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#world = world;
  }

  run(): unknown {
    for (;;) {
      this.#began = this.#at;
      const code = this.#byte();
      if (code === STOP) break;
      const operation = OPERATIONS[code] as Operation | undefined;
      if (!operation) this.#refuse(`operation 0x${code.toString(16).padStart(2, '0')} is none that a state_dict needs`);
      operation.call(this);
    }
    const value = this.#pop();
    if (this.#stack.length > 0 || this.#marks.length > 0) this.#refuse('values are left over');
    return value;
  }

  #refuse(what: string): never {
    throw new DataError(`the pickle in this file cannot be read: ${what}, at byte ${this.#began} of ${this.#bytes.length}.`); // prettier-ignore
  }

  #take(length: number): number {
    const from = this.#at;
    if (length > this.#bytes.length - from) this.#refuse(`it ends where ${counted(length, 'byte')} should follow`);
    this.#at += length;
    return from;
  }

  #byte(): number {
    return this.#bytes[this.#take(1)];
  }

  #uint32(): number {
    return this.#view.getUint32(this.#take(4), true);
  }

  #text(length: number): string {
    const from = this.#take(length);
    try {
      return new TextDecoder('utf-8', { fatal: true }).decode(this.#bytes.subarray(from, from + length));
    } catch {
      return this.#refuse('a text is no UTF-8');
    }
  }

  #line(): string {
    const end = this.#bytes.indexOf(0x0a, this.#at);
    if (end < 0) this.#refuse('it ends in the middle of a line');
    const line = this.#text(end - this.#at);
    this.#at++;
    return line;
  }

  #long(length: number): number {
    if (length > 8) this.#refuse(`a number has ${length} bytes`);
    const from = this.#take(length);
    let value = 0n;
    for (let k = length - 1; k >= 0; k--) value = (value << 8n) | BigInt(this.#bytes[from + k]);
    return Number(BigInt.asIntN(8 * length, value));
  }

  #push(value: unknown): void {
    this.#stack.push(value);
  }

  #pop(): unknown {
    if (this.#stack.length <= (this.#marks.at(-1) ?? 0)) this.#refuse('an operation lacks its value');
    return this.#stack.pop();
  }

  #popToMark(): unknown[] {
    const from = this.#marks.pop();
    if (from === undefined) this.#refuse('an operation lacks its mark');
    return this.#stack.splice(from);
  }

  #tuple(length: number): void {
    const items = Array.from({ length }, () => this.#pop()).reverse();
    this.#push(new PickledTuple(items));
  }

  #top(): unknown {
    const top = this.#pop();
    this.#push(top);
    return top;
  }

  #name(module: string, name: string): void {
    const path = `${module}.${name}`;
    if (!this.#world.knows(path)) {
      throw new DataError(
        `this file would have ${path} loaded and called. Etude executes nothing: it reads state_dicts of tensors alone. Save that: torch.save(model.state_dict(), "model.pt").`,
      );
    }
    this.#push(new PickledName(path));
  }

  #setItems(items: readonly unknown[]): void {
    const dict = this.#top();
    if (!(dict instanceof Map) || items.length % 2 === 1) this.#refuse('something is set in what is no dictionary');
    for (let k = 0; k < items.length; k += 2) {
      const key = items[k];
      if (typeof key !== 'string' && typeof key !== 'number') this.#refuse('a key is neither a text nor a number');
      if (dict.has(key)) this.#refuse(`the key ${JSON.stringify(key)} stands in a dictionary twice`);
      dict.set(key, items[k + 1]);
    }
  }

  #append(items: readonly unknown[]): void {
    const list = this.#top();
    if (!Array.isArray(list)) this.#refuse('something is appended to what is no list');
    for (const item of items) list.push(item);
  }

  #get(index: number): void {
    if (!this.#memo.has(index)) this.#refuse(`nothing was remembered as ${index}`);
    this.#push(this.#memo.get(index));
  }

  #put(index: number): void {
    this.#memo.set(index, this.#top());
  }

  #reduce(): void {
    const args = this.#pop();
    const named = this.#pop();
    if (!(named instanceof PickledName) || !(args instanceof PickledTuple)) this.#refuse('something is called that is no function'); // prettier-ignore
    this.#push(this.#world.call(named.path, args.items));
  }

  #build(): void {
    const state = this.#pop();
    const known = this.#top() instanceof Map && state instanceof Map && [...state.keys()].every((key) => key === METADATA); // prettier-ignore
    if (!known) this.#refuse('something is given attributes that is no state_dict');
  }

  #global(): void {
    const module = this.#line();
    this.#name(module, this.#line());
  }

  #stackGlobal(): void {
    const name = this.#pop();
    const module = this.#pop();
    if (typeof name !== 'string' || typeof module !== 'string') this.#refuse('a name is no text');
    this.#name(module, name);
  }

  #longText(): string {
    const length = this.#view.getBigUint64(this.#take(8), true);
    return this.#text(Number(length));
  }

  #protocol(): void {
    const version = this.#byte();
    if (version < 2 || version > 5) this.#refuse(`its protocol is ${version}; expected 2 to 5`);
  }

  /** The operations of the format by their codes, of which this class is the machine. */
  static operations(): Record<number, Operation> {
    return {
      [0x80]() { this.#protocol(); }, // PROTO
      [0x95]() { this.#take(8); }, // FRAME: only says how long what follows is
      [0x28]() { this.#marks.push(this.#stack.length); }, // MARK
      [0x4e]() { this.#push(null); }, // NONE
      [0x88]() { this.#push(true); }, // NEWTRUE
      [0x89]() { this.#push(false); }, // NEWFALSE
      [0x4a]() { this.#push(this.#view.getInt32(this.#take(4), true)); }, // BININT
      [0x4b]() { this.#push(this.#byte()); }, // BININT1
      [0x4d]() { this.#push(this.#view.getUint16(this.#take(2), true)); }, // BININT2
      [0x8a]() { this.#push(this.#long(this.#byte())); }, // LONG1
      [0x47]() { this.#push(this.#view.getFloat64(this.#take(8), false)); }, // BINFLOAT
      [0x58]() { this.#push(this.#text(this.#uint32())); }, // BINUNICODE
      [0x8c]() { this.#push(this.#text(this.#byte())); }, // SHORT_BINUNICODE
      [0x8d]() { this.#push(this.#longText()); }, // BINUNICODE8
      [0x7d]() { this.#push(new Map()); }, // EMPTY_DICT
      [0x5d]() { this.#push([]); }, // EMPTY_LIST
      [0x29]() { this.#tuple(0); }, // EMPTY_TUPLE
      [0x85]() { this.#tuple(1); }, // TUPLE1
      [0x86]() { this.#tuple(2); }, // TUPLE2
      [0x87]() { this.#tuple(3); }, // TUPLE3
      [0x74]() { this.#push(new PickledTuple(this.#popToMark())); }, // TUPLE
      [0x73]() { this.#setItems([this.#pop(), this.#pop()].reverse()); }, // SETITEM
      [0x75]() { this.#setItems(this.#popToMark()); }, // SETITEMS
      [0x61]() { this.#append([this.#pop()]); }, // APPEND
      [0x65]() { this.#append(this.#popToMark()); }, // APPENDS
      [0x71]() { this.#put(this.#byte()); }, // BINPUT
      [0x72]() { this.#put(this.#uint32()); }, // LONG_BINPUT
      [0x94]() { this.#put(this.#memo.size); }, // MEMOIZE
      [0x68]() { this.#get(this.#byte()); }, // BINGET
      [0x6a]() { this.#get(this.#uint32()); }, // LONG_BINGET
      [0x63]() { this.#global(); }, // GLOBAL
      [0x93]() { this.#stackGlobal(); }, // STACK_GLOBAL
      [0x51]() { this.#push(this.#world.persistent(this.#pop())); }, // BINPERSID
      [0x52]() { this.#reduce(); }, // REDUCE
      [0x62]() { this.#build(); }, // BUILD
    }; // prettier-ignore
  }
}

type Operation = (this: Unpickler) => void;

/** STOP: what is on top is the value. */
const STOP = 0x2e;

const OPERATIONS = Unpickler.operations();
