import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  CheckpointError,
  decodeCheckpoint,
  decodeSafetensors,
  encodeCheckpoint,
  encodeSafetensors,
  parameterSpecs,
  Trainer,
  type Checkpoint,
} from '../../src/nn/index.ts';
import { TOY_CONFIG, TOY_SPEC, toyData, toyEngine } from '../support/toy-model.ts';

async function toyBytes(): Promise<Uint8Array> {
  const parameters = await (await toyEngine()).readParameters();
  return encodeCheckpoint({ spec: TOY_SPEC, parameters, extra: { codec: { pitch: 'onehot' } } });
}

/** A checkpoint of a training that has its best weights behind it. */
async function trainedBytes(): Promise<Uint8Array> {
  let bytes!: Uint8Array;
  const onCheckpoint = (_: string, checkpoint: Checkpoint): void => {
    bytes = encodeCheckpoint(checkpoint);
  };
  await new Trainer(await toyEngine(), toyData(), { ...TOY_CONFIG, epochs: 2 }, { onCheckpoint }).run();
  return bytes;
}

/** Written before there was any optimizer but Adam: a toy model's, after 12 steps with the reference kernels. */
const OLD = readFileSync(join(import.meta.dirname, '../golden/adam.safetensors'));

describe('a checkpoint of Adam from before there were other optimizers', () => {
  const { spec, training } = decodeCheckpoint(OLD);

  it('opens, and is written again with the same bytes', () => {
    expect(Object.keys(training!.engine.optimizer)).toEqual(['adam.m', 'adam.v']);
    expect(training!.engine.step).toBe(12);
    expect(Buffer.from(encodeCheckpoint(decodeCheckpoint(OLD)))).toEqual(OLD);
  });

  it('is what the same training gives now, and goes on from there', async () => {
    const config = { ...TOY_CONFIG, epochs: 3 };
    const train = async (maxSteps: number, from?: Buffer): Promise<Buffer> => {
      let last!: Uint8Array<ArrayBuffer>;
      const onCheckpoint = (kind: string, checkpoint: Checkpoint): void => {
        if (kind === 'last') last = encodeCheckpoint(checkpoint);
      };
      const trainer = new Trainer(await toyEngine(spec), toyData(spec), { ...config, maxSteps }, { onCheckpoint });
      if (from) await trainer.resume(decodeCheckpoint(from));
      await trainer.run();
      return Buffer.from(last);
    };
    expect(await train(12)).toEqual(OLD);
    expect(await train(14, OLD)).toEqual(await train(14));
  });
});

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
    const { tensors, metadata } = decodeSafetensors(await trainedBytes());
    const good = JSON.parse(metadata.training) as Record<string, unknown> & { trainer: object };
    const change = (training: unknown) =>
      encodeSafetensors({ tensors, metadata: { ...metadata, training: JSON.stringify(training) } });
    expect(() => decodeCheckpoint(change(good))).not.toThrow();
    for (const forged of [{}, { ...good, dropout: 1 }, { ...good, trainer: { ...good.trainer, shuffle: null } }, []]) {
      expect(() => decodeCheckpoint(change(forged))).toThrow(CheckpointError);
    }
    // Each number of it is needed, and JSON has two ways to say that there is none: null, and 1e999.
    const text = metadata.training;
    const numbers = [...text.matchAll(/(?<=[:[,])-?\d[\d.e+-]*/g)];
    expect(numbers.length).toBeGreaterThan(30);
    for (const { index, 0: number } of numbers) {
      for (const other of ['1e999', '"1"', ...(text.slice(0, index).endsWith('"best":') ? [] : ['null'])]) {
        const training = text.slice(0, index) + other + text.slice(index + number.length);
        const forged = encodeSafetensors({ tensors, metadata: { ...metadata, training } });
        expect(() => decodeCheckpoint(forged), training).toThrow(CheckpointError);
      }
    }
  });

  it.each([
    ['lstm.0.kernel', 30, NaN, '"lstm.0.kernel" has NaN at [1, 2]; weights are finite.'],
    ['heads.gap.bias', 0, Infinity, '"heads.gap.bias" has Infinity at [0]; weights are finite.'],
    ['best/lstm.1.bias', 5, -Infinity, '"best/lstm.1.bias" has -Infinity at [5]; weights are finite.'],
    ['adam.m/lstm.1.recurrent_kernel', 195, NaN, '"adam.m/lstm.1.recurrent_kernel" has NaN at [6, 27]; moments are finite.'],
    ['adam.v/heads.note.kernel', 7, -1e-30, '"adam.v/heads.note.kernel" has -1.0000000031710769e-30 at [1, 2]; second moments are finite and not below 0.'],
  ])('refuses a number in %s that no sound training leaves, and names it', async (name, at, value, message) => {
    const { tensors, metadata } = decodeSafetensors(await trainedBytes());
    expect(() => decodeCheckpoint(encodeSafetensors({ tensors, metadata }))).not.toThrow();
    tensors[name].data[at] = value;
    const decode = () => decodeCheckpoint(encodeSafetensors({ tensors, metadata }));
    expect(decode).toThrow(CheckpointError);
    expect(decode).toThrow(`${message} The file is damaged, or its training had diverged: use an older checkpoint`);
  }); // prettier-ignore

  it('is not written with such a number either', async () => {
    const parameters = await (await toyEngine()).readParameters();
    parameters['lstm.0.kernel'][30] = NaN;
    const save = () => encodeCheckpoint({ spec: TOY_SPEC, parameters, extra: {} });
    expect(save).toThrow('This model cannot be saved: "lstm.0.kernel" has NaN at [1, 2]; weights are finite.');
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
