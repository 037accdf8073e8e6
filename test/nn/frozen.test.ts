import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { accumulatedStep, withGradients } from '../../src/nn/accumulate.ts';
import {
  createEngine,
  decodeCheckpoint,
  encodeCheckpoint,
  LocalEngine,
  parameterSpecs,
  randomBatch,
  Trainer,
  type Checkpoint,
  type ModelSpec,
  type OptimizerSpec,
} from '../../src/nn/index.ts';
import { bestSimdVariant, HeapArena, Random, ReferenceKernels, UsageError } from '../../src/tensor/index.ts';
import { EVERY_OPTIMIZER } from '../support/every-optimizer.ts';
import { seed } from '../support/generators.ts';
import { anySpec } from '../support/model-specs.ts';
import { TOY_CONFIG, TOY_SPEC, TOY_STEPS, toyData, toyEngine } from '../support/toy-model.ts';

const WITH_SIMD = bestSimdVariant() === undefined ? [] : ([['simd', 1], ['simd', 2]] as const); // prettier-ignore
const ENGINES: (readonly [backend: string, threads: number])[] = [['reference', 1], ...WITH_SIMD];
const FREEZE = ['lstm.0.kernel', 'lstm.1', 'heads.note.bias'];

/** Eleven layers: number 10 begins as number 1 does. The kernels of 5 · 4 and 3 · 4 numbers leave no padding, biases of 3 do. */
const DEEP: ModelSpec = { ...TOY_SPEC, lstm: { layers: 11, hiddenSize: 3, dropout: 0 } };

function engineOf(spec: ModelSpec, optimizer: OptimizerSpec, steps: number, s = 7): LocalEngine {
  return new LocalEngine(spec, {
    kernels: new ReferenceKernels(new HeapArena('float64')),
    optimizer,
    steps,
    init: Random.stream(s, 'init'),
    dropout: Random.stream(s, 'dropout'),
  });
}

const isFrozen = (name: string, freeze: readonly string[]): boolean =>
  freeze.some((part) => name === part || name.startsWith(`${part}.`));

describe.each(EVERY_OPTIMIZER)('frozen parameters under $name', ({ spec: optimizer, rate }) => {
  it.each(ENGINES)('stay as they are to the bit, whatever was kept for them, and the others do not: %s, threads %d', async (backend, threads) => {
    const free = await toyEngine(TOY_SPEC, backend, threads, 7, optimizer);
    const frozen = await toyEngine(TOY_SPEC, backend, threads, 7, { ...optimizer, freeze: FREEZE, clipNorm: 0.1, clipValue: 0.01 });
    const batch = randomBatch(TOY_SPEC, 8, TOY_STEPS, Random.stream(3, 'batch'));
    // Moments that would move a weight by themselves.
    for (let step = 0; step < 3; step++) await free.trainStep(batch, rate);
    const before = await free.readState();
    await frozen.writeState(before);
    for (let step = 0; step < 3; step++) await frozen.trainStep(batch, rate);
    const after = await frozen.readState();
    for (const { name } of parameterSpecs(TOY_SPEC)) {
      const [was, is] = [before.parameters[name], after.parameters[name]];
      if (isFrozen(name, FREEZE)) expect(Buffer.from(is.buffer), name).toEqual(Buffer.from(was.buffer));
      else expect(is, name).not.toEqual(was);
      for (const [slot, arrays] of Object.entries(after.optimizer)) {
        if (isFrozen(name, FREEZE)) expect(arrays[name], `${slot} of ${name}`).toEqual(before.optimizer[slot as 'adam.m']![name]);
      }
    }
    await Promise.all([free.dispose(), frozen.dispose()]);
  }); // prettier-ignore

  it('leave the others the step that they would take if the frozen gradients were zero', () =>
    fc.assert(
      fc.asyncProperty(anySpec, seed, fc.integer({ min: 0, max: 2 ** 16 }), async (spec, s, mask) => {
        const names = parameterSpecs(spec).map(({ name }) => name);
        const freeze = names.filter((_, k) => (mask >> (k % 16)) & 1);
        if (freeze.length === names.length) freeze.pop();
        const settings = { ...optimizer, clipNorm: 0.2 };
        const [frozen, free] = [engineOf(spec, { ...settings, freeze }, 3, s), engineOf(spec, settings, 3, s)];
        const batch = randomBatch(spec, 4, 3, Random.stream(s, 'batch'));
        const before = frozen.parameters.toArrays();
        const { gradients } = await free.gradientOf(batch);
        let at = 0;
        for (const [name, view] of free.gradients.entries()) {
          if (freeze.includes(name)) gradients.fill(0, at, at + view.size);
          at += view.size;
        }
        const found = await free.applyGradient(gradients, rate);
        // Handed out as float32, and applied, as the others were.
        const handed = await engineOf(spec, { ...settings, freeze }, 3, s).gradientOf(batch);
        expect(handed.gradients).toEqual(gradients);
        const same = await frozen.applyGradient(handed.gradients, rate);
        expect(same.clipped).toBe(found.clipped);
        expect(same.gradientNorm).toBeCloseTo(found.gradientNorm, 10);
        for (const [name, { data }] of frozen.parameters.entries()) {
          if (freeze.includes(name)) expect(Float32Array.from(data), name).toEqual(before[name]);
          else data.forEach((weight, j) => expect(weight, name).toBeCloseTo(free.parameters.get(name).data[j], 10));
        }
      }),
      { numRuns: 10 },
    ));
});

describe('freezing', () => {
  const adam = EVERY_OPTIMIZER[0].spec;

  it('a layer leaves the one alone whose number begins as its own', async () => {
    const engine = engineOf(DEEP, { ...adam, freeze: ['lstm.1'] }, 4);
    const before = engine.parameters.toArrays();
    await engine.trainStep(randomBatch(DEEP, 4, 4, Random.stream(1, 'batch')), 0.1);
    const after = engine.parameters.toArrays();
    expect(after['lstm.1.kernel']).toEqual(before['lstm.1.kernel']);
    expect(after['lstm.10.kernel']).not.toEqual(before['lstm.10.kernel']);
  });

  it.each(ENGINES)('goes on from a checkpoint as if it had not been interrupted: %s, threads %d', async (backend, threads) => {
    const train = async (maxSteps: number, change: object = {}, from?: Uint8Array): Promise<Uint8Array> => {
      let last!: Uint8Array;
      const onCheckpoint = (kind: string, checkpoint: Checkpoint): void => {
        if (kind === 'last') last = encodeCheckpoint(checkpoint);
      };
      const engine = await toyEngine(TOY_SPEC, backend, threads, 7, { ...adam, freeze: FREEZE });
      const trainer = new Trainer(engine, toyData(), { ...TOY_CONFIG, ...change, maxSteps }, { onCheckpoint });
      if (from) await trainer.resume(decodeCheckpoint(from));
      await trainer.run();
      await engine.dispose();
      return last;
    };
    expect(await train(12, {}, await train(7))).toEqual(await train(12));
    const initial = decodeCheckpoint(await train(1)).parameters;
    for (const change of [{ ema: 0.9 }, { accumulate: 2 }]) {
      const { parameters } = decodeCheckpoint(await train(5, change));
      for (const { name } of parameterSpecs(TOY_SPEC)) {
        if (isFrozen(name, FREEZE)) expect(parameters[name], name).toEqual(initial[name]);
        else expect(parameters[name], name).not.toEqual(initial[name]);
      }
    }
  }); // prettier-ignore

  it('takes a step over several batches as trainStep on one of them', async () => {
    const spec = { ...TOY_SPEC, lstm: { ...TOY_SPEC.lstm, dropout: 0 } };
    const optimizer = { ...adam, freeze: FREEZE, clipNorm: 0.1 };
    const [one, several] = [engineOf(spec, optimizer, 4), engineOf(spec, optimizer, 4)];
    const batch = randomBatch(spec, 4, 4, Random.stream(1, 'batch'));
    const whole = await one.trainStep(batch, 0.1);
    const parts = await accumulatedStep(withGradients(several), [batch, batch], 0.1);
    expect(parts.gradientNorm).toBeCloseTo(whole.gradientNorm, 6);
    expect(several.parameters.flat.data[40]).toBeCloseTo(one.parameters.flat.data[40], 6);
  });

  it.each([
    [['lstm.2'], /--freeze: this model has no "lstm.2"; what can be frozen is lstm, lstm.0, lstm.1, heads, heads.note, heads.gap, or .* such as lstm.0.kernel\./],
    [['lst'], /has no "lst"/],
    [[''], /has no ""/],
    [['lstm', 'heads'], /--freeze: with lstm, heads frozen, nothing is left to be trained/],
  ])('%j is refused', (freeze, message) => {
    expect(() => engineOf(TOY_SPEC, { ...adam, freeze }, 4)).toThrow(UsageError);
    expect(() => engineOf(TOY_SPEC, { ...adam, freeze }, 4)).toThrow(message);
  }); // prettier-ignore

  it('is refused where the engine is a GPU', async () => {
    const options = { backend: 'gpu-cpu', threads: 1, optimizer: { ...adam, freeze: ['lstm.0'] }, batchSize: 8, steps: 4 };
    const engine = createEngine(TOY_SPEC, { ...options, dropout: Random.stream(1, 'dropout') });
    await expect(engine).rejects.toThrow(/the GPU engine cannot freeze lstm.0 yet; --backend simd can/);
  }); // prettier-ignore
});
