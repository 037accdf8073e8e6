import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { UsageError } from '../../src/errors.ts';
import {
  headSize,
  inputWidth,
  parameterCount,
  parameterSpecs,
  validateSpec,
  type ModelSpec,
} from '../../src/nn/spec.ts';
import { anySpec, smallSpec, tutorialSpec } from '../support/model-specs.ts';

describe('the architecture of a model', () => {
  it('says which parameters there are, laid out as Keras has them', () => {
    expect(parameterSpecs(tutorialSpec())).toEqual([
      { name: 'lstm.0.kernel', shape: [3, 512], initializer: 'glorot' },
      { name: 'lstm.0.recurrent_kernel', shape: [128, 512], initializer: 'orthogonal' },
      { name: 'lstm.0.bias', shape: [512], initializer: 'forget' },
      { name: 'heads.pitch.kernel', shape: [128, 128], initializer: 'glorot' },
      { name: 'heads.pitch.bias', shape: [128], initializer: 'zeros' },
      { name: 'heads.step.kernel', shape: [128, 1], initializer: 'glorot' },
      { name: 'heads.step.bias', shape: [1], initializer: 'zeros' },
      { name: 'heads.duration.kernel', shape: [128, 1], initializer: 'glorot' },
      { name: 'heads.duration.bias', shape: [1], initializer: 'zeros' },
    ]);
    expect(parameterCount(tutorialSpec())).toBe(84_354);
  });

  it('gives the first layer all categories and features, and the others the layer below', () => {
    const spec = smallSpec();
    expect(inputWidth(spec)).toBe(5 + 3 + 2);
    const kernels = parameterSpecs(spec).filter(({ name }) => /^lstm\.\d\.kernel$/.test(name));
    expect(kernels.map(({ shape }) => shape)).toEqual([[10, 16], [4, 16]]); // prettier-ignore
    expect(spec.heads.map(headSize)).toEqual([5, 1]);
  });

  it('is returned as it is when nothing is wrong with it', () => {
    fc.assert(
      fc.property(anySpec, (spec) => {
        expect(validateSpec(spec)).toBe(spec);
      }),
    );
  });

  const broken: [what: string, change: (spec: ModelSpec) => unknown][] = [
    ['inputs', (s) => ({ ...s, inputs: { categories: [], features: [] } })],
    ['inputs', (s) => ({ ...s, inputs: { ...s.inputs, features: ['step', 'step'] } })],
    ['inputs', (s) => ({ ...s, inputs: { ...s.inputs, features: ['pitch'] } })],
    ['pitch: size', (s) => ({ ...s, inputs: { ...s.inputs, categories: [{ name: 'pitch', size: 0 }] } })],
    ['lstm.layers', (s) => ({ ...s, lstm: { ...s.lstm, layers: 0 } })],
    ['lstm.layers', (s) => ({ ...s, lstm: { ...s.lstm, layers: 1.5 } })],
    ['lstm.hiddenSize', (s) => ({ ...s, lstm: { ...s.lstm, hiddenSize: -4 } })],
    ['lstm.hiddenSize', (s) => ({ ...s, lstm: { ...s.lstm, hiddenSize: NaN } })],
    ['lstm.dropout', (s) => ({ ...s, lstm: { ...s.lstm, dropout: 1 } })],
    ['lstm.dropout', (s) => ({ ...s, lstm: { ...s.lstm, dropout: -0.1 } })],
    ['lstm.dropout', (s) => ({ ...s, lstm: { ...s.lstm, dropout: NaN } })],
    ['heads', (s) => ({ ...s, heads: [] })],
    ['heads', (s) => ({ ...s, heads: [s.heads[0], s.heads[0]] })],
    ['pitch: size', (s) => ({ ...s, heads: [{ ...s.heads[0], size: 0 }] })],
    ['unknown kind', (s) => ({ ...s, heads: [{ ...s.heads[0], kind: 'mixture' }] })],
    ['lossWeight', (s) => ({ ...s, heads: [{ ...s.heads[0], lossWeight: -1 }] })],
    ['lossWeight', (s) => ({ ...s, heads: [{ ...s.heads[0], lossWeight: Infinity }] })],
    ['positivePressure', (s) => ({ ...s, heads: [{ ...s.heads[1], positivePressure: NaN }] })],
    ['lossOn', (s) => ({ ...s, lossOn: 'first' })],
  ];
  it.each(broken)('is refused, with the reason, when it makes no sense: %s', (what, change) => {
    const validate = (): void => {
      validateSpec(change(smallSpec()) as ModelSpec);
    };
    expect(validate).toThrow(UsageError);
    expect(validate).toThrow(what.startsWith('inputs') ? /input/ : what);
  });
});
