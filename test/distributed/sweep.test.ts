import { describe, expect, it } from 'vitest';
import type { Coordinator, JobProgress, JobResult, TrainingJob } from '../../src/distributed/coordinator.ts';
import { planRuns, type SweepPlan, type SweepRun } from '../../src/distributed/plan-runs.ts';
import { bestLoss, type RunState } from '../../src/distributed/run-state.ts';
import { parseSpace } from '../../src/distributed/space.ts';
import { driveSweep, type SweepEvent, type SweepStore } from '../../src/distributed/sweep.ts';
import type { EpochRecord } from '../../src/nn/index.ts';

const PLAN: SweepPlan = {
  method: 'random',
  runs: 12,
  seed: 3,
  preset: 'quick',
  base: { epochs: 2 },
  space: parseSpace({ 'learning-rate': { from: 1e-4, to: 1e-1, log: true } }),
  music: 'digest',
};
const ASHA: SweepPlan = {
  ...PLAN,
  method: 'asha',
  runs: 16,
  base: {},
  halving: { leastSteps: 10, mostSteps: 160, reduction: 4 },
};

/** Trains nothing: an epoch is 10 steps, and the nearer the rate is to 0.01 the lower is the loss. */
class FakeMachines implements Coordinator, SweepStore {
  readonly states = new Map<string, RunState>();
  readonly jobs: TrainingJob[] = [];
  open = new Map<string, number | null>();
  /** What else a job does. */
  onJob: (job: TrainingJob) => void = () => undefined;
  readonly #atOnce: number;
  #working = 0;
  most = 0;

  constructor(atOnce: number) {
    this.#atOnce = atOnce;
  }

  folderOf({ id }: SweepRun): string {
    return id;
  }

  stateOf({ id }: SweepRun): RunState | undefined {
    return this.states.get(id);
  }

  promised(): ReadonlyMap<string, number | null> {
    return this.open;
  }

  atOnce(): Promise<number> {
    return Promise.resolve(this.#atOnce);
  }

  machines(): Promise<[]> {
    return Promise.resolve([]);
  }

  async train(
    job: TrainingJob,
    folder: string,
    { onProgress, signal }: { onProgress?: (progress: JobProgress) => void; signal?: AbortSignal },
  ): Promise<JobResult> {
    this.jobs.push(job);
    this.most = Math.max(this.most, ++this.#working);
    try {
      this.onJob(job);
      const before = this.states.get(folder) ?? { step: 0, history: [] };
      const end = Math.min(job.until ?? Infinity, job.settings.maxSteps ?? 20);
      const history = [...before.history];
      for (let step = before.step + 10; step <= end; step += 10) {
        await new Promise((resolve) => setImmediate(resolve));
        signal?.throwIfAborted();
        const loss = Math.abs(Math.log(job.settings.learningRate / 0.01)) + 10 / step;
        history.push({ epoch: step / 10, step, loss, losses: {}, validation: null } as unknown as EpochRecord);
        onProgress?.({ machine: 'm', step, history });
        this.states.set(folder, { step, history: [...history], ended: null });
      }
      const ended = job.until === end && end < (job.settings.maxSteps ?? 20) ? 'steps' : 'completed';
      this.states.set(folder, { step: end, history, ended: ended === 'steps' ? null : ended });
      return { machine: 'm', ended, step: end, history };
    } finally {
      this.#working--;
    }
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

function drive(plan: SweepPlan, machines: FakeMachines, signal = new AbortController().signal) {
  const events: SweepEvent[] = [];
  const runs = planRuns(plan);
  const onEvent = (event: SweepEvent): void => {
    events.push(event);
    const { id } = runs[event.run];
    if (event.event === 'job') machines.open.set(id, event.until);
    if (event.event === 'result' || event.event === 'failed') machines.open.delete(id);
  };
  return driveSweep({ plan, runs, store: machines, coordinator: machines, signal, onEvent }).then((complete) => ({ complete, events, runs })); // prettier-ignore
}

describe('planRuns', () => {
  it('gives the same run the same id, and another to other settings, music and presets', () => {
    const ids = planRuns(PLAN).map(({ id }) => id);
    expect(planRuns(PLAN).map(({ id }) => id)).toEqual(ids);
    expect(new Set(ids).size).toBe(12);
    for (const other of [{ music: 'other' }, { preset: 'tutorial' }, { base: { epochs: 3 } }]) {
      expect(planRuns({ ...PLAN, ...other }).filter(({ id }) => ids.includes(id))).toEqual([]);
    }
  });

  it('leaves the length of runs to the rungs of ASHA, with an epoch by the first', () => {
    const [{ settings }] = planRuns(ASHA);
    expect(settings).toMatchObject({ epochs: null, maxSteps: 160, stepsPerEpoch: 10 });
    expect(() => planRuns({ ...ASHA, space: parseSpace({ epochs: [1, 2] }) })).toThrow(/--epochs: with --method asha/);
  });

  it('names a run that makes no sense', () => {
    const space = parseSpace({ epochs: ['none'], layers: [1, 2] });
    expect(() => planRuns({ ...PLAN, method: 'grid', space })).toThrow(
      /a run of --layers 1 --epochs none makes no sense/,
    );
  });
});

describe('driveSweep', () => {
  it('has each run trained once, so many at a time', async () => {
    const machines = new FakeMachines(3);
    const { complete, runs } = await drive(PLAN, machines);
    expect(complete).toBe(true);
    expect(machines.jobs.map(({ run }) => run).sort()).toEqual(runs.map(({ id }) => id).sort());
    expect(machines.most).toBe(3);
    const again = await drive(PLAN, machines);
    expect(again.events).toEqual([]);
  });

  it('stops when asked, and goes on without doing anything twice', async () => {
    const machines = new FakeMachines(2);
    const stop = new AbortController();
    machines.onJob = () => {
      if (machines.jobs.length === 5) stop.abort();
    };
    expect((await drive(PLAN, machines, stop.signal)).complete).toBe(false);
    const done = [...machines.states].filter(([, { ended }]) => ended !== null).map(([id]) => id);
    const before = machines.jobs.length;
    expect((await drive(PLAN, machines)).complete).toBe(true);
    expect(machines.jobs.slice(before).filter(({ run }) => done.includes(run))).toEqual([]);
    expect([...machines.states.values()].every(({ ended }) => ended === 'completed')).toBe(true);
    expect(machines.states.size).toBe(12);
  });

  it('goes on without a run that fails, and tries it again the next time', async () => {
    const machines = new FakeMachines(2);
    const [, bad] = planRuns(PLAN);
    machines.onJob = ({ run }) => {
      if (run === bad.id) throw new Error('no memory');
    };
    const { complete, events } = await drive(PLAN, machines);
    expect(complete).toBe(true);
    expect(events.filter(({ event }) => event === 'failed')).toEqual([{ event: 'failed', run: 1, until: null, why: 'no memory' }]); // prettier-ignore
    expect(machines.states.size).toBe(11);
    machines.onJob = () => undefined;
    expect((await drive(PLAN, machines)).events.filter(({ event }) => event === 'result')).toHaveLength(1);
  });

  it('ends with what its listener throws, and stops what is training', async () => {
    const machines = new FakeMachines(2);
    const runs = planRuns(PLAN);
    const onEvent = ({ event }: SweepEvent): void => {
      if (event === 'result') throw new Error('disk full');
    };
    const signal = new AbortController().signal;
    const driven = driveSweep({ plan: PLAN, runs, store: machines, coordinator: machines, signal, onEvent });
    await expect(driven).rejects.toThrow('disk full');
    expect(machines.jobs.length).toBeLessThanOrEqual(4);
  });

  it.each([1, 5])('halves: the best that is there goes on to the last rung, with %i at once', async (atOnce) => {
    const machines = new FakeMachines(atOnce);
    const { runs, complete } = await drive(ASHA, machines);
    expect(complete).toBe(true);
    const nearest = runs.toSorted((a, b) => distance(a) - distance(b))[0];
    const best = [...machines.states].sort(([, a], [, b]) => bestLoss(a.history)! - bestLoss(b.history)!)[0];
    expect(best).toEqual([nearest.id, expect.objectContaining({ step: 160, ended: 'completed' })]);
    // Every run has begun; each job goes on from the rung below.
    expect(machines.states.size).toBe(16);
    expect(machines.jobs.filter(({ run }) => run === nearest.id).map(({ until }) => until)).toEqual([10, 40, 160]);
    const steps = [...machines.states.values()].reduce((sum, { step }) => sum + step, 0);
    expect(steps).toBeLessThan((16 * 160) / 2);
  });

  it('halves to the same end when it was stopped, one after another', async () => {
    const whole = new FakeMachines(1);
    await drive(ASHA, whole);
    for (const at of [1, 4, 7, 12, 16, 20]) {
      const machines = new FakeMachines(1);
      const stop = new AbortController();
      machines.onJob = () => {
        if (machines.jobs.length === at) stop.abort();
      };
      expect((await drive(ASHA, machines, stop.signal)).complete).toBe(false);
      await drive(ASHA, machines);
      expect(machines.states).toEqual(whole.states);
    }
  });
});

function distance({ settings }: SweepRun): number {
  return Math.abs(Math.log(settings.learningRate / 0.01));
}
