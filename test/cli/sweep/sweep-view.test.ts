import { describe, expect, it } from 'vitest';
import { SweepProgress } from '../../../src/cli/sweep/progress-of-sweep.ts';
import { sweepTable, sweepView } from '../../../src/cli/sweep/sweep-view.ts';
import { Terminal } from '../../../src/cli/terminal.ts';
import { planRuns, type SweepPlan } from '../../../src/distributed/plan-runs.ts';
import { parseSpace } from '../../../src/distributed/space.ts';
import type { SweepEvent } from '../../../src/distributed/sweep.ts';
import type { EpochRecord } from '../../../src/nn/index.ts';
import { testIo } from '../run-etude.ts';

const PLAN: SweepPlan = {
  method: 'asha',
  runs: 20,
  seed: 1,
  preset: 'quick',
  base: {},
  space: parseSpace({ 'hidden-size': { from: 8, to: 80 } }),
  music: 'digest',
  halving: { leastSteps: 10, mostSteps: 40, reduction: 4 },
};
const runs = planRuns(PLAN);
const history = (...losses: number[]): EpochRecord[] =>
  losses.map((loss, k) => ({ epoch: k + 1, step: 10 * (k + 1), loss, losses: {}, validation: null }) as unknown as EpochRecord); // prettier-ignore
const progressed = (run: number, ...losses: number[]): SweepEvent => ({
  event: 'progress',
  run,
  progress: { machine: 'process 1', step: 10 * losses.length, history: history(...losses) },
});
const ended = (run: number, how: string, ...losses: number[]): SweepEvent => ({
  event: 'result',
  run,
  until: 10,
  result: { machine: 'process 1', ended: how, step: 10 * losses.length, history: history(...losses) },
});

describe('the table of a sweep', () => {
  it('has the best first, losses by rung, and who trains', () => {
    let now = 0;
    const progress = new SweepProgress(PLAN, runs, [{ step: 10, history: history(5), ended: null }], () => now);
    expect(progress.secondsLeft).toBeUndefined();
    now = 4000;
    progress.take({ event: 'job', run: 1, until: 10 });
    progress.take(progressed(1, 4));
    progress.take(ended(2, 'completed', 6, 3, 3.5, 3.2));
    progress.take({ event: 'failed', run: 3, until: 10, why: 'no memory' });
    const lines = sweepTable(progress).split('\n');
    // 50 steps in 4 seconds, of 200 + 5 × 30 there are 290 left.
    expect(lines[0]).toBe('1 of 20 runs ended, 1 training, 1 failed; 4s, about 23s left');
    expect(lines.slice(1).map((line) => line.split(/ {2,}/))).toEqual([
      ['Run', 'Now', 'Step', 'Loss', 'at 10', 'at 40', 'Settings'],
      [runs[2].id, 'completed', '40', '3.00', '6.00', '3.00', `--hidden-size ${runs[2].settings.hiddenSize}`],
      [runs[1].id, 'process 1', '10', '4.00', '4.00', `--hidden-size ${runs[1].settings.hiddenSize}`],
      [runs[0].id, 'paused', '10', '5.00', '5.00', `--hidden-size ${runs[0].settings.hiddenSize}`],
      [runs[3].id, 'failed', '0', '–', `--hidden-size ${runs[3].settings.hiddenSize}`],
      ['and 16 more runs'],
    ]);
  });

  it('shows who trains, however many are better', () => {
    const progress = new SweepProgress(PLAN, runs, []);
    for (let run = 0; run < 18; run++) progress.take(ended(run, 'steps', 1 + run / 100));
    const far = progressed(19, 9) as SweepEvent & { event: 'progress' };
    progress.take({ ...far, progress: { ...far.progress, machine: 'cellar' } });
    progress.machines = 3;
    const table = sweepTable(progress);
    expect(table).toMatch(new RegExp(`${runs[19].id}  cellar`));
    expect(table).toMatch(/^0 of 20 runs ended, 1 training on 3 machines; /);
  });
});

describe('what is shown of a sweep', () => {
  const events = [{ event: 'job', run: 0, until: 10 }, progressed(0, 5), ended(0, 'steps', 5), { event: 'failed', run: 1, until: 10, why: 'no memory' }] as SweepEvent[]; // prettier-ignore
  const shown = (io: ReturnType<typeof testIo>, options: { json?: boolean; quiet?: boolean }): string[] => {
    const progress = new SweepProgress(PLAN, runs, []);
    const view = sweepView(progress, new Terminal(io.io, options));
    for (const event of events) {
      progress.take(event);
      view.show(event);
    }
    view.stop();
    return [io.stdout.text, io.stderr.text];
  };

  it('is a line for each end where nothing can be drawn again', () => {
    const [out, err] = shown(testIo(), {});
    expect(out).toBe('');
    expect(err).toBe(`${runs[0].id}  loss 5.00  paused at step 10  --hidden-size ${runs[0].settings.hiddenSize}\n${runs[1].id}  failed: no memory\n`); // prettier-ignore
  });

  it('is nothing with --quiet, and an object for each event with --json', () => {
    expect(shown(testIo(), { quiet: true })).toEqual(['', '']);
    const [out, err] = shown(testIo(), { json: true });
    expect(err).toBe('');
    const { id } = runs[0];
    expect(out.trim().split('\n').map((line) => JSON.parse(line) as unknown)).toEqual([
      { event: 'job', run: id, until: 10 },
      { event: 'epoch', run: id, machine: 'process 1', step: 10, epoch: 1, loss: 5 },
      { event: 'result', run: id, machine: 'process 1', ended: 'steps', step: 10, loss: 5 },
      { event: 'failed', run: runs[1].id, until: 10, why: 'no memory' },
    ]); // prettier-ignore
  });

  it('says what failed on a terminal, and leaves no half table', () => {
    const [, err] = shown(testIo({ isTTY: true, columns: 60 }), {});
    expect(err).toContain(`${runs[1].id} failed: no memory`);
  });
});
