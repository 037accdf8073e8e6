/** How a value is written, the low three bits of a key. */
const WIRE = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

/** Fields are counted in 29 bits, from 1. */
const MOST_FIELD = 2 ** 29 - 1;

/**
 * A message of Protocol Buffers (https://protobuf.dev/programming-guides/encoding), field by field. It keeps what it was given
 * in pieces, so that large arrays are copied once, by `encode`, however deep they stand.
 */
export class Message {
  /** The bytes that it takes. */
  length = 0;
  readonly #pieces: Uint8Array[] = [];

  /** A whole number; one below 0 as 64 bits in two's complement. */
  int(field: number, value: number): this {
    return this.#key(field, WIRE.varint).#varint(value);
  }

  float(field: number, value: number): this {
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setFloat32(0, value, true);
    return this.#key(field, WIRE.fixed32).#add(bytes);
  }

  text(field: number, value: string): this {
    return this.bytes(field, new TextEncoder().encode(value));
  }

  bytes(field: number, value: Uint8Array): this {
    return this.#key(field, WIRE.bytes).#varint(value.length).#add(value);
  }

  /** A message within this one, as it is now. */
  message(field: number, value: Message): this {
    this.#key(field, WIRE.bytes).#varint(value.length);
    for (const piece of value.#pieces) this.#add(piece);
    return this;
  }

  encode(): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(this.length);
    let at = 0;
    for (const piece of this.#pieces) {
      bytes.set(piece, at);
      at += piece.length;
    }
    return bytes;
  }

  #key(field: number, wire: number): this {
    return this.#varint(field * 8 + wire);
  }

  /** Seven bits a byte, the lowest first; the eighth says that more follow. */
  #varint(value: number): this {
    const bytes: number[] = [];
    let rest = BigInt.asUintN(64, BigInt(value));
    for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
    return this.#add(Uint8Array.of(...bytes, Number(rest)));
  }

  #add(piece: Uint8Array): this {
    this.#pieces.push(piece);
    this.length += piece.length;
    return this;
  }
}

/** The fields of a message that hold bytes, texts or messages, as [field, bytes]; numbers are passed over. */
export function* bytesIn(message: Uint8Array): Generator<[field: number, bytes: Uint8Array]> {
  let at = 0;
  const varint = (): number => {
    for (let value = 0, factor = 1; at < message.length && factor <= 2 ** 63; factor *= 128) {
      const byte = message[at++];
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
    throw new RangeError(`a number of a message ends behind byte ${at}`);
  };
  while (at < message.length) {
    const key = varint();
    const [field, wire] = [Math.floor(key / 8), key % 8];
    if (field === 0 || field > MOST_FIELD) throw new RangeError(`a field of number ${field} at byte ${at}`);
    if (wire === WIRE.varint) varint();
    else {
      const length = wire === WIRE.fixed32 ? 4 : wire === WIRE.fixed64 ? 8 : wire === WIRE.bytes ? varint() : undefined;
      if (length === undefined) throw new RangeError(`a field of wire type ${wire} at byte ${at}`);
      if (at + length > message.length) throw new RangeError(`a field of ${length} bytes begins at byte ${at} of ${message.length}`); // prettier-ignore
      const bytes = message.subarray(at, (at += length));
      if (wire === WIRE.bytes) yield [field, bytes];
    }
  }
}
