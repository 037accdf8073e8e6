import { describe, expect, it, vi } from 'vitest';
import {
  ADAM_DEFAULTS,
  createEngine,
  decodeCheckpoint,
  encodeCheckpoint,
  estimateMemory,
  randomBatch,
  Trainer,
  WorkerError,
  type Engine,
  type ModelSpec,
} from '../../src/nn/index.ts';
import { CELL_KINDS } from '../../src/nn/cells/kinds.ts';
import { rangeOf } from '../../src/nn/threads/protocol.ts';
import { bestSimdVariant, createKernels, OutOfMemoryError, Random } from '../../src/tensor/index.ts';
import { TOY_CONFIG, TOY_SPEC, toyData, toyEngine } from '../support/toy-model.ts';

const DRY: ModelSpec = { ...TOY_SPEC, lstm: { ...TOY_SPEC.lstm, dropout: 0 } };

async function trained(engine: Engine, seed = 7) {
  const files: Uint8Array[] = [];
  const onCheckpoint = (_: string, checkpoint: Parameters<typeof encodeCheckpoint>[0]) =>
    void files.push(encodeCheckpoint(checkpoint));
  await new Trainer(engine, toyData(engine.spec), { ...TOY_CONFIG, seed }, { onCheckpoint }).run();
  await engine.dispose();
  return files.at(-1)!;
}

describe('rangeOf', () => {
  it('gives every sequence to one thread, in order, as evenly as can be', () => {
    for (const [threads, of] of [[2, 64], [3, 64], [5, 7], [4, 4]]) {
      const ranges = Array.from({ length: threads }, (_, thread) => rangeOf(thread, threads, of));
      expect(ranges.map(({ from }) => from)).toEqual(ranges.map((_, k) => ranges.slice(0, k).reduce((n, r) => n + r.count, 0)));
      expect(ranges.reduce((n, { count }) => n + count, 0)).toBe(of);
      const counts = ranges.map(({ count }) => count);
      expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
      expect(Math.min(...counts)).toBeGreaterThan(0);
    }
  }); // prettier-ignore
});

describe.skipIf(bestSimdVariant() === undefined)('the threaded engine', () => {
  it.each(['with', 'without'])(
    'trains to the same bytes on a page’s own thread, which may not sleep, %s waitAsync',
    async (how) => {
      const expected = await trained(await toyEngine(DRY, 'simd', 2));
      const atomics = Atomics as { waitAsync?: unknown };
      const { waitAsync } = atomics;
      const wait = vi.spyOn(Atomics, 'wait').mockImplementation(() => {
        throw new TypeError('Atomics.wait cannot be called in this context');
      });
      try {
        if (how === 'without') delete atomics.waitAsync;
        expect(await trained(await toyEngine(DRY, 'simd', 2))).toEqual(expected);
        expect(wait).toHaveBeenCalled();
      } finally {
        atomics.waitAsync = waitAsync;
        wait.mockRestore();
      }
    },
  );

  it('on a page that is not isolated auto means one thread, and a number of threads is refused with what to do', async () => {
    vi.stubGlobal('crossOriginIsolated', false);
    try {
      await expect(toyEngine(DRY, 'simd', 2)).rejects.toThrow(/Cross-Origin-Opener-Policy.*"auto"/);
      const engine = await toyEngine(DRY, 'simd', 'auto');
      expect(engine.name).not.toContain('threads');
      await engine.dispose();
    } finally {
      vi.unstubAllGlobals();
    }
  });

  for (const threads of [2, 3]) {
    it(`takes the steps of one thread on ${threads}, up to rounding, with losses and evaluation`, async () => {
      const [one, many] = [await toyEngine(DRY, 'simd'), await toyEngine(DRY, 'simd', threads)];
      expect(many.name).toMatch(new RegExp(`, ${threads} threads$`));
      for (let step = 0; step < 5; step++) {
        const batch = randomBatch(DRY, 8, 6, Random.stream(step, 'batch'));
        const [a, b] = [await one.trainStep(batch, 0.01), await many.trainStep(batch, 0.01)];
        expect(b.loss).toBeCloseTo(a.loss, 5);
        expect(b.gradientNorm).toBeCloseTo(a.gradientNorm, 4);
        b.losses.forEach((loss, head) => expect(loss).toBeCloseTo(a.losses[head], 5));
      }
      for (const size of [64, 10]) {
        const batch = randomBatch({ ...DRY, lossOn: 'last' }, size, 6, Random.stream(size, 'batch'));
        const [a, b] = [await one.evaluate(batch), await many.evaluate(batch)];
        b.forEach((loss, head) => expect(loss).toBeCloseTo(a[head], 4));
      }
      await Promise.all([one.dispose(), many.dispose()]);
    });
  }

  it('evaluates before it has trained a step', async () => {
    const [one, many] = [await toyEngine(DRY, 'simd'), await toyEngine(DRY, 'simd', 2)];
    const batch = randomBatch({ ...DRY, lossOn: 'last' }, 64, 6, Random.stream(1, 'batch'));
    const [a, b] = [await one.evaluate(batch), await many.evaluate(batch)];
    b.forEach((loss, head) => expect(loss).toBeCloseTo(a[head], 4));
    await Promise.all([one.dispose(), many.dispose()]);
  }); // prettier-ignore

  it('gives the same bytes for the same seed and threads, dropout included', async () => {
    const one = await trained(await toyEngine(TOY_SPEC, 'simd', 2));
    const same = await trained(await toyEngine(TOY_SPEC, 'simd', 2));
    const other = await trained(await toyEngine(TOY_SPEC, 'simd', 2, 8), 8);
    expect(same).toEqual(one);
    expect(other).not.toEqual(one);
  });

  it('resumes bit for bit', async () => {
    const whole = await trained(await toyEngine(TOY_SPEC, 'simd', 2));
    const files: Uint8Array[] = [];
    const run = async (maxSteps: number | null, from?: Uint8Array) => {
      const engine = await toyEngine(TOY_SPEC, 'simd', 2);
      const trainer = new Trainer(engine, toyData(), { ...TOY_CONFIG, maxSteps }, {
        onCheckpoint: (_, checkpoint) => void files.push(encodeCheckpoint(checkpoint)),
      });
      if (from) await trainer.resume(decodeCheckpoint(from));
      await trainer.run();
      await engine.dispose();
      return files.at(-1)!;
    }; // prettier-ignore
    expect(await run(null, await run(7))).toEqual(whole);
  });

  it('says so when a worker dies, and keeps the weights of the last whole step', async () => {
    const engine = await toyEngine(DRY, 'simd', 2);
    const good = randomBatch(DRY, 8, 6, Random.stream(1, 'batch'));
    await engine.trainStep(good, 0.01);
    const before = await engine.readState();
    // Sequence 7 belongs to the second thread. It is looked at twice before it is copied: only so a bad class gets there.
    let reads = 0;
    const note: ArrayLike<number> = new Proxy(Array.from(good.targets!.note), {
      get: (list, key, all) => (key === '7' && ++reads === 3 ? 99 : (Reflect.get(list, key, all) as unknown)),
    });
    const bad = { ...good, targets: { ...good.targets, note } };
    await expect(engine.trainStep(bad, 0.01)).rejects.toThrow(/Thread 1 .* died .*class from 0 to 4, got 99/);
    expect(await engine.readState()).toEqual(before);
    await expect(engine.trainStep(good, 0.01)).rejects.toThrow(WorkerError);
    await engine.dispose();
  });

  it('names layer and gate when a weight is not finite', async () => {
    const engine = await toyEngine(DRY, 'simd', 2);
    const parameters = await engine.readParameters();
    parameters['lstm.1.bias'][7 + 3] = Infinity; // gate f of the second layer
    parameters['lstm.1.bias'][14 + 3] = NaN; // gate g
    await engine.writeParameters(parameters);
    const good = randomBatch(DRY, 8, 6, Random.stream(1, 'batch'));
    await expect(engine.trainStep(good, 0.01)).rejects.toMatchObject({ place: { layer: 'lstm.1', gate: 'f' } });
    await engine.dispose();
  });

  it('refuses more threads than sequences, and threads without SIMD', async () => {
    await expect(toyEngine(DRY, 'simd', 9)).rejects.toThrow(/batch of 8 sequences cannot be divided among 9/);
    await expect(toyEngine(DRY, 'reference', 2)).rejects.toThrow(/reference backend runs on 1 thread/);
    await expect(toyEngine(DRY, 'simd', 0)).rejects.toThrow(/--threads/);
    await expect(toyEngine(DRY, 'warp')).rejects.toThrow(/there is no "warp"/);
  });
});

describe.skipIf(bestSimdVariant() === undefined)('memory', () => {
  const options = {
    backend: 'simd',
    optimizer: ADAM_DEFAULTS,
    init: Random.stream(1, 'init'),
    dropout: Random.stream(1, 'dropout'),
  };

  it('is refused before anything is taken when a model cannot fit, with the bytes it would take', async () => {
    const huge: ModelSpec = { ...TOY_SPEC, lstm: { layers: 4, hiddenSize: 4096, dropout: 0 } };
    const engine = createEngine(huge, { ...options, threads: 1, batchSize: 256, steps: 500 });
    await expect(engine).rejects.toThrow(OutOfMemoryError);
    await expect(engine).rejects.toThrow(/\(\d{10,} bytes\).*smaller batch/);
  });

  it('is estimated to within a tenth of what is taken', async () => {
    for (const lstm of [
      { layers: 1, hiddenSize: 64, dropout: 0 },
      ...CELL_KINDS.map((cell) => ({ layers: 2, hiddenSize: 48, dropout: 0.2, cell })),
      { layers: 2, hiddenSize: 48, dropout: 0.2, bidirectional: true as const },
    ]) {
      const spec = { ...TOY_SPEC, lstm };
      const kernels = createKernels('simd');
      const { LocalEngine } = await import('../../src/nn/index.ts');
      const engine = new LocalEngine(spec, { ...options, kernels, steps: 20 });
      await engine.trainStep(randomBatch(spec, 32, 20, Random.stream(1, 'b')), 0.01);
      await engine.evaluate(randomBatch({ ...spec, lossOn: 'last' }, 64, 20, Random.stream(1, 'b')));
      const { total } = estimateMemory(spec, { batchSize: 32, steps: 20 });
      expect(Math.abs(total / kernels.arena.bytes - 1)).toBeLessThan(0.1);
    }
  });
});
