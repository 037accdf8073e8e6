import { parameterSpecs, type ModelSpec, type NamedArrays } from '../../nn/index.ts';

/** The SHA-256 of a model's weights, tensor after tensor in the order of the file, in hexadecimal. */
export async function digestOf(spec: ModelSpec, parameters: NamedArrays): Promise<string> {
  const arrays = parameterSpecs(spec).map(({ name }) => parameters[name]);
  const all = new Float32Array(arrays.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const array of arrays) {
    all.set(array, at);
    at += array.length;
  }
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', all));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
