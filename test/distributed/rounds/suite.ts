import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { differenceBytes } from '../../../src/distributed/rounds/difference.ts';
import { InProcessMachines } from '../../../src/distributed/rounds/in-process.ts';
import type { Contribution, Machines, RoundOutcome, RoundTask } from '../../../src/distributed/rounds/machines.ts';
import type { RoundSettings } from '../../../src/distributed/rounds/settings.ts';
import { loadCorpus, type Corpus } from '../../../src/midi/node.ts';
import {
  leastNotes,
  prepareData,
  resolveSettings,
  type PreparedData,
  type Settings,
} from '../../../src/music/index.ts';
import { LocalEngine, NonFiniteError } from '../../../src/nn/index.ts';
import { optimizerFor } from '../../../src/music/model-spec.ts';
import { createKernels, Random } from '../../../src/tensor/index.ts';
import { folderWithMusic } from '../../cli/tiny-music.ts';

/** A run that machines are to train. */
export interface TinyRun {
  preset: string;
  settings: Settings;
  /** The music, and the paths that it was read from. */
  corpus: Corpus;
  sources: readonly string[];
  data: PreparedData;
  /** The weights that it begins with. */
  weights: Float32Array;
}

/** Opens the machines of a run; the suite closes them. */
export type OpenMachines = (run: TinyRun, rounds: RoundSettings) => Promise<Machines>;

/** A run as small as can be, with dropout and windows that are varied, so that everything random is in it. */
export async function tinyRun(change: Partial<Settings> = {}): Promise<TinyRun> {
  const base = mkdtempSync(join(tmpdir(), 'etude-rounds-'));
  const { music } = folderWithMusic({ notes: 40, base });
  const settings = resolveSettings('quick', {
    ...{ hiddenSize: 8, seqLength: 6, batchSize: 8, bins: 6, epochs: 6, stepsPerEpoch: null, dropout: 0.2, transpose: 3 },
    ...change,
  }); // prettier-ignore
  const corpus = await loadCorpus([music], { minNotes: leastNotes(settings) });
  rmSync(base, { recursive: true });
  const data = prepareData(corpus, settings);
  const engine = new LocalEngine(data.spec, {
    kernels: createKernels('reference'),
    optimizer: optimizerFor(settings),
    steps: settings.seqLength,
    init: Random.stream(settings.seed, 'init'),
    dropout: Random.stream(settings.seed, 'dropout'),
  });
  const weights = engine.parameters.toFlat();
  await engine.dispose();
  return { preset: 'quick', settings, corpus, sources: [music], data, weights };
}

export const roundSettings = (change: Partial<RoundSettings> = {}): RoundSettings => ({
  ...{ machines: 3, innerSteps: 2, outerLearningRate: 0.7, outerMomentum: 0.9, differences: 'float32' },
  ...change,
}); // prettier-ignore

/** Some rounds from the beginning of a run on; each begins where the mean of the machines was after the one before. */
export async function computeRounds(
  machines: Machines,
  { settings, weights }: TinyRun,
  { steps = [6, 6, 6], from = 1 }: { steps?: readonly number[]; from?: number } = {},
): Promise<RoundOutcome[]> {
  const outcomes: RoundOutcome[] = [];
  let [task, step] = [weights, 0];
  for (const [index, length] of steps.entries()) {
    const outcome = await machines.compute(taskOf(settings, { round: from + index, step, weights: task, length }));
    outcomes.push(outcome);
    step += length;
    const { contributions } = outcome;
    task = task.map((weight, i) => contributions.reduce((sum, { difference }) => sum - difference[i], weight));
  }
  return outcomes;
}

/** A round, of which an epoch has two. */
export function taskOf(
  settings: Settings,
  {
    round = 1,
    step = 0,
    weights,
    length = 6,
  }: { round?: number; step?: number; weights: Float32Array; length?: number },
): RoundTask {
  const [epoch, batch] = [Math.floor(step / (2 * length)), step % (2 * length)];
  const shuffle = Random.stream(settings.seed + epoch, 'shuffle').state();
  const learningRates = Array.from({ length }, (_, index) => 0.01 / (1 + step + index));
  return { round, step, epoch, shuffle, batch, learningRates, weights };
}

/** What must be the same wherever the machines are. */
export function essence({ contributions }: RoundOutcome): readonly Contribution[] {
  return contributions;
}

/**
 * What is asked of machines, wherever they are: to be called in a test file.
 * @param timeout of a test, in milliseconds
 */
export function machinesSuite(name: string, open: OpenMachines, timeout = 5000): void {
  describe(`the machines of a run, ${name},`, { timeout }, () => {
    let run: TinyRun;

    beforeAll(async () => {
      run = await tinyRun();
    });

    async function opened(change: Partial<RoundSettings> = {}, of = run): Promise<Machines> {
      const machines = await open(of, roundSettings(change));
      onTestFinished(() => machines.close());
      return machines;
    }

    /** What the same machines find in this process. */
    async function expected(change: Partial<RoundSettings> = {}, of = run): Promise<InProcessMachines> {
      const machines = await InProcessMachines.open(of.data, of.settings, roundSettings(change));
      onTestFinished(() => machines.close());
      return machines;
    }

    it('each take their batches, and all of them are counted', async () => {
      const machines = await opened();
      expect(machines.count).toBe(3);
      const outcome = await machines.compute(taskOf(run.settings, { weights: run.weights, length: 5 }));
      expect(outcome.contributions.map(({ machine, steps }) => [machine, steps.length])).toEqual([[0, 2], [1, 2], [2, 1]]); // prettier-ignore
      expect(new Set(outcome.names).size).toBe(3);
      expect(outcome.late).toBe(0);
      expect(outcome.waitedSeconds).toBeGreaterThanOrEqual(0);
      // Some of it can be deflated.
      expect(outcome.sentBytes).toBeGreaterThan(4 * run.weights.length * 0.1);
      expect(outcome.receivedBytes).toBeGreaterThan(3 * differenceBytes(run.weights.length, 'float32') * 0.1);
      for (const { difference, steps, beganAnew } of outcome.contributions) {
        expect(difference).toHaveLength(run.weights.length);
        expect(difference.some((number) => number !== 0)).toBe(true);
        expect(steps.every(({ loss }) => loss > 0)).toBe(true);
        expect(beganAnew).toBe(true);
      }
      const [one, two] = outcome.contributions;
      expect(two.difference).not.toEqual(one.difference);
    });

    for (const change of [{}, { differences: 'float16' }, { innerSteps: 1 }, { machines: 1, innerSteps: 5 }] as const) {
      it(`find the same as in one process, to the bit: ${JSON.stringify(change)}`, async () => {
        const length = roundSettings(change).machines * roundSettings(change).innerSteps;
        const steps = { steps: [length, length, length] };
        const outcomes = await computeRounds(await opened(change), run, steps);
        const here = await computeRounds(await expected(change), run, steps);
        expect(outcomes.map(essence)).toEqual(here.map(essence));
        const again = await computeRounds(await opened(change), run, steps);
        expect(again.map(essence)).toEqual(here.map(essence));
      });
    }

    it('find something else with another seed', async () => {
      const { settings } = run;
      const other = { ...run, settings: { ...settings, seed: settings.seed + 1 } };
      const one = await computeRounds(await opened(), run, { steps: [6] });
      const two = await (await opened({}, other)).compute(taskOf(settings, { weights: run.weights }));
      expect(two.contributions[0].difference).not.toEqual(one[0].contributions[0].difference);
    });

    it('keep their optimizers from round to round, and begin anew where the run goes on from before', async () => {
      const machines = await opened();
      const outcomes = await computeRounds(machines, run);
      const anew = outcomes.map(({ contributions }) => contributions.map(({ beganAnew }) => beganAnew));
      expect(anew).toEqual([[true, true, true], [false, false, false], [false, false, false]]); // prettier-ignore
      const back = await machines.compute(taskOf(run.settings, { weights: run.weights }));
      expect(essence(back)).toEqual(essence(outcomes[0]));
    });

    it('give the same when they are asked the same again, and go on from there', async () => {
      const machines = await opened();
      const task = taskOf(run.settings, { weights: run.weights });
      const first = await machines.compute(task);
      expect(essence(await machines.compute(structuredClone(task)))).toEqual(essence(first));
      const next = taskOf(run.settings, { round: 2, step: 6, weights: run.weights });
      const alone = await expected();
      await alone.compute(task);
      expect(essence(await machines.compute(next))).toEqual(essence(await alone.compute(next)));
    });

    it('stop when they are told to, and are as they were', async () => {
      const machines = await opened();
      const [first] = await computeRounds(machines, run, { steps: [6] });
      const reason = new Error('enough');
      const next = taskOf(run.settings, { round: 2, step: 6, weights: run.weights });
      await expect(machines.compute(next, AbortSignal.abort(reason))).rejects.toBe(reason);
      const controller = new AbortController();
      const stopped = machines.compute(next, controller.signal);
      controller.abort(reason);
      await expect(stopped).rejects.toBe(reason);
      const alone = await expected();
      expect(essence((await computeRounds(alone, run, { steps: [6] }))[0])).toEqual(essence(first));
      expect(essence(await machines.compute(next))).toEqual(essence(await alone.compute(next)));
    });

    it('say where a training has gone beyond all numbers', async () => {
      const machines = await opened();
      const weights = run.weights.map(() => 3e38);
      await expect(machines.compute(taskOf(run.settings, { weights }))).rejects.toThrow(NonFiniteError);
    });
  });
}
