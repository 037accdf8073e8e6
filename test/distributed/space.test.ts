import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { drawRandom, gridOf } from '../../src/distributed/draw.ts';
import { parseSpace, parseSpaceText, SpaceError } from '../../src/distributed/space.ts';

describe('parseSpace', () => {
  it('reads choices, ranges and fixed values, in the order of the help', () => {
    const space = parseSpace({
      'learning-rate': { from: 0.001, to: 0.1, log: true },
      'hidden-size': [64, 128],
      dropout: { from: 0, to: 0.5 },
      layers: { from: 1, to: 3, steps: 2 },
      embedding: 'none',
      schedule: 'cosine',
    });
    expect(space.map(({ flag, values }) => [flag, values])).toEqual([
      ['embedding', { kind: 'choices', values: [null] }],
      ['layers', { kind: 'range', from: 1, to: 3, log: false, whole: true, steps: 2 }],
      ['hidden-size', { kind: 'choices', values: [64, 128] }],
      ['dropout', { kind: 'range', from: 0, to: 0.5, log: false, whole: false }],
      ['learning-rate', { kind: 'range', from: 0.001, to: 0.1, log: true, whole: false }],
      ['schedule', { kind: 'choices', values: ['cosine'] }],
    ]);
  });

  it.each([
    [[], /expected an object with names of settings/],
    [{}, /expected at least one setting/],
    [{ hiddenSize: 3 }, /no setting "hiddenSize"; it is written "hidden-size"/],
    [{ width: 3 }, /no setting "width"; the settings are files, .*hidden-size/],
    [{ 'hidden-size': 0 }, /"hidden-size": expected a whole number from 1 to 8,192, .*got 0/],
    [{ 'hidden-size': [64, '128'] }, /got "128"/],
    [{ 'hidden-size': [] }, /expected at least one choice/],
    [{ 'hidden-size': [64, 64] }, /64 is listed twice/],
    [{ schedule: ['cosine', 'quick'] }, /expected constant, cosine, linear or plateau, .*got "quick"/],
    [{ schedule: { from: 1, to: 2 } }, /only numbers have ranges/],
    [{ dropout: { from: 0, to: 1 } }, /"to" of the range: expected a number of at least 0 and below 1, got 1/],
    [{ dropout: { from: 0.5, to: 0.1 } }, /from a smaller to a larger number/],
    [{ dropout: { from: 0, to: 0.1, log: true } }, /a logarithmic range begins above 0/],
    [{ dropout: { from: 0, to: 0.1, log: 'yes' } }, /expected true or false, got "yes"/],
    [{ dropout: { from: 0, to: 0.1, steps: 1 } }, /expected a whole number from 2 to 1,000/],
    [{ dropout: { min: 0, max: 0.1 } }, /a range has no "min"; expected from, to, log and steps/],
    [{ layers: { from: 1, to: 2.5 } }, /"to" of the range: expected a whole number/],
    [{ minutes: 3 }, /"minutes" cannot be swept: a run that ends by the clock/],
  ])('refuses %j', (json, message) => {
    expect(() => parseSpace(json)).toThrow(SpaceError);
    expect(() => parseSpace(json)).toThrow(message);
  });

  it('names the file', () => {
    expect(() => parseSpaceText('{', 'space.json')).toThrow(/^space\.json: expected JSON/);
    expect(() => parseSpaceText('{"width":1}', 'space.json')).toThrow(/^space\.json: there is no setting/);
  });
});

it('reads the example, which is that of the documentation', () => {
  const text = (path: string): string => readFileSync(resolve(import.meta.dirname, '../..', path), 'utf8');
  const example = text('examples/distributed/space.json');
  expect(drawRandom(parseSpaceText(example, 'space.json').space, 16, 42)).toHaveLength(16);
  expect(/```json\n([^]*?)```/.exec(text('docs/distributed.md'))![1]).toBe(example);
});

describe('drawRandom', () => {
  const space = parseSpace({
    'hidden-size': [8, 16, 32],
    layers: { from: 1, to: 4 },
    'batch-size': { from: 1, to: 64, log: true },
    'learning-rate': { from: 1e-4, to: 1e-1, log: true },
    dropout: { from: 0, to: 0.5 },
  });

  it('draws the same runs for the same seed, others for another, and more begin with those of fewer', () => {
    const few = drawRandom(space, 10, 7);
    expect(drawRandom(space, 10, 7)).toEqual(few);
    expect(drawRandom(space, 25, 7).slice(0, 10)).toEqual(few);
    expect(drawRandom(space, 10, 8)).not.toEqual(few);
  });

  it('spreads over each range on its scale, and stays inside', () => {
    const runs = drawRandom(space, 4000, 1);
    const share = (of: (run: (typeof runs)[number]) => boolean): number => runs.filter(of).length / runs.length;
    for (const size of [8, 16, 32]) expect(share(({ hiddenSize }) => hiddenSize === size)).toBeCloseTo(1 / 3, 1);
    for (const layers of [1, 2, 3, 4]) expect(share((run) => run.layers === layers)).toBeCloseTo(1 / 4, 1);
    expect(share(({ learningRate }) => learningRate! < 1e-3)).toBeCloseTo(1 / 3, 1);
    expect(share(({ dropout }) => dropout! < 0.1)).toBeCloseTo(1 / 5, 1);
    // 1 has the stretch from 1 to 2 on a scale from 1 to 65.
    expect(share(({ batchSize }) => batchSize === 1)).toBeCloseTo(Math.log(2) / Math.log(65), 1);
    expect(runs.every((run) => run.learningRate! >= 1e-4 && run.learningRate! <= 1e-1)).toBe(true);
    expect(runs.every((run) => run.batchSize! >= 1 && run.batchSize! <= 64)).toBe(true);
  });

  it('draws no run twice, and ends where all are drawn', () => {
    const small = parseSpace({ layers: [1, 2], 'hidden-size': { from: 8, to: 10 } });
    const runs = drawRandom(small, 50, 3);
    expect(new Set(runs.map((run) => JSON.stringify(run))).size).toBe(6);
    expect(runs).toHaveLength(6);
  });
});

describe('gridOf', () => {
  it('combines all values, and takes steps of ranges', () => {
    const grid = gridOf(
      parseSpace({ layers: [1, 2], 'learning-rate': { from: 0.001, to: 0.1, log: true, steps: 3 }, seed: 5 }),
    );
    expect(grid.map(({ layers, learningRate, seed }) => [layers, learningRate, seed])).toEqual([
      [1, 0.001, 5],
      [1, 0.01, 5],
      [1, 0.1, 5],
      [2, 0.001, 5],
      [2, 0.01, 5],
      [2, 0.1, 5],
    ]);
  });

  it('asks for the steps of a range, and counts what would come of it', () => {
    expect(() => gridOf(parseSpace({ dropout: { from: 0, to: 0.5 } }))).toThrow(
      /"dropout": a grid takes values.*add "steps"/,
    );
    expect(() => gridOf(parseSpace({ layers: { from: 1, to: 3, steps: 4 } }))).toThrow(/no 4 different values/);
    const wide = { from: 0, to: 0.5, steps: 1000 };
    expect(() => gridOf(parseSpace({ dropout: wide, 'input-dropout': wide }))).toThrow(/1,000,000 runs/);
  });
});
