import { describe, expect, it } from 'vitest';
import { PRESETS, type Settings } from '../../../src/music/index.ts';
import type { EpochRecord } from '../../../src/nn/index.ts';
import { groupRuns } from '../../../src/pages/runs/group-runs.ts';
import type { RunSummary } from '../../../src/pages/runs/runs-data.ts';
import { sweepPage, type SweepPageData } from '../../../src/pages/runs/sweep-page.ts';

/** A run whose loss at step 10 is `first`, and `last` at step 40. */
function run(name: string, settings: Partial<Settings>, first: number, last?: number): RunSummary {
  const epoch = (step: number, loss: number): EpochRecord =>
    ({ epoch: step / 10, step, loss: loss + 1, losses: { pitch: 1 }, validation: { loss, losses: { pitch: loss } } }) as unknown as EpochRecord; // prettier-ignore
  const history = last === undefined ? [epoch(10, first)] : [epoch(10, first), epoch(40, last)];
  return { path: name, preset: 'quick', settings: { ...PRESETS.quick, ...settings }, parameters: 9, engine: 'x', history, step: 40, seconds: 1, ended: null, measure: 'm' }; // prettier-ignore
}

const WIDE = Array.from({ length: 12 }, (_, k) =>
  run(`r${k}`, { hiddenSize: k < 6 ? 8 : 64, learningRate: 0.001 * (1 + ((k * 5) % 12)) }, k < 6 ? 5 + k / 10 : 3 + k / 10),
); // prettier-ignore
const data = (runs: readonly RunSummary[], more: Partial<SweepPageData> = {}): SweepPageData => ({
  groups: groupRuns(runs),
  swept: [
    { key: 'hiddenSize', log: false },
    { key: 'learningRate', log: true },
  ],
  planned: runs.length,
  failed: 0,
  complete: true,
  ...more,
});

describe('sweepPage', () => {
  it('draws a line for each run, and says which setting mattered', () => {
    const html = sweepPage(data(WIDE, { generate: 'etude generate sweeps/first/runs/r6 --out new.mid' }));
    expect(html).toContain('<h1>A sweep of 12 runs</h1>');
    expect(html).toContain('<code>etude generate sweeps/first/runs/r6 --out new.mid</code>');
    expect(html).toContain('Best of 12: r6, with a validation loss of 3.60');
    expect(html).toContain('hidden-size mattered: it explains more of the order of the runs than chance would.');
    expect(html.match(/<title>[\d.]+: --hidden-size/g)).toHaveLength(12);
    expect(html).not.toContain('not ended');
  });

  it('is honest where runs are few, where none has an epoch, and where some failed', () => {
    const few = sweepPage(data(WIDE.slice(4, 8), { planned: 9, failed: 1, complete: false }));
    expect(few).toContain('Of 4 runs it cannot be said which setting mattered');
    expect(few).toContain('The sweep has not ended: 4 of its runs have begun.');
    expect(few).toContain('1 run could not be trained.');
    const none = sweepPage(data([{ ...WIDE[0], history: [] }]));
    expect(none).toContain('None of them has finished an epoch.');
    expect(none).not.toContain('<svg');
  });

  it('says that nothing is seen to matter where nothing does', () => {
    const even = WIDE.map((one, k) => run(one.path, one.settings, 3 + ((k * 7) % 12) / 10));
    expect(sweepPage(data(even))).toContain('None of the settings is seen to matter');
  });

  it('compares settings at the first rung, which all have reached', () => {
    // What goes on is better later whatever its settings are; at the first rung the other half is.
    const halved = WIDE.map((one, k) => run(one.path, one.settings, k < 6 ? 3 + k / 10 : 5 + k / 10, k === 11 ? 1 : undefined)); // prettier-ignore
    const html = sweepPage(data(halved, { firstRung: 10 }));
    expect(html).toContain('up to training step 10, which all of them have reached');
    expect(html).toContain('<title>6.10: --hidden-size 64');
    expect(html).toContain('Best of 12: r11, with a validation loss of 1.00');
  });
});
