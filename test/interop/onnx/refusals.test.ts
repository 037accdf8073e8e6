import { describe, expect, it } from 'vitest';
import { randomModel } from '../../../bench/interop/ours.ts';
import { DataError, UsageError } from '../../../src/errors.ts';
import { onnxMetadata, toOnnx } from '../../../src/interop/index.ts';
import type { ModelSpec } from '../../../src/nn/index.ts';
import { chainedSpec, smallSpec } from '../../support/model-specs.ts';

/** A model in which one array was exchanged. */
function withArray(name: string, values: Float32Array | undefined): ReturnType<typeof randomModel> {
  const model = randomModel(smallSpec());
  return { ...model, parameters: { ...model.parameters, [name]: values! } };
}

describe('what is no model, or cannot be written, is refused by name', () => {
  it('weights that are missing, of another size, or not finite', () => {
    const bad = Float32Array.from({ length: 16 }, (_, k) => (k === 9 ? NaN : 0));
    expect(() => toOnnx(withArray('lstm.1.bias', undefined))).toThrow('"lstm.1.bias" should have 16 numbers, [16], and is missing'); // prettier-ignore
    expect(() => toOnnx(withArray('lstm.1.bias', new Float32Array(17)))).toThrow('"lstm.1.bias" should have 16 numbers, [16], and has 17'); // prettier-ignore
    expect(() => toOnnx(withArray('lstm.1.bias', bad))).toThrow('"lstm.1.bias" has NaN at [9]');
    expect(() => toOnnx(withArray('lstm.1.bias', bad))).toThrow(DataError);
  });

  it('an architecture that makes no sense', () => {
    const spec = smallSpec({ lstm: { cell: 'lstn' as 'lstm' } });
    expect(() => toOnnx({ spec, parameters: {}, extra: {} })).toThrow(UsageError);
  });

  it('layer normalisation in both directions', () => {
    const spec = smallSpec({ lstm: { cell: 'lstm-norm', bidirectional: true } });
    expect(() => toOnnx(randomModel(spec))).toThrow(/lstm\.0\.reverse: ONNX has no operator for layer normalisation/);
  });

  it('more than 2 GB, before there are any weights', () => {
    const spec = (hiddenSize: number): ModelSpec => smallSpec({ lstm: { hiddenSize, layers: 1 } });
    const refused = (hiddenSize: number) => () => toOnnx({ spec: spec(hiddenSize), parameters: {}, extra: {} });
    // 16 H² bytes of the recurrent kernel alone.
    expect(refused(11_600)).toThrow('ONNX: a file holds at most 2 GB, and this model would take 2.2 GB.');
    expect(refused(11_500)).toThrow('"lstm.0.kernel" should have');
  });

  it('heads whose names stand in each other’s way', () => {
    const spec = chainedSpec();
    spec.heads = [
      { name: 'a', kind: 'categorical', size: 2, lossWeight: 1 },
      { name: 'a.kernel', kind: 'categorical', size: 2, lossWeight: 1 },
    ];
    expect(() => toOnnx(randomModel(spec))).toThrow('ONNX: two parts of this model would be called "heads.a.kernel"');
  });
});

describe('what an ONNX file says of itself', () => {
  it('is all that the application added, the architecture, and what the outputs mean', () => {
    const extra = { codec: { step: 'bins' }, text: 'Übung', format: 'mine', spec: 'mine' };
    const metadata = onnxMetadata(toOnnx({ ...randomModel(smallSpec()), extra, etude: '9.9', step: 7 }).bytes);
    expect(metadata).toEqual({
      format: 'etude-onnx',
      version: '1',
      etude: '9.9',
      codec: '{"step":"bins"}',
      text: '"Übung"',
      spec: JSON.stringify(smallSpec()),
      heads: JSON.stringify([
        { name: 'pitch', output: 'heads.pitch', meaning: 'Logits of 5 classes: their softmax is the distribution.' },
        { name: 'step', output: 'heads.step', meaning: 'The number itself.' },
      ]),
      step: '7',
    });
  });

  it('says of each kind of numbers what comes out', () => {
    const loss = { kind: 'quantile', levels: [0.1, 0.9] } as const;
    const spec = smallSpec();
    spec.heads = [
      { name: 'bands', kind: 'numbers', size: 1, lossWeight: 1, loss: { ...loss, levels: [...loss.levels] } },
    ];
    const { parts, bytes } = toOnnx(randomModel(spec));
    const [{ meaning }] = JSON.parse(onnxMetadata(bytes).heads) as { meaning: string }[];
    expect(meaning).toBe('For each number its quantiles at 0.1, 0.9; sort them, the network does not.');
    expect(parts.find(({ name }) => name === 'heads.bands')).toMatchObject({
      help: meaning,
      shape: ['steps', 'batch', 2],
    });
  });

  it('is refused of bytes that are no message', () => {
    expect(() => onnxMetadata(new TextEncoder().encode('{"a": 1}'))).toThrow(/no ONNX file, or a damaged one/);
    const { bytes } = toOnnx(randomModel(smallSpec()));
    expect(() => onnxMetadata(bytes.subarray(0, bytes.length - 3))).toThrow(DataError);
  });

  it('is the same bytes each time', () => {
    expect(toOnnx(randomModel(chainedSpec())).bytes).toEqual(toOnnx(randomModel(chainedSpec())).bytes);
  });
});
