import { describe, expect, it } from 'vitest';

import { UsageError } from '../../../src/errors.ts';
import { Trainer } from '../../../src/nn/trainer.ts';
import type { StepReport } from '../../../src/nn/training-config.ts';
import { createEngine } from '../../../src/nn/create-engine.ts';
import type { Engine } from '../../../src/nn/engine.ts';
import { ADAM_DEFAULTS } from '../../../src/nn/optimizers/spec.ts';
import { countEvaluationPlan } from '../../../src/nn/gpu/evaluation-plan.ts';
import { assertFits, planEvaluationsFor, planStepsFor } from '../../../src/nn/gpu/fit.ts';
import { countTrainingPlan } from '../../../src/nn/gpu/plans.ts';
import type { Checkpoint } from '../../../src/nn/saved-model.ts';
import type { ModelSpec } from '../../../src/nn/spec.ts';
import { createKernels, GpuLimitError, GpuUnavailableError, Random } from '../../../src/tensor/index.ts';
import { chainedSpec, tutorialSpec } from '../../support/model-specs.ts';
import { TOY_CONFIG, TOY_SPEC, TOY_STEPS, toyData } from '../../support/toy-model.ts';

const toyEngine = (backend: string, planSteps?: number, threads: number | 'auto' = 1): Promise<Engine> =>
  createEngine(TOY_SPEC, {
    backend,
    threads,
    planSteps,
    optimizer: { ...ADAM_DEFAULTS, clipNorm: 1 },
    batchSize: TOY_CONFIG.batchSize,
    steps: TOY_STEPS,
    init: Random.stream(7, 'init'),
    dropout: Random.stream(7, 'dropout'),
  });

interface Run {
  reports: StepReport[];
  saved: Checkpoint[];
  history: unknown[];
  losses: number[];
}

/** Trains the toy model to its end and remembers what the trainer said. */
async function run(engine: Engine, config = {}): Promise<Run> {
  const reports: StepReport[] = [];
  const saved: Checkpoint[] = [];
  const trainer = new Trainer(engine, toyData(), { ...TOY_CONFIG, ...config }, {
    onStep: (report) => void reports.push(report),
    onCheckpoint: (kind, checkpoint) => void (kind === 'last' && saved.push(checkpoint)),
  }); // prettier-ignore
  const { history } = await trainer.run();
  return { reports, saved, history, losses: history.map(({ validation }) => validation!.loss) };
}

describe('an engine of gpu.js by the name of a backend', () => {
  it.each(['gpu-cpu', 'gpu-webasm'])('%s says what runs, before the first step and after it', async (backend) => {
    const engine = await toyEngine(backend, 3);
    const name = { 'gpu-cpu': 'gpu.js cpu, plan of 3 steps', 'gpu-webasm': 'gpu.js webasm, fused plan of 3 steps' };
    expect(engine.name).toBe(name[backend as keyof typeof name]);
    await run(engine, { maxSteps: 3 });
    expect(engine.name).toBe(name[backend as keyof typeof name]);
    await engine.dispose();
  });

  it('trains with the trainer as any other: losses, reports, checkpoints at the same steps', async () => {
    const [simd, gpu] = [await toyEngine('simd'), await toyEngine('gpu-webasm', 4)];
    // 4 steps at once fit neither into the 5 of an epoch nor between checkpoints.
    const config = { checkpointEvery: 3, maxSteps: 14, stepsPerEpoch: 5 };
    const [expected, found] = [await run(simd, config), await run(gpu, config)];
    expect(found.reports.map(({ step, epoch, batch }) => [step, epoch, batch])).toEqual(
      expected.reports.map(({ step, epoch, batch }) => [step, epoch, batch]),
    );
    found.reports.forEach(({ loss, learningRate }, at) => {
      expect(loss).toBeCloseTo(expected.reports[at].loss, 3);
      expect(learningRate).toBe(expected.reports[at].learningRate);
    });
    expect(found.losses.length).toBeGreaterThan(0);
    found.losses.forEach((loss, at) => {
      expect(loss).toBeCloseTo(expected.losses[at], 3);
    });
    const steps = ({ saved }: Run): number[] => saved.map(({ training }) => training!.engine.step);
    expect(steps(found)).toEqual(steps(expected));
    await gpu.dispose();
  });

  it('resumes a checkpoint of another engine, and is resumed by another', async () => {
    const whole = await run(await toyEngine('simd'));
    for (const [first, second] of [
      ['simd', 'gpu-cpu'],
      ['gpu-cpu', 'simd'],
    ]) {
      const begun = await toyEngine(first);
      const { saved } = await run(begun, { maxSteps: 3 });
      const engine = await toyEngine(second);
      const trainer = new Trainer(engine, toyData(), TOY_CONFIG);
      await trainer.resume(saved.at(-1)!);
      const { history } = await trainer.run();
      expect(history).toHaveLength(whole.history.length);
      history.forEach(({ validation }, at) => {
        expect(validation!.loss, `epoch ${at + 1}, ${first} then ${second}`).toBeCloseTo(whole.losses[at], 3);
      });
      await begun.dispose();
      await engine.dispose();
    }
  });

  it.each([
    [
      'gpu-headlessgl',
      'auto',
      GpuUnavailableError,
      /^--backend gpu-headlessgl: .*"gl".*Use --backend simd; gpu-webasm/,
    ],
    ['gpu-webgl2', 'auto', GpuUnavailableError, /^--backend gpu-webgl2: WebGL2 is there in browsers only/],
    ['gpu-webgl3', 'auto', UsageError, /^--backend: there is no "gpu-webgl3"; there are auto, .*gpu-webgpu/],
    ['gpu-cpu', 2, UsageError, /^--threads: gpu.js chooses/],
  ] as const)('%s with %s threads is refused in one line', async (backend, threads, type, message) => {
    const error: unknown = await toyEngine(backend, undefined, threads).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(type);
    expect((error as Error).message).toMatch(message);
    expect((error as Error).message).not.toContain('\n');
  });

  it('has no kernels to be run one by one', () => {
    expect(() => createKernels('gpu-cpu')).toThrow(UsageError);
  });
});

describe('a model that is too large for a device', () => {
  const shape = { batchSize: 64, steps: 100 };
  const limits = { arrayBytes: 2 ** 27, columns: 65_535 * 8, layers: 65_535 };
  const device = { mode: 'webgpu' as const, adapter: 'A GPU', limits };

  it('is refused with the batch size that fits', () => {
    const spec = tutorialSpec(1024);
    const error = ((): unknown => {
      try {
        assertFits(spec, shape, 'gpu-webgpu', device);
      } catch (thrown) {
        return thrown;
      }
      return undefined;
    })();
    expect(error).toBeInstanceOf(GpuLimitError);
    const { message } = error as Error;
    expect(message).toMatch(/^--backend gpu-webgpu \(A GPU\): batches of 64 windows of 100 steps .* array of 157.3 MB.*134.2 MB/); // prettier-ignore
    const [, batch] = /--batch-size (\d+) fits/.exec(message)!;
    const fitting = Number(batch);
    expect(() => assertFits(spec, { ...shape, batchSize: fitting }, 'gpu-webgpu', device)).not.toThrow();
    expect(() => assertFits(spec, { ...shape, batchSize: fitting + 1 }, 'gpu-webgpu', device)).toThrow(GpuLimitError);
  });

  it('is refused when nothing fits, when the axes are too long, and when WebAssembly’s memory ends', () => {
    const tiny = { ...device, limits: { ...limits, arrayBytes: 1000 } };
    expect(() => assertFits(tutorialSpec(), shape, 'gpu', tiny)).toThrow(
      /Use --backend simd, or a shorter window, or fewer hidden units/,
    );
    const long = { ...device, limits: { ...limits, layers: 599 } };
    expect(() => assertFits(tutorialSpec(), shape, 'gpu', long)).toThrow(/x 600 invocations/);
    const wasm = { mode: 'webasm' as const, limits: { arrayBytes: 2 ** 32, columns: Infinity, layers: Infinity } };
    const wide = { batchSize: 512, steps: 100 };
    expect(() => assertFits(tutorialSpec(1024), wide, 'gpu-webasm', wasm)).toThrow(/WebAssembly's memory/);
    expect(() => assertFits(tutorialSpec(), shape, 'gpu-webasm', wasm)).not.toThrow();
  });

  it('shares a plan among fewer steps when the arguments grow, and takes one at a time without a GPU', () => {
    const dropping = { ...tutorialSpec(512), lstm: { layers: 2, hiddenSize: 512, dropout: 0.2 } };
    expect(planStepsFor(tutorialSpec(), shape, device)).toBe(8);
    const fewer = planStepsFor(dropping, shape, device);
    expect(fewer).toBeGreaterThan(1);
    expect(fewer).toBeLessThan(8);
    expect(countTrainingPlan(dropping, { ...shape, planSteps: fewer }).bytesUp).toBeLessThanOrEqual(2 ** 27);
    expect(planStepsFor(tutorialSpec(), shape, { ...device, mode: 'webasm' })).toBe(1);
  });
});

describe('an evaluation on a GPU', () => {
  const limits = { arrayBytes: 2 ** 27, columns: 65_535 * 8, layers: 65_535 };
  const gpu = { mode: 'webgpu' as const, software: false, limits };
  const costs = (spec: ModelSpec, steps: number, batches: number) =>
    countEvaluationPlan(spec, { batchSizes: Array<number>(batches).fill(64), steps });

  it('is one plan of up to 4,096 windows, and fewer where they take many launches or large arrays', () => {
    expect(planEvaluationsFor(tutorialSpec(), 25, gpu)).toBe(64);
    const large = { ...tutorialSpec(512), lstm: { layers: 2, hiddenSize: 512, dropout: 0 } };
    const several = planEvaluationsFor(large, 100, gpu);
    expect(several).toBeGreaterThan(8);
    expect(costs(large, 100, several).launches).toBeLessThanOrEqual(4096);
    const little = { ...gpu, limits: { ...limits, arrayBytes: 400_000 } };
    const fewer = planEvaluationsFor(tutorialSpec(), 25, little);
    expect(fewer).toBeGreaterThan(1);
    expect(costs(tutorialSpec(), 25, fewer).largestInput).toBeLessThanOrEqual(400_000);
    expect(costs(tutorialSpec(), 25, fewer + 1).largestInput).toBeGreaterThan(400_000);
  });

  it('is one plan for each batch where a processor computes, or plays the GPU', () => {
    expect(planEvaluationsFor(tutorialSpec(), 25, { ...gpu, mode: 'webasm' })).toBe(1);
    expect(planEvaluationsFor(tutorialSpec(), 25, { ...gpu, software: true })).toBe(1);
  });

  it('takes the weights up once, whatever the number of batches', () => {
    const [one, many] = [costs(tutorialSpec(), 25, 1), costs(tutorialSpec(), 25, 16)];
    expect(one.weightBytes).toBe(4 * (512 * 132 + 130 * 129));
    expect(many.weightBytes).toBe(one.weightBytes);
    expect(many.launches).toBe(16 * one.launches);
    expect(many.bytesUp).toBeLessThan(16 * one.bytesUp - 15 * one.weightBytes + 1);
    expect(many.intermediateBytes, 'places are used again').toBeLessThan(2 * one.intermediateBytes);
  });
});

describe('what a plan costs', () => {
  it('is 69 launches for a step of the tutorial, none of which binds more than 8 arrays', () => {
    const counts = countTrainingPlan(tutorialSpec(), { batchSize: 64, steps: 25, planSteps: 1 });
    expect(counts.launches).toBe(69);
    expect(counts.mostArrays).toBeLessThanOrEqual(8);
    const eight = countTrainingPlan(tutorialSpec(), { batchSize: 64, steps: 25, planSteps: 8 });
    expect(eight.launches).toBe(8 * 69);
    expect(eight.bytesDown, 'packs once, then losses and squares').toBe(4 * 3 * (512 * 132 + 130 * 129) + 8 * 4 * (3 + 32)); // prettier-ignore
    expect(eight.intermediateBytes, 'places are used again').toBeLessThan(2 * counts.intermediateBytes);
  });
});

describe('a model with parts that the plans of gpu.js do not know', () => {
  const options = {
    threads: 1,
    optimizer: ADAM_DEFAULTS,
    batchSize: 4,
    steps: 3,
    dropout: Random.stream(1, 'dropout'),
  };

  it.each([
    ['embedded inputs and chained heads', chainedSpec()],
    ['embedded inputs and dropout on inputs and chained heads', chainedSpec({ dropout: 0.1 })],
    ['chained heads', chainedSpec({ categories: [{ name: 'pitch', size: 6 }] })],
  ])('is refused in a sentence that names them and what can train it: %s', async (parts, spec) => {
    for (const backend of ['gpu-cpu', 'gpu']) {
      const asked = createEngine(spec, { ...options, backend });
      await expect(asked).rejects.toThrow(UsageError);
      await expect(asked).rejects.toThrow(`--backend ${backend}: the GPU engine cannot train a model with ${parts} yet; --backend simd can`); // prettier-ignore
    }
  });

  it('is trained elsewhere by auto, whatever is known of a GPU', async () => {
    const gpuKnowledge = { backend: 'gpu' as const, device: 'none', frontier: [{ batchSize: 1, hiddenSize: 1 }] };
    const engine = await createEngine(chainedSpec(), { ...options, threads: 'auto', backend: 'auto', gpuKnowledge });
    expect(engine.name).toMatch(/^(simd|reference)/);
    await engine.dispose();
  });
});
