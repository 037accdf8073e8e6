import { describe, expect, it } from 'vitest';
import { InProcessMachines } from '../../../src/distributed/rounds/in-process.ts';
import type { Machines, RoundOutcome, RoundTask } from '../../../src/distributed/rounds/machines.ts';
import { openRoundsEngine } from '../../../src/distributed/rounds/open.ts';
import type { RoundReport } from '../../../src/distributed/rounds/rounds-engine.ts';
import { parseRoundSettings, ROUND_DEFAULTS, type RoundSettings } from '../../../src/distributed/rounds/settings.ts';
import { optimizerFor } from '../../../src/music/model-spec.ts';
import {
  decodeCheckpoint,
  DivergedError,
  parameterSpecs,
  StreamDataset,
  Trainer,
  type ModelSpec,
  type NamedArrays,
} from '../../../src/nn/index.ts';
import { Random } from '../../../src/tensor/index.ts';
import { TOY_CONFIG, TOY_SPEC, TOY_STEPS, toyData, toyEngine, toySequence } from '../../support/toy-model.ts';
import { train, type ToyOptions } from '../../support/toy-training.ts';
import { roundSettings } from './suite.ts';

/** What is random of dropout belongs to the machines: without it they can be compared with one. */
const NO_DROPOUT: ModelSpec = { ...TOY_SPEC, lstm: { ...TOY_SPEC.lstm, dropout: 0 } };
const ADAM = { optimizer: 'adam', momentum: 0, weightDecay: 0, freeze: null, clip: 1, clipValue: null } as const;
const SETTINGS = { ...TOY_CONFIG, ...ADAM, seqLength: TOY_STEPS };
type RoundsToy = Omit<typeof SETTINGS, 'freeze'> & { freeze: string | null };

function toyMachines(
  rounds: RoundSettings,
  spec = TOY_SPEC,
  change: Partial<RoundsToy> = {},
): Promise<InProcessMachines> {
  return InProcessMachines.open({ spec, train: toyData(spec).train }, { ...SETTINGS, ...change }, rounds, 'reference');
}

interface ToyRounds extends ToyOptions {
  rounds: RoundSettings;
  spec?: ModelSpec;
  machines?: Machines;
  change?: Partial<RoundsToy>;
}

/** Trains the toy model in rounds; machines that are given stay as they are afterwards. */
async function trainRounds({ rounds, spec = TOY_SPEC, machines, change = {}, ...options }: ToyRounds) {
  const reports: RoundReport[] = [];
  const engine = await openRoundsEngine(
    spec,
    {
      ...{ backend: 'reference', threads: 1, batchSize: TOY_CONFIG.batchSize, steps: TOY_STEPS },
      optimizer: optimizerFor({ ...SETTINGS, ...change }),
      init: Random.stream(7, 'init'),
      dropout: Random.stream(7, 'dropout'),
    },
    {
      machines: machines ?? (await toyMachines(rounds, spec, change)),
      rounds,
      onRound: (report) => reports.push(report),
    },
  );
  return { ...(await train(change, { ...options, engine, spec })), reports };
}

/** Machines whose rounds are written down, and changed before they are used. */
function watched(
  machines: Machines,
  change: (outcome: RoundOutcome, task: RoundTask) => RoundOutcome = (outcome) => outcome,
) {
  const rounds: { task: RoundTask; outcome: RoundOutcome }[] = [];
  const watching: Machines = {
    count: machines.count,
    compute: async (task, signal) => {
      const outcome = change(await machines.compute(task, signal), task);
      rounds.push({ task, outcome });
      return outcome;
    },
    close: () => machines.close(),
  };
  return { machines: watching, rounds };
}

const flat = (arrays: NamedArrays): number[] => Object.keys(arrays).sort().flatMap((name) => [...arrays[name]]); // prettier-ignore

const farthest = (a: readonly number[], b: readonly number[]): number => a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i])), 0); // prettier-ignore

describe('an engine of rounds', () => {
  it.each([1, 2])('leaves frozen parameters as they are, with %d inner steps', async (innerSteps) => {
    const begun = await (await toyEngine()).readParameters();
    const change = { freeze: 'lstm.0,heads.gap', maxSteps: 8 };
    const { engine } = await trainRounds({ rounds: roundSettings({ machines: 2, innerSteps }), change });
    for (const [name, weights] of Object.entries(await engine.readParameters())) {
      if (name.startsWith('lstm.0.') || name.startsWith('heads.gap.')) expect(weights, name).toEqual(begun[name]);
      else expect(weights, name).not.toEqual(begun[name]);
    }
  });
});

describe('an engine of rounds', () => {
  it('carries no states over windows', async () => {
    const spec: ModelSpec = { ...TOY_SPEC, evaluateOn: 'all' };
    const rounds = roundSettings({ machines: 1, innerSteps: 1 });
    const { engine } = await trainRounds({ rounds, spec, change: { maxSteps: 1 } });
    const train = new StreamDataset(spec, [toySequence(20), toySequence(9)], TOY_STEPS);
    expect(() => new Trainer(engine, { train }, TOY_CONFIG)).toThrow(/--carry-state: the engine reference does not carry states .* on one machine/);
  }); // prettier-ignore
});

describe('an engine of rounds with one inner step', () => {
  it('is with one machine the ordinary training, byte for byte', async () => {
    const alone = await train({}, { engine: await toyEngine(NO_DROPOUT), spec: NO_DROPOUT });
    const rounds = await trainRounds({ rounds: roundSettings({ machines: 1, innerSteps: 1 }), spec: NO_DROPOUT });
    expect(rounds.last).toEqual(alone.last);
    expect(rounds.best).toEqual(alone.best);
    expect(rounds.result).toEqual(alone.result);
  });

  it('neither accumulates batches nor averages weights', async () => {
    const rounds = roundSettings({ machines: 1, innerSteps: 1 });
    await expect(trainRounds({ rounds, change: { accumulate: 2 } })).rejects.toThrow(
      /--accumulate: the engine .* does not hand/,
    );
    await expect(trainRounds({ rounds, change: { ema: 0.9 } })).rejects.toThrow(/--ema: machines that train in rounds/);
  });

  it('is with n machines the training with a batch that is n times as large, to rounding', async () => {
    const large = await train(
      { batchSize: 12, maxSteps: 9 },
      { engine: await toyEngine(NO_DROPOUT), spec: NO_DROPOUT },
    );
    const small = await trainRounds({ rounds: roundSettings({ innerSteps: 1 }), spec: NO_DROPOUT, change: { batchSize: 4, maxSteps: 27 } }); // prettier-ignore
    const [one, other] = [flat(await large.engine.readParameters()), flat(await small.engine.readParameters())];
    expect(farthest(one, other)).toBeLessThan(1e-5);
    const begun = flat(await (await toyEngine(NO_DROPOUT)).readParameters());
    expect(farthest(one, begun)).toBeGreaterThan(0.05);
    const { sums } = decodeCheckpoint(large.last).training!.trainer;
    expect(small.reports.map(({ machines }) => machines.length)).toEqual(Array(9).fill(3));
    expect(sums.loss).toBe(0);
  });

  it('goes on after an interruption to the same bytes, since its machines remember nothing', async () => {
    const rounds = roundSettings({ machines: 2, innerSteps: 1 });
    const whole = await trainRounds({ rounds });
    const part = await trainRounds({ rounds, change: { maxSteps: 6 } });
    const rest = await trainRounds({ rounds, from: part.last });
    expect(rest.last).toEqual(whole.last);
    expect(rest.reports.every(({ beganAnew }) => beganAnew.length === 0)).toBe(true);
    expect(rest.reports[0].round).toBe(4);
  });
});

describe('an engine of rounds with several inner steps', () => {
  it('lowers the loss, and gives the same bytes again', async () => {
    const rounds = roundSettings();
    const [one, two] = [
      await trainRounds({ rounds, change: { epochs: 40 } }),
      await trainRounds({ rounds, change: { epochs: 40 } }),
    ];
    const [first, last] = [one.result.history[0], one.result.history.at(-1)!];
    expect(last.validation!.loss).toBeLessThan(first.validation!.loss * 0.8);
    expect(two.last).toEqual(one.last);
    expect(one.result.step).toBe(200);
    expect(one.reports.map(({ round }) => round)).toEqual(one.reports.map((_, index) => index + 1));
    expect(one.reports.at(-1)!.step).toBe(200);
  });

  it('is with one machine and an outer step of 1 the ordinary training, to rounding', async () => {
    const alone = await train({}, { engine: await toyEngine(NO_DROPOUT), spec: NO_DROPOUT });
    // An epoch of five batches is a round.
    const rounds = roundSettings({ machines: 1, innerSteps: 5, outerLearningRate: 1, outerMomentum: 0 });
    const { engine, result } = await trainRounds({ rounds, spec: NO_DROPOUT });
    expect(farthest(flat(await alone.engine.readParameters()), flat(await engine.readParameters()))).toBeLessThan(1e-5);
    expect(result.history.map(({ step }) => step)).toEqual(alone.result.history.map(({ step }) => step));
  });

  it('takes the outer step that the paper writes down', async () => {
    const rounds = roundSettings({ outerLearningRate: 0.6, outerMomentum: 0.8 });
    const { machines, rounds: seen } = watched(await toyMachines(rounds));
    const { engine } = await trainRounds({ rounds, machines, change: { epochs: 40, maxSteps: 30 } });
    // In float64: the velocity is what it was, times the momentum, and the mean difference; Nesterov looks ahead by one.
    const velocity = new Float64Array(seen[0].task.weights.length);
    const parts = seen.map(({ task, outcome }, index) => {
      const next = seen.at(index + 1)?.task.weights;
      const expected = Array.from(task.weights, (weight, i) => {
        const mean = outcome.contributions.reduce((sum, { difference }) => sum + difference[i] / 3, 0);
        velocity[i] = 0.8 * velocity[i] + mean;
        return weight - 0.6 * (mean + 0.8 * velocity[i]);
      });
      return next && farthest(expected, [...next]);
    });
    const compared = parts.filter((part) => part !== undefined);
    expect(compared.length).toBeGreaterThanOrEqual(3);
    expect(Math.max(...compared)).toBeLessThan(1e-6);
    const { optimizer, step } = await engine.readState();
    expect(step).toBe(seen.length);
    expect(Object.keys(optimizer)).toEqual(['sgd.velocity']);
    const kept = parameterSpecs(TOY_SPEC).flatMap(({ name }) => [...optimizer['sgd.velocity']![name]]);
    expect(farthest(kept, [...velocity])).toBeLessThan(1e-6);
  });

  it('goes on after an interruption to the same bytes where the machines are the same, wherever its coordinator died', async () => {
    const rounds = roundSettings();
    const whole = await trainRounds({ rounds });
    for (const [saved, died] of [
      [6, 6],
      [6, 12],
    ]) {
      // prettier-ignore
      const machines = await toyMachines(rounds);
      const part = await trainRounds({ rounds, machines, change: { maxSteps: saved } });
      // The rounds from there on are computed, and lost with the coordinator.
      if (died > saved) await trainRounds({ rounds, machines, from: part.last, change: { maxSteps: died } });
      const rest = await trainRounds({ rounds, machines, from: part.last });
      expect(rest.last, `saved after ${saved} steps, died after ${died}`).toEqual(whole.last);
      expect(rest.reports.every(({ beganAnew }) => beganAnew.length === 0)).toBe(true);
    }
  });

  it('says so where the machines begin anew, and goes on all the same', async () => {
    const rounds = roundSettings();
    const [whole, part] = [await trainRounds({ rounds }), await trainRounds({ rounds, change: { maxSteps: 12 } })];
    const rest = await trainRounds({ rounds, from: part.last });
    expect(rest.reports[0]).toMatchObject({ round: 3, beganAnew: [0, 1, 2] });
    expect(rest.reports[1].beganAnew).toEqual([]);
    expect(rest.result.step).toBe(whole.result.step);
    expect(rest.last).not.toEqual(whole.last);
  });

  it('takes the mean of those that came in time', async () => {
    const rounds = roundSettings({ outerLearningRate: 1, outerMomentum: 0 });
    const { machines, rounds: seen } = watched(await toyMachines(rounds), (outcome, { round }) =>
      round === 1
        ? { ...outcome, contributions: outcome.contributions.filter(({ machine }) => machine !== 1) }
        : outcome,
    );
    const { result, reports } = await trainRounds({ rounds, machines, change: { maxSteps: 12 } });
    const [first, second] = seen;
    const [a, c] = first.outcome.contributions;
    const expected = first.task.weights.map(
      (weight, i) => weight - Math.fround(Math.fround(a.difference[i] + c.difference[i]) / 2),
    );
    expect(second.task.weights).toEqual(expected);
    expect(reports.map((report) => report.machines)).toEqual([[0, 2], [0, 1, 2]]); // prettier-ignore
    expect(result.step).toBe(12);
    // What the third machine found stands for the second too.
    const losses = [0, 1].flatMap((inner) => [a, c, c].map(({ steps }) => steps[inner].loss));
    expect(reports[0].loss).toBeCloseTo(losses.reduce((sum, loss) => sum + loss) / 6, 10);
  });

  it('loses little with half precision', async () => {
    const [exact, half] = await Promise.all(
      (['float32', 'float16'] as const).map((differences) => trainRounds({ rounds: roundSettings({ differences }) })),
    );
    const [one, other] = [flat(await exact.engine.readParameters()), flat(await half.engine.readParameters())];
    expect(farthest(one, other)).toBeGreaterThan(0);
    expect(farthest(one, other)).toBeLessThan(0.01);
    expect(half.reports[0].receivedBytes).toBeLessThan(0.55 * exact.reports[0].receivedBytes);
  });

  it('ends with a shorter round, of fewer machines if need be', async () => {
    const { result, reports } = await trainRounds({
      rounds: roundSettings({ innerSteps: 20 }),
      change: { maxSteps: 2 },
    });
    expect(result.step).toBe(2);
    expect(reports).toHaveLength(1);
    expect(reports[0].machines).toEqual([0, 1, 2]);
  });

  it('does not go on from a round of which no batch was learned', async () => {
    const rounds = roundSettings({ innerSteps: 20 });
    const { machines } = watched(await toyMachines(rounds), (outcome) => ({
      ...outcome,
      contributions: outcome.contributions.filter(({ machine }) => machine === 2),
    }));
    const failing = trainRounds({ rounds, machines, change: { maxSteps: 2 } });
    await expect(failing).rejects.toThrow(/Round 1: none of the machines that had a batch/);
  });

  it('is interrupted in the middle of a round, and has the state before it', async () => {
    const rounds = roundSettings({ innerSteps: 20 });
    const controller = new AbortController();
    const machines = await toyMachines(rounds);
    const { machines: slow } = watched(machines, (outcome, { round }) => {
      if (round === 1) setTimeout(() => { controller.abort(); }, 20); // prettier-ignore
      return outcome;
    });
    const change = { epochs: 600 };
    const part = await trainRounds({ rounds, machines: slow, change, signal: controller.signal });
    expect(part.result.reason).toBe('interrupted');
    expect(part.result.step % 60).toBe(0);
    const { step } = part.result;
    const more = { epochs: 600, maxSteps: step + 120 };
    const rest = await trainRounds({ rounds, machines, change: more, from: part.last });
    const whole = await trainRounds({ rounds, change: more });
    expect(rest.last).toEqual(whole.last);
  });

  it('diverges as any training, with the state before the round saved', async () => {
    const rounds = roundSettings({ outerLearningRate: 10, outerMomentum: 0.9 });
    const files: Uint8Array[] = [];
    const failing = trainRounds({
      rounds,
      change: { epochs: 500, learningRate: 100 },
      callbacks: { onEpoch: () => void files.push() },
    });
    await expect(failing).rejects.toThrow(DivergedError);
  });

  it('trains no single batch', async () => {
    const { engine } = await trainRounds({ rounds: roundSettings(), change: { maxSteps: 1 } });
    await expect(engine.trainStep(toyData().train.createBatch(1, 'all'), 0.1)).rejects.toThrow(/in rounds/);
  });
});

describe('the settings of rounds', () => {
  it('are read from JSON', () => {
    const settings = { machines: 3, ...ROUND_DEFAULTS };
    expect(parseRoundSettings(JSON.parse(JSON.stringify({ ...settings, more: 1 })))).toEqual(settings);
  });

  it('are refused by name', () => {
    const wrong: [change: object, message: RegExp][] = [
      [{ machines: 0 }, /machines: expected a whole number from 1 to 1,024, got 0/],
      [{ machines: 2.5 }, /machines/],
      [{ innerSteps: '5' }, /innerSteps: .* got "5"/],
      [{ outerLearningRate: 0 }, /outerLearningRate: expected a number above 0/],
      [{ outerMomentum: 1 }, /outerMomentum/],
      [{ differences: 'float8' }, /differences: expected float32 or float16, got "float8"/],
      [{ outerMomentum: undefined }, /outerMomentum: .* got nothing/],
    ];
    for (const [change, message] of wrong) {
      expect(() => parseRoundSettings({ machines: 3, ...ROUND_DEFAULTS, ...change })).toThrow(message);
    }
    expect(() => parseRoundSettings(null)).toThrow(/an object/);
  });
});
