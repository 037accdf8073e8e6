import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { LearningRun } from '../scripts/learning-curves.ts';

const root = resolve(import.meta.dirname, '..');
const text = (name: string): string => readFileSync(resolve(root, name), 'utf8');
const readme = text('README.md').replace(/\s+/g, ' ');

describe('the README', () => {
  it('quotes the curves of the two presets as they were recorded', () => {
    const { best, passedAt } = JSON.parse(text('bench/results/learning.json')) as {
      best: { step: number; pitch: number };
      passedAt: number;
    };
    expect(readme).toContain(
      `\`tutorial\` reaches is ${best.pitch.toFixed(3)} nats, at step ${best.step.toLocaleString('en')}`,
    );
    expect(readme).toContain(`after ${passedAt} steps`);
    expect(passedAt).toBeLessThan(best.step / 10);
  });

  it('quotes the tutorial on five files as it was recorded', () => {
    const { epochs, settings } = JSON.parse(text('bench/results/tutorial.json')) as LearningRun;
    const first = epochs[0];
    const kept = epochs.reduce((a, b) => (b.validationLoss < a.validationLoss ? b : a));
    expect(settings.files).toBe(5);
    expect(epochs.indexOf(kept) + 1).toBe(6);
    expect(readme).toContain(`An epoch has ${first.step} steps`);
    expect(readme).toContain(`the training loss falls from ${first.loss.toFixed(3)} to ${kept.loss.toFixed(3)}`);
    expect(readme).toContain(`from ${first.validationLoss.toFixed(3)} to ${kept.validationLoss.toFixed(3)}`);
    expect(readme).toContain(`after ${epochs.length} epochs`);
    expect(readme).toContain(`${kept.validationPitch.toFixed(2)} nats, is no better than the frequencies baseline`);
  });

  it('names no script and no file that does not exist', () => {
    const { scripts } = JSON.parse(text('package.json')) as { scripts: Record<string, string> };
    for (const [, name] of text('README.md').matchAll(/npm run ([\w:-]+)/g)) expect(scripts).toHaveProperty([name]);
    for (const [, path] of text('README.md').matchAll(/\]\((?!https?:)([^)#]+)\)/g)) {
      expect(existsSync(resolve(root, path)), path).toBe(true);
    }
  });
});
