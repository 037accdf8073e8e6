import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { FLOAT_TYPES } from '../../../src/interop/number-types.ts';
import { readArchive, withoutFolder } from '../../../src/interop/archive.ts';
import { readTorchFile } from '../../../src/interop/pytorch/torch-file.ts';

const file = new URL('../../golden/interop/characters.pt', import.meta.url);

describe('a .pt file', () => {
  it('has the same numbers whatever their order of bytes, where it says so', async () => {
    const entries = new Map(withoutFolder(await readArchive(readFileSync(file))));
    const { tensors } = readTorchFile(entries);
    const turned = [...entries].map(([name, bytes]): [string, Uint8Array] => {
      if (!name.startsWith('data/')) return [name, bytes];
      return [name, Uint8Array.from(bytes, (_, at) => bytes[at - (at % 4) + 3 - (at % 4)])];
    });
    const byteorder = new TextEncoder().encode('big');
    expect(readTorchFile(new Map([...turned, ['byteorder', byteorder]]))).toEqual({ tensors, metadata: {} });
    expect(readTorchFile(new Map(turned)).tensors).not.toEqual(tensors);
  });
});

describe('the bits of', () => {
  const view = new DataView(new ArrayBuffer(2));
  const read = (type: 'F16' | 'BF16', bits: number): number => {
    view.setUint16(0, bits, true);
    return FLOAT_TYPES[type].get(view, 0, true);
  };

  it.each([
    [0x0000, 0],
    [0x8000, -0],
    [0x3c00, 1],
    [0xc000, -2],
    [0x3555, 0.333251953125],
    [0x7bff, 65504],
    [0x0001, 2 ** -24],
    [0x83ff, -1023 * 2 ** -24],
    [0x0400, 2 ** -14],
    [0x7c00, Infinity],
    [0xfc00, -Infinity],
    [0x7e00, NaN],
  ])('a float16, 0x%s, are %d', (bits, value) => {
    expect(read('F16', bits)).toBe(value);
  });

  it('a bfloat16 are the upper half of those of a float32', () => {
    const whole = new DataView(new ArrayBuffer(4));
    for (let bits = 0; bits < 0x10000; bits++) {
      whole.setUint32(0, bits * 0x10000);
      if (!Object.is(read('BF16', bits), whole.getFloat32(0))) expect(read('BF16', bits), String(bits)).toBe(whole.getFloat32(0)); // prettier-ignore
    }
  });
});
