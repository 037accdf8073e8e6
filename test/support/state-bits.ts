import type { EngineState, NamedArrays } from '../../src/nn/index.ts';

/** The bits of a state: equal only when every number is the same, NaN and -0 included. */
export function bitsOf({ parameters, optimizer, ...rest }: EngineState): unknown {
  const kept = Object.entries(optimizer).map(([slot, arrays]) => [slot, bitsOfArrays(arrays)]);
  return { ...rest, parameters: bitsOfArrays(parameters), optimizer: kept };
}

function bitsOfArrays(arrays: NamedArrays): unknown {
  return Object.entries(arrays).map(([name, { buffer }]) => [name, Buffer.from(buffer).toString('base64')]);
}
