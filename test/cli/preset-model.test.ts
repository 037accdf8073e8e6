import { expect, it } from 'vitest';
import { modelSpecWithoutData } from '../../src/cli/preset-model.ts';
import { resolveSettings } from '../../src/music/index.ts';
import { parameterCount } from '../../src/nn/index.ts';

it("the tutorial's model has 84,354 parameters", () => {
  expect(parameterCount(modelSpecWithoutData(resolveSettings('tutorial')))).toBe(84_354);
});

it('columns coded as bins have as many classes as the settings allow', () => {
  const settings = resolveSettings('tutorial', { step: 'bins', duration: 'log', bins: 7, velocity: 'number' });
  expect(
    modelSpecWithoutData(settings).heads.map((head) => [head.name, head.kind === 'categorical' ? head.size : 1]),
  ).toEqual([
    ['pitch', 128],
    ['step', 7],
    ['duration', 1],
    ['velocity', 1],
  ]);
});
