import { expect, test } from 'vitest';
import {
  clock,
  correlationText,
  figure,
  keyName,
  partText,
  predictedText,
  summedSurprise,
  pText,
  signed,
  spanText,
} from '../../../../src/pages/study/figures/words.ts';
import { syntheticStudy } from '../../../support/study-data.ts';

test('figures have the digits that matter, and a true minus', () => {
  expect([0, 1.23456, -0.5, 12345.6, 0.00001234, 1e9].map((value) => figure(value))).toEqual([
    '0',
    '1.23',
    '−0.5',
    '12346',
    '1.23e−5',
    '1e9'.replace('1e9', '1.00e9'),
  ]);
  expect([null, undefined, NaN, Infinity].map((value) => figure(value))).toEqual(['–', '–', '–', '–']);
});

test('what is gained or lost says so', () => {
  expect([0.5, -0.5, 0, null].map((value) => signed(value))).toEqual(['+0.5', '−0.5', '0', '–']);
});

test('times are seconds, and minutes from sixty on', () => {
  expect([0, 59.994, 60, 119.96, 187.54].map(clock)).toEqual(['0.00 s', '59.99 s', '1:00.0', '2:00.0', '3:07.5']);
});

test('keys off the keyboard are numbers', () => {
  expect([60, 60.4, -3, 200].map(keyName)).toEqual(['C4', 'C4', '−3', '200']);
  expect(partText('pitch', 61)).toBe('C#4');
  expect(partText('step', 0.25)).toBe('0.25 s');
  expect(partText('velocity', null)).toBe('–');
});

test('a predicted velocity is a number, or the velocities of its class', () => {
  const head = { name: 'velocity', kind: 'categorical' } as const;
  const texts = [0, 1, 2, 3].map((note) => predictedText({ ...head, predicted: [54, 2, 126, null] }, note));
  expect(texts).toEqual(['52–55', '1–3', '124–127', '–']);
  expect(predictedText({ ...head, kind: 'scalar', predicted: [54] }, 0)).toBe('54');
  expect(predictedText({ name: 'pitch', kind: 'categorical', predicted: [61] }, 0)).toBe('C#4');
  const step = { name: 'step', kind: 'categorical', predicted: [null, 0.5, null], ends: [2] } as const;
  expect(
    [0, 1, 2].map((note) => predictedText({ ...step, predicted: [...step.predicted], ends: [...step.ends] }, note)),
  ).toEqual(['–', '0.5 s', 'the end']);
});

test('the surprises of the heads add up to that of a note, where all are in nats', () => {
  const { heads } = syntheticStudy({ notes: 20, units: 8 });
  const nats = heads.map((head) => ({ ...head, unit: 'nats' as const }));
  expect(summedSurprise(nats, 7)).toBeCloseTo(
    nats.reduce((sum, { surprise }) => sum + surprise[7]!, 0),
    12,
  );
  for (const none of [summedSurprise(nats, 0), summedSurprise(heads, 7), summedSurprise(nats.slice(0, 1), 7)]) {
    expect(none).toBeNull();
  }
});

test('p is not said to be smaller than the permutations can tell', () => {
  expect(pText(1 / 500, 499)).toBe('p ≤ 0.002');
  expect(pText(0.25, 499)).toBe('p = 0.250');
});

test('p is never said to be nothing, nor with an exponent', () => {
  expect([0, 3.4e-7, 0.0009].map((p) => pText(p, 499))).toEqual(['p < 0.001', 'p < 0.001', 'p < 0.001']);
  expect([0, 0.0005].map((p) => pText(p, 1999))).toEqual(['p < 0.001', 'p < 0.001']);
});

test('a span that never ended is a least one', () => {
  const known = { steps: 1, seconds: 0.5, atLeastSteps: 1, atLeastSeconds: 0.5, meanHalfLife: 1 };
  expect(spanText(known)).toBe('1 time step (0.5 s)');
  expect(spanText({ ...known, steps: null, seconds: null, atLeastSteps: 80, atLeastSeconds: 12.5 })).toBe(
    'more than 80 time steps (12.5 s)',
  );
});

test('a correlation says with what, and classes where it is strongest', () => {
  expect(correlationText({ with: 'pitch', of: 'h', value: -0.61, p: 0.01, significant: true })).toBe(
    'h with pitch r = −0.61',
  );
  expect(correlationText({ with: 'pitchClass', of: 'c', value: 0.5, p: 0.01, significant: true, peak: 'D' })).toBe(
    'c with pitch class η = 0.5, most at D',
  );
});
