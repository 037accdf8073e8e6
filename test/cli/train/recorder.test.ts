import { setImmediate } from 'node:timers/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { LogFile } from '../../../src/cli/log-file.ts';
import { createRunFolder } from '../../../src/cli/run-folder.ts';
import { Terminal } from '../../../src/cli/terminal.ts';
import { isMilestone, RunRecorder, sampleName } from '../../../src/cli/train/recorder.ts';
import type { StepReport } from '../../../src/nn/index.ts';
import { testIo } from '../run-etude.ts';
import { temporaryFolder } from '../temporary-folder.ts';

function recorder(isTTY = true) {
  const { io, stderr } = testIo({ isTTY, columns: 120 });
  const paths = createRunFolder(join(temporaryFolder(), 'run'));
  const log = new LogFile(paths.log);
  const options = {
    terminal: new Terminal(io),
    paths,
    log,
    heads: ['pitch', 'step'],
    sampleNotes: null,
    seed: 1,
  };
  return { recorder: new RunRecorder(options), log, stderr };
}

const step = (changes: Partial<StepReport> = {}): StepReport => ({
  losses: [4, 2],
  loss: 6,
  gradientNorm: 1.5,
  clipped: true,
  epoch: 1,
  step: 1,
  batch: 1,
  epochs: 9,
  batches: 100,
  learningRate: 0.01,
  meanLoss: 5,
  meanLosses: [3.5, 1.5],
  ...changes,
});

describe('what is shown and kept of a training', () => {
  it('shows the epoch, its steps, and the mean loss of each head so far', async () => {
    const { recorder: it, stderr } = recorder();
    await it.onStep(step({ epoch: 3, step: 201 }));
    expect(stderr.text).toMatch(/Epoch 3\/9 +0\/100/);
    await new Promise((resolve) => setTimeout(resolve, 110));
    await it.onStep(step({ epoch: 3, step: 202, batch: 2 }));
    expect(stderr.text).toMatch(/Epoch 3\/9 +2\/100 .* - loss: 5\.0000 - pitch: 3\.5000 - step: 1\.5000/);
  });

  it('shows how much of its time is left, and no number of epochs where there is none', async () => {
    const { recorder: it, stderr } = recorder();
    await it.onStep(step({ epoch: 3, epochs: null, secondsLeft: 65 }));
    await new Promise((resolve) => setTimeout(resolve, 110));
    await it.onStep(step({ epoch: 3, epochs: null, batch: 2, secondsLeft: 64 }));
    expect(stderr.text).toMatch(/Epoch 3 +2\/100 .* 1:04 left/);
  });

  it('does not count the steps before a resumption towards the time of a step', async () => {
    const { recorder: it, stderr } = recorder();
    await it.onStep(step({ epoch: 3, batch: 81 }));
    await new Promise((resolve) => setTimeout(resolve, 110));
    await it.onStep(step({ epoch: 3, batch: 82 }));
    const [, milliseconds] = /82\/100 .* (\d+) ms\/step/.exec(stderr.text)!;
    expect(Number(milliseconds)).toBeGreaterThan(40);
  });

  it('logs every fiftieth step', async () => {
    const { recorder: it, log } = recorder();
    for (const number of [49, 50, 51, 100]) await it.onStep(step({ step: number }));
    expect(log.read()).toEqual([50, 100].map((number) => ({
      event: 'step',
      step: number,
      epoch: 1,
      loss: 6,
      losses: { pitch: 4, step: 2 },
      learningRate: 0.01,
      gradientNorm: 1.5,
      clipped: true,
    }))); // prettier-ignore
  });

  it('lets Ctrl-C and timers have their turn between steps', async () => {
    const { recorder: it } = recorder(false);
    let turns = 0;
    const count = async (): Promise<void> => {
      while (turns < 1000) {
        await setImmediate();
        turns++;
      }
    };
    void count().catch(() => undefined);
    const end = performance.now() + 300;
    while (performance.now() < end) await it.onStep(step());
    expect(turns).toBeGreaterThanOrEqual(3);
  });
});

it('samples are drawn after the epochs 1, 2, 5, 10, 20 and so on', () => {
  const epochs = Array.from({ length: 120 }, (_, i) => i + 1).filter(isMilestone);
  expect(epochs).toEqual([1, 2, 5, 10, 20, 50, 100]);
  expect([5, 1000].map(sampleName)).toEqual(['epoch-005.mid', 'epoch-1000.mid']);
});
