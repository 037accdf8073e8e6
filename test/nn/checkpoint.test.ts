import { describe, expect, it } from 'vitest';
import {
  CheckpointError,
  decodeCheckpoint,
  decodeSafetensors,
  encodeCheckpoint,
  encodeSafetensors,
  parameterSpecs,
  Trainer,
} from '../../src/nn/index.ts';
import { TOY_CONFIG, TOY_SPEC, toyData, toyEngine } from '../support/toy-model.ts';

async function toyBytes(): Promise<Uint8Array> {
  const parameters = await (await toyEngine()).readParameters();
  return encodeCheckpoint({ spec: TOY_SPEC, parameters, extra: { codec: { pitch: 'onehot' } } });
}

describe('a checkpoint', () => {
  it('comes back as it was saved', async () => {
    const parameters = await (await toyEngine()).readParameters();
    const checkpoint = { spec: TOY_SPEC, parameters, extra: { codec: { pitch: 'onehot' } } };
    expect(decodeCheckpoint(encodeCheckpoint(checkpoint))).toEqual(checkpoint);
  });

  it('holds the weights under their own names, for any safetensors reader', async () => {
    const { tensors } = decodeSafetensors(await toyBytes());
    expect(Object.keys(tensors)).toEqual(parameterSpecs(TOY_SPEC).map(({ name }) => name));
    expect(tensors['lstm.0.kernel'].shape).toEqual([6, 28]);
  });

  it('refuses every truncation of itself', async () => {
    const bytes = await toyBytes();
    for (let length = 0; length < bytes.length; length += 97) {
      expect(() => decodeCheckpoint(bytes.subarray(0, length))).toThrow(CheckpointError);
    }
    expect(() => decodeCheckpoint(bytes.subarray(0, bytes.length - 1))).toThrow(/truncated/);
  });

  it('refuses weights of another architecture', async () => {
    const { tensors, metadata } = decodeSafetensors(await toyBytes());
    const wider = { ...TOY_SPEC, lstm: { ...TOY_SPEC.lstm, hiddenSize: 8 } };
    const bytes = encodeSafetensors({ tensors, metadata: { ...metadata, spec: JSON.stringify(wider) } });
    expect(() => decodeCheckpoint(bytes)).toThrow(/do not fit the architecture: "lstm.0.kernel" should be \[6, 32\]/);
    delete tensors['heads.gap.bias'];
    expect(() => decodeCheckpoint(encodeSafetensors({ tensors, metadata }))).toThrow(/"heads.gap.bias".*is missing/);
  });

  it('refuses a training state that cannot be resumed', async () => {
    const engine = await toyEngine();
    let bytes!: Uint8Array;
    const onCheckpoint = (_: string, checkpoint: Parameters<typeof encodeCheckpoint>[0]) => {
      bytes = encodeCheckpoint(checkpoint);
    };
    await new Trainer(engine, toyData(), { ...TOY_CONFIG, epochs: 1 }, { onCheckpoint }).run();
    const { tensors, metadata } = decodeSafetensors(bytes);
    const good = JSON.parse(metadata.training) as Record<string, unknown> & { trainer: object };
    const change = (training: unknown) =>
      encodeSafetensors({ tensors, metadata: { ...metadata, training: JSON.stringify(training) } });
    expect(() => decodeCheckpoint(change(good))).not.toThrow();
    for (const forged of [{}, { ...good, dropout: 1 }, { ...good, trainer: { ...good.trainer, shuffle: null } }, []]) {
      expect(() => decodeCheckpoint(change(forged))).toThrow(CheckpointError);
    }
  });

  it('refuses what is no model, a newer version, and an architecture that makes no sense', async () => {
    const { tensors, metadata } = decodeSafetensors(await toyBytes());
    const change = (other: Record<string, string>) =>
      encodeSafetensors({ tensors, metadata: { ...metadata, ...other } });
    expect(() => decodeCheckpoint(change({ format: 'pt' }))).toThrow(/no Etude model/);
    expect(() => decodeCheckpoint(change({ version: '2' }))).toThrow(/version 2.*Update Etude/);
    expect(() => decodeCheckpoint(change({ spec: '{}' }))).toThrow(CheckpointError);
    expect(() => decodeCheckpoint(change({ extra: 'x' }))).toThrow(/"extra" cannot be read/);
    const absurd = { ...TOY_SPEC, lstm: { layers: 1e9, hiddenSize: 7, dropout: 0 } };
    expect(() => decodeCheckpoint(change({ spec: JSON.stringify(absurd) }))).toThrow(/lstm.layers/);
  });
});
